"""Use cases around the product's own downtime: notice it once, and give people back the time that they lost."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, literal_column, or_, select
from sqlalchemy.orm import Session

from booking.changes import jobs as changes
from booking.changes import outbox
from booking.db import db, transaction
from booking.domain.downtime import LONGEST_SILENCE, downtime, moved_deadline
from booking.domain.lifecycle import State
from booking.domain.outbox import NOTICES
from booking.domain.windows import Window
from booking.models.bookings import Booking
from booking.models.change_requests import ChangeRequest
from booking.models.jobs import Downtime
from booking.queries.jobs import last_beat


def serve(*, who: str, now: datetime) -> int:
    """Say that a web process is alive; answers how many bookings got time back.

    The first one to say so after a long silence writes down the downtime and moves the deadlines of people, in one
    transaction; the others wait for it, and find nothing to do.
    """
    with transaction() as session:
        last = last_beat(session, "web", lock=True)
        down = downtime(last, now) if last else None
        moved = _give_back(session, down, now) if down else 0
        changes.beat(session, "web", who=who, now=now)
    return moved


def is_silent(now: datetime) -> bool:
    """Whether web processes have served before and none does now, so that people cannot meet their deadlines."""
    session = db.session()
    last = last_beat(session, "web")
    session.rollback()
    return last is not None and now - last > LONGEST_SILENCE


def _give_back(session: Session, down: Window, now: datetime) -> int:
    """Move deadlines; who would have missed one hears of it, who has time enough anyway is not bothered."""
    missed: list[int] = []
    moved = 0
    for booking in _awaited(session, down):
        first = min(deadline for deadline in (booking.hold_until, booking.check_in_until) if deadline)
        if _move(booking, down):
            moved += 1
            missed += [booking.id] if first < down.end else []
    for request in _awaited_requests(session, down):
        first = request.hold_until
        request.hold_until = moved_deadline(first, down, opens=request.created_at, at_most=request.begins_at)
        if request.hold_until != first:
            moved += 1
            missed += [request.booking_id] if first < down.end else []
    session.add(Downtime(starts_at=down.start, ends_at=down.end, moved=moved))
    session.flush()
    outbox.tell_all(session.connection(), [_notice(booking_id, now) for booking_id in dict.fromkeys(missed)])
    return moved


def _awaited(session: Session, down: Window) -> Sequence[Booking]:
    """The bookings that somebody had to answer or check in to, and still could, locked in the order of their ids."""
    chosen = (
        select(Booking)
        .where(
            or_(
                and_(_in(State.OFFERED), Booking.hold_until > down.start),
                and_(_in(State.PENDING), Booking.hold_until > down.start),
                and_(_in(State.CONFIRMED), Booking.check_in_until > down.start, Booking.check_in_from < down.end),
            )
        )
        .order_by(Booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(chosen).all()


def _awaited_requests(session: Session, down: Window) -> Sequence[ChangeRequest]:
    """The change requests that somebody had to answer, and still could, locked after their bookings."""
    due = (ChangeRequest.state == literal_column("'open'"), ChangeRequest.hold_until > down.start)
    bookings = select(ChangeRequest.booking_id).where(*due)
    session.execute(select(Booking.id).where(Booking.id.in_(bookings)).order_by(Booking.id).with_for_update())
    chosen = select(ChangeRequest).where(*due).order_by(ChangeRequest.id).with_for_update()
    return session.scalars(chosen.execution_options(populate_existing=True)).all()


def _in(state: State) -> ColumnElement[bool]:
    """A state as a literal, so that the partial index of that state can answer."""
    return Booking.state == literal_column(f"'{state}'")


def _move(booking: Booking, down: Window) -> bool:
    """Move what can be moved of one booking; answers whether anything was."""
    before = booking.hold_until, booking.check_in_until
    if booking.hold_until:
        booking.hold_until = moved_deadline(
            booking.hold_until, down, opens=booking.created_at, at_most=booking.starts_at
        )
    if booking.check_in_until and booking.check_in_from and not booking.checked_in_at:
        booking.check_in_until = moved_deadline(
            booking.check_in_until, down, opens=booking.check_in_from, at_most=booking.ends_at
        )
    if before == (booking.hold_until, booking.check_in_until):
        return False
    booking.version += 1
    return True


def _notice(booking_id: int, now: datetime) -> outbox.Row:
    return outbox.row(
        NOTICES, f"booking:{booking_id}", "deadline_moved", {"by": "scheduler"}, now=now, booking_id=booking_id
    )
