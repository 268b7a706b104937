"""A booking as it stands: what it asks for, for whom it waits, and when its team has access."""

from dataclasses import replace
from typing import Any

import pytest

from booking.domain.bookings import BookedClaim, Booking
from booking.domain.ledger import Terms
from booking.domain.lifecycle import State
from tests.domain.examples import at, hours, order, together


def claim(resource: int, **fields: Any) -> BookedClaim:
    plain = BookedClaim(
        resource_id=resource,
        resource=f"pool-{resource}",
        kind="pool",
        organisation_id=10 * resource,
        grid_minutes=15,
        units=8,
        terms=Terms(8, hours(10, 12)),
        occupied=hours(10, 12),
    )
    return replace(plain, **fields)


def booking(state: State = State.CONFIRMED, *claims: BookedClaim, **fields: Any) -> Booking:
    plain = Booking(
        id=1,
        team_id=1,
        team="traffic",
        state=state,
        window=hours(10, 12),
        claims=claims or (claim(1),),
        purpose="training",
        unit_seconds=57_600,
        version=1,
        created_at=at(0),
        created_by=None,
    )
    return replace(plain, **fields)


def test_a_booking_is_judged_again_as_the_order_it_was():
    assert booking().order() == order(8, hours(10, 12))
    both = booking(State.CONFIRMED, claim(1), claim(2, units=1))
    assert both.order() == together(hours(10, 12), (1, 8), (2, 1))
    assert (both.resource_ids, both.owners) == ((1, 2), {10, 20})


def test_it_waits_for_those_owners_who_have_not_answered():
    one = booking(State.PENDING, claim(1, approval="given"), claim(2, approval="waiting"), claim(3))
    assert one.waiting_for == {2}


def test_a_booking_that_waits_without_holding_occupies_nothing():
    assert booking().holds
    assert not booking(State.PENDING, claim(1, occupied=None)).holds


@pytest.mark.parametrize(("hour", "is_open"), [(9.99, False), (10, True), (11.99, True), (12, False)])
@pytest.mark.parametrize("state", [State.CONFIRMED, State.ACTIVE])
def test_access_is_open_inside_the_window_whatever_the_scheduler_has_done(state, hour, is_open):
    assert booking(state).access_open(at(hour)) is is_open


@pytest.mark.parametrize("state", sorted(set(State) - {State.CONFIRMED, State.ACTIVE}))
def test_access_is_closed_in_every_other_state(state):
    assert not booking(state).access_open(at(11))


def test_access_ends_with_the_grace_where_nobody_checked_in():
    asked = booking(check_in_until=at(10, 30))
    assert asked.access_open(at(10, 29, 59))
    assert not asked.access_open(at(10, 30))
    assert replace(asked, checked_in_at=at(9, 50)).access_open(at(10, 30))
    assert replace(asked, state=State.ACTIVE).access_open(at(10, 30))
