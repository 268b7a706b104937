"""What the clock asks of many bookings at once: those that are plain, in one transaction for all of a batch.

They are locked in the order that everyone keeps, judged by the same rules as one by itself, and leave the same rows. No
resource is locked, for none of its units are freed; so whoever books does not wait for a batch.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from booking.changes import bookings as changes
from booking.db import quick_transaction
from booking.domain.bookings import Booking
from booking.domain.lifecycle import State, move
from booking.domain.policies import Charge
from booking.queries import bookings, grants
from booking.services.holdings import DUE, ENDED, STARTED, SYSTEM, end_prices


def settle_batch(what: str, booking_ids: Sequence[int], *, now: datetime) -> tuple[int, list[int]]:
    """Do what is due (`start`, `complete`) for all of these or none; how many it was due for, and whom it is no use to.

    Those are left to be settled one by one, after this.
    """
    with quick_transaction() as connection:
        return _BATCHES[what](connection, booking_ids, now)


def _start(connection: Connection, booking_ids: Sequence[int], now: datetime) -> tuple[int, list[int]]:
    found = bookings.lock_bookings(connection, booking_ids, history=False)
    due = [one for one in found if DUE["start"](one, now)]
    for one in due:
        move(one.state, State.ACTIVE, "start")
    if due:
        changes.record_all(connection, due, State.ACTIVE, now=now, by=SYSTEM, reason=STARTED)
    return len(due), []


def _complete(connection: Connection, booking_ids: Sequence[int], now: datetime) -> tuple[int, list[int]]:
    grants.lock_grants(connection, bookings.teams_of(connection, booking_ids))
    found = bookings.lock_bookings(connection, booking_ids, history=False)
    due = [one for one in found if DUE["complete"](one, now)]
    plain = [one for one in due if _is_plain(one, now)]
    for one in plain:
        move(one.state, State.COMPLETED, "complete")
    if plain:
        held = grants.held_by_many(connection, [one.id for one in plain])
        ended = [(one, held.get(one.id, {}), end_prices(one, State.COMPLETED, now, now)) for one in plain]
        changes.settle_all(connection, ended, now=now, by=SYSTEM, reason=ENDED)
        changes.record_all(connection, plain, State.COMPLETED, now=now, by=SYSTEM, reason=ENDED, ended_at=now)
    return len(plain), [one.id for one in due if one not in plain]


def _is_plain(booking: Booking, now: datetime) -> bool:
    """Whether its end is a price, and nothing besides: no measure to wait for, no request to end, no units to free."""
    if booking.change_request is not None:
        return False
    return all(
        claim.terms.charge is Charge.BOOKED and (claim.occupied is None or claim.occupied.end <= now)
        for claim in booking.claims
    )


_BATCHES: dict[str, Callable[[Connection, Sequence[int], datetime], tuple[int, list[int]]]] = {
    "start": _start,
    "complete": _complete,
}
