"""An edit is judged on what it changes: a shrink is always allowed, a growth meets every rule."""

from dataclasses import replace

import pytest

from booking.domain.admission import admit
from booking.domain.lifecycle import State
from booking.domain.orders import Order, Situation, Use
from booking.domain.refusals import Code
from tests.domain.examples import (
    TEAM,
    at,
    blocks,
    codes,
    dataset,
    grant,
    hours,
    minutes,
    order,
    pool,
    situation,
    together,
)

HOUR = 3600


def edited(asked: Order, standing: Order, here: Situation) -> list[Code]:
    return codes(admit(asked, here, standing=standing).refusals)


STANDING = together(hours(10, 14), (1, 8), (2, 2))
HOSTILE = situation(
    pool(units=0, max_minutes=1, max_units=1, max_units_per_team=1, max_concurrent_bookings=0, notice_minutes=9999,
         horizon_days=0, eligible_kinds=(), requires_course="safety", auto_approve_unit_hours=0, state="retired",
         weight_percent=500),
    dataset(2, seats=0, access="onsite", facility_id=9, min_minutes=9999),
    now=at(9),
    team=replace(TEAM, state="suspended", strikes_until=at(day=9)),
    grants=[],
)  # fmt: skip
SHRINKS = {
    "as it is": STANDING,
    "shorter": together(hours(10, 12), (1, 8), (2, 2)),
    "later": together(hours(11, 14), (1, 8), (2, 2)),
    "fewer units": together(hours(10, 14), (1, 1), (2, 1)),
    "one claim less": together(hours(10, 14), (1, 8)),
}


@pytest.mark.parametrize("asked", SHRINKS.values(), ids=SHRINKS)
def test_a_shrink_is_always_allowed_whatever_became_of_team_resource_policy_and_quota(asked):
    decision = admit(asked, HOSTILE, standing=STANDING)
    assert decision.refusals == ()
    assert (decision.state, decision.approvals) == (State.CONFIRMED, frozenset())


GROWTHS = {
    "longer": together(hours(10, 14.25), (1, 8), (2, 2)),
    "earlier": together(hours(9.75, 14), (1, 8), (2, 2)),
    "moved": together(hours(10.25, 14.25), (1, 8), (2, 2)),
    "more units": together(hours(10, 14), (1, 9), (2, 2)),
    "more of one, less of the other": together(hours(10, 14), (1, 9), (2, 1)),
    "more units, shorter": together(hours(10, 11), (1, 9), (2, 2)),
}


@pytest.mark.parametrize("asked", GROWTHS.values(), ids=GROWTHS)
def test_a_growth_meets_every_rule(asked):
    unlike_new = {Code.TOO_SOON} if asked.window.start == STANDING.window.start else set()
    new = set(codes(admit(asked, HOSTILE).refusals))
    assert set(edited(asked, STANDING, HOSTILE)) == new - unlike_new
    assert Code.CAPACITY_EXCEEDED in new


def test_another_resource_is_a_growth():
    other = situation(pool(), pool(2, held=blocks((10, 12, 64))))
    assert edited(order(8, of=2), order(8), other) == [Code.CAPACITY_EXCEEDED]


def test_a_shrink_still_keeps_to_grid_and_step():
    here = situation(pool(unit_step=4))
    assert edited(order(8, minutes(600, 713)), order(8), here) == [Code.OFF_GRID]
    assert edited(order(6), order(8), here) == [Code.OFF_STEP]


def test_what_an_edit_leaves_alone_may_lie_off_grid_and_step():
    # The policy was changed after the booking was made.
    here, standing = situation(pool(grid_minutes=60, unit_step=4)), order(6, minutes(615, 735))
    assert edited(order(6, minutes(615, 720)), standing, here) == []
    assert edited(order(6, minutes(615, 780)), standing, here) == []
    assert edited(order(4, minutes(615, 735)), standing, here) == []
    assert edited(order(8, minutes(615, 750)), standing, here) == [Code.OFF_GRID]


def test_the_start_of_a_running_booking_is_not_in_the_past():
    running = situation(now=at(11, 7))
    assert edited(order(8, hours(10, 13)), order(8), running) == []
    assert edited(order(9, hours(10, 12)), order(8), running) == []
    assert edited(order(8, hours(9, 12)), order(8), running) == [Code.IN_THE_PAST]
    assert edited(order(9, hours(10.5, 12)), order(8), running) == [Code.IN_THE_PAST]


def test_the_notice_is_for_a_start_that_is_new():
    here = situation(pool(notice_minutes=240), now=at(9))
    assert edited(order(8, hours(10, 13)), order(8), here) == []
    assert edited(order(8, hours(11, 13)), order(8), here) == [Code.TOO_SOON]


def test_its_own_hold_is_not_counted_against_an_edit():
    # The situation leaves out what the standing order holds, of capacity, of quota and of the team's own use.
    tight = pool(units=16, max_units_per_team=16, max_concurrent_bookings=1, held=blocks((10, 12, 4)))
    here = situation(tight, grants=[grant(1, 24 * HOUR)], uses={1: Use(units=blocks((10, 12, 4)))})
    assert edited(order(12), order(8), here) == []
    assert set(edited(order(13), order(8), here)) == {
        Code.CAPACITY_EXCEEDED, Code.QUOTA_EXCEEDED, Code.CONCURRENCY_EXCEEDED,
    }  # fmt: skip


def test_a_growth_asks_for_approval_again_and_a_shrink_does_not():
    here = situation(pool(auto_approve_unit_hours=15))
    assert admit(order(8, hours(10, 13)), here, standing=order(8)).approvals == {1}
    assert admit(order(8, hours(10, 11.75)), here, standing=order(8)).approvals == frozenset()
