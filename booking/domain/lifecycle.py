"""The life of a booking: its states and the moves between them."""

from enum import StrEnum

from booking.domain.errors import IllegalMove


class State(StrEnum):
    """Where a booking stands."""

    OFFERED = "offered"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    NO_SHOW = "no_show"
    REVOKED = "revoked"


MOVES: dict[State, frozenset[State]] = {
    State.OFFERED: frozenset({State.PENDING, State.CONFIRMED, State.EXPIRED, State.DECLINED, State.CANCELLED}),
    State.PENDING: frozenset({State.CONFIRMED, State.EXPIRED, State.DECLINED, State.CANCELLED}),
    State.CONFIRMED: frozenset({State.ACTIVE, State.CANCELLED, State.NO_SHOW, State.REVOKED}),
    State.ACTIVE: frozenset({State.COMPLETED, State.REVOKED}),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
    State.DECLINED: frozenset(),
    State.EXPIRED: frozenset(),
    State.NO_SHOW: frozenset(),
    State.REVOKED: frozenset(),
}

OPEN = frozenset(state for state, moves in MOVES.items() if moves)
"""The states of bookings that can still change; they hold capacity and quota."""


def move(state: State, to: State, verb: str) -> State:
    """The state after a legal move; IllegalMove names the state where the table has none."""
    if to not in MOVES[state]:
        raise IllegalMove(state, verb)
    return to
