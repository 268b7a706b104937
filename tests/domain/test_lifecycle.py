"""A booking moves along the diagram of its life and in no other way."""

from itertools import pairwise, product

import pytest

from booking.domain.errors import IllegalMove
from booking.domain.lifecycle import MOVES, OPEN, State, move

# The diagram as it is drawn: the row of arrows, and below each state its other ends.
PATH = ["offered", "pending", "confirmed", "active", "completed"]
ENDS = {
    "offered": ["expired", "declined", "cancelled"],
    "pending": ["expired", "declined", "cancelled"],
    "confirmed": ["cancelled", "no_show", "revoked"],
    "active": ["revoked"],
}
# "Under every owner's auto-approval threshold a booking goes straight to confirmed": also one that was offered.
STRAIGHT = {("offered", "confirmed")}

DRAWN = {*pairwise(PATH), *((state, end) for state in ENDS for end in ENDS[state]), *STRAIGHT}


@pytest.mark.parametrize(("state", "to"), sorted(product(State, State)))
def test_a_move_is_legal_exactly_where_the_diagram_has_an_arrow(state, to):
    if (state, to) in DRAWN:
        assert move(state, to, "try") is to
        return
    with pytest.raises(IllegalMove, match=rf"This is {state}, so that “try” is not possible") as illegal:
        move(state, to, "try")
    assert (illegal.value.state, illegal.value.verb) == (state, "try")


def test_the_table_has_every_state_and_nothing_but_the_arrows():
    assert set(MOVES) == set(State)
    assert {(state.value, to.value) for state, ends in MOVES.items() for to in ends} == DRAWN


def test_the_states_that_hold_capacity_and_quota_are_the_open_ones():
    assert {state.value for state in OPEN} == {"offered", "pending", "confirmed", "active"}


def test_every_state_but_the_first_two_can_be_reached():
    # A booking begins as offered, pending or confirmed.
    reached = {to for ends in MOVES.values() for to in ends}
    assert set(State) - reached == {State.OFFERED}
