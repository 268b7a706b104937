"""The use case of looking at what waits for approval: what the evaluator would say to each at this moment."""

from collections.abc import Sequence
from datetime import datetime

from booking.db import db
from booking.domain.admission import admit
from booking.domain.bookings import Booking
from booking.domain.orders import Decision, Situation
from booking.queries.judgements import asked_of, situations


def answers_now(bookings: Sequence[Booking], *, now: datetime) -> dict[int, Decision]:
    """The evaluator's answer to an approval of each booking, or of its change request, by the booking's id.

    Advisory, as nothing is locked meanwhile.
    """
    with db.engine.connect() as connection:
        against = situations(connection, bookings, now)
    return {one.id: _answer(one, against[one.id]) for one in bookings}


def _answer(booking: Booking, situation: Situation) -> Decision:
    standing = booking.order() if booking.change_request else None
    return admit(asked_of(booking), situation, standing=standing, approved=True)
