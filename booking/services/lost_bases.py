"""What the clock does to bookings that have lost their basis: none outlives its dataset, permit or training."""

from datetime import datetime

from booking.db import db, transaction
from booking.domain.jobs import JobResult, each
from booking.queries.lost_bases import lost_bases, lost_since
from booking.services import holdings


def revoke_without_permit_or_training(now: datetime) -> JobResult:
    """Bookings of restricted data without a permit, of withdrawn data, and of who has lost the training for it, end.

    What was confirmed or runs is revoked and charged for what was served while there was access; what still waited is
    declined.
    """
    with db.engine.connect() as connection:
        todo = lost_bases(connection, now)
    return each(todo, lambda booking_id: _revoke(booking_id, now))


def _revoke(booking_id: int, now: datetime) -> bool:
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        lost = lost_since(held.connection, booking_id, now)
        if lost is None:
            return False
        reason, since = lost
        to, verb = holdings.forced_end(held.booking)
        prices = holdings.end_prices(held.booking, to, now, min(since, now))
        holdings.end(held, to, verb, now=now, by=holdings.SYSTEM, reason=reason, prices=prices)
        return True
