"""The use case of looking at what waits for approval: what the evaluator would say to each at this moment."""

from collections.abc import Sequence
from datetime import datetime

from booking.db import db
from booking.domain.admission import admit
from booking.domain.bookings import Booking
from booking.domain.orders import Decision
from booking.queries.judgements import situations


def answers_now(bookings: Sequence[Booking], *, now: datetime) -> dict[int, Decision]:
    """The evaluator's answer to an approval of each booking, by id; advisory, as nothing is locked meanwhile."""
    with db.engine.connect() as connection:
        against = situations(connection, bookings, now)
    return {one.id: admit(one.order(), against[one.id], approved=True) for one in bookings}
