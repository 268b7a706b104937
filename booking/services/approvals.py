"""The use case of looking at what waits for approval: what the evaluator would say to each at this moment."""

from collections.abc import Sequence
from datetime import datetime

from booking.db import db
from booking.domain.admission import admit
from booking.domain.bookings import Booking
from booking.domain.lifecycle import State
from booking.domain.orders import Decision, Situation
from booking.domain.rivalry import ShutOut, Waiting, shut_out
from booking.queries.agendas import rivals
from booking.queries.judgements import asked_of, situations


def shut_out_by(bookings: Sequence[Booking], *, now: datetime) -> dict[int, list[ShutOut]]:
    """Which other waiting bookings a yes to each would shut out, by id; only where it holds nothing meanwhile.

    Others of the same owner may be among them, and of other teams; advisory, as nothing is locked.
    """
    idle = [one for one in bookings if one.state is State.PENDING and not one.holds]
    with db.engine.connect() as connection:
        others = rivals(connection, idle)
        against = situations(connection, list({one.id: one for one in [*idle, *others]}.values()), now)
    waiting = {one.id: Waiting(one.id, one.order(), against[one.id]) for one in [*idle, *others]}
    return {
        one.id: list(shut_out(waiting[one.id], (waiting[other.id] for other in others if _meet(one, other))))
        for one in idle
    }


def _meet(one: Booking, other: Booking) -> bool:
    """Whether they want something of the same at the same time, or quota of the same team."""
    shares = bool(set(one.resource_ids) & set(other.resource_ids)) and one.window.overlaps(other.window)
    return shares or one.team_id == other.team_id


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
