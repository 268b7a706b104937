"""Use cases of the clock on bookings: start, complete, expire, release no-shows, remind."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select, update

from booking.changes import bookings as changes
from booking.db import db, transaction
from booking.domain.jobs import JobResult, each, in_batches
from booking.domain.lifecycle import State
from booking.models.bookings import Booking
from booking.queries import bookings
from booking.services import holdings
from booking.services.due_batches import settle_batch

REMINDED_BEFORE = timedelta(hours=1)

PAGE = 1_000
"""How many are read together."""

BATCH = 250
"""How many are settled in one transaction: nobody waits long for its locks."""


def start_due(now: datetime) -> JobResult:
    """Confirmed bookings whose window began become active, where check-in is not asked for or was done."""
    return _settle_many("start", now)


def complete_due(now: datetime) -> JobResult:
    """Active bookings whose window ended are completed, charged, and their rest released."""
    return _settle_many("complete", now)


def expire_due(now: datetime) -> JobResult:
    """Holds and offers that nobody answered in time lapse."""
    return _settle_each("expire", now)


def release_no_shows(now: datetime) -> JobResult:
    """Confirmed bookings that nobody checked in to are released once their grace is over."""
    return _settle_each("no_show", now)


def remind_of_starts(now: datetime) -> JobResult:
    """Teams hear of a booking that starts within the hour, once, and not of one that was given up."""
    todo = _due("remind", {"now": now, "soon": now + REMINDED_BEFORE})
    return each(todo, lambda booking_id: _remind(booking_id, now))


def _settle_each(what: str, now: datetime) -> JobResult:
    return each(_due(what, {"now": now}), partial(_settle, what, now=now))


def _settle_many(what: str, now: datetime) -> JobResult:
    """Everything that is due, page by page: those that failed stay due, and are passed over."""
    many, one = partial(settle_batch, what, now=now), partial(_settle, what, now=now)
    result = JobResult()
    while page := _due(what, {"now": now}, skip=len(result.errors)):
        done = in_batches(page, BATCH, many, one)
        result += done
        if done == JobResult():
            break
    return result


def _settle(what: str, booking_id: int, *, now: datetime) -> bool:
    with transaction() as session:
        return holdings.settle(session, what, booking_id, now=now)


def _remind(booking_id: int, now: datetime) -> bool:
    with transaction() as session:
        connection = session.connection()
        standing = select(Booking.state, Booking.reminded_at).where(Booking.id == booking_id).with_for_update()
        state, reminded_at = connection.execute(standing).one()
        if state != State.CONFIRMED or reminded_at is not None:
            return False
        connection.execute(update(Booking).where(Booking.id == booking_id).values(reminded_at=now))
        changes.notify(connection, booking_id, "reminder", now=now)
        return True


def _due(what: str, moments: dict[str, datetime], *, skip: int = 0) -> list[int]:
    with db.engine.connect() as connection:
        return bookings.due(connection, what, moments, limit=PAGE, skip=skip)
