"""The one evaluator: every reason at once, edits by what they change, approvals, deadlines, and never too much."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from booking.domain.admission import admit, after
from booking.domain.ledger import Line
from booking.domain.lifecycle import State
from booking.domain.orders import Decision, Order, Use
from booking.domain.policies import Quota
from booking.domain.refusals import Code, Refused
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
    spoken,
    together,
)

HOUR = 3600


def test_an_order_that_breaks_many_rules_hears_all_of_them_at_once():
    crowded = pool(
        units=4, max_minutes=60, horizon_days=0, max_units=2, max_units_per_team=2, unit_step=3, state="retired",
        eligible_kinds=("enterprise",), eligible_regions=("Beijing",), requires_course="safety",
    )  # fmt: skip
    asked = together(minutes(601, 720), (1, 8), (2, 1))
    here = situation(
        crowded, dataset(2, facility_id=2, access="onsite"), team=replace(TEAM, state="suspended"), grants=[]
    )
    said = admit(asked, here).refusals
    assert set(codes(said)) == {
        Code.OFF_GRID, Code.OFF_STEP, Code.RESOURCE_CLOSED, Code.NOT_ELIGIBLE, Code.TRAINING_MISSING, Code.TOO_LONG,
        Code.TOO_MANY_UNITS, Code.CONCURRENCY_EXCEEDED, Code.BEYOND_HORIZON, Code.TEAM_SUSPENDED,
        Code.NOT_USABLE_HERE, Code.QUOTA_EXCEEDED, Code.CAPACITY_EXCEEDED,
    }  # fmt: skip
    assert all(spoken(refusal) in str(Refused(said)) for refusal in said)


def test_an_admitted_order_is_confirmed_with_its_terms_and_its_draws():
    decision = admit(order(8), situation(pool(weight_percent=300, late_cancel_percent=50)))
    assert (decision.refusals, decision.state, decision.holds) == ((), State.CONFIRMED, True)
    assert (decision.hold_until, decision.check_in_from, decision.check_in_until) == (None, None, None)
    assert decision.lines == {1: (Line(1, None, 48 * HOUR),)}
    assert decision.terms[1].late_cancel_percent == 50
    assert decision.cost == decision.terms[1].whole == 48 * HOUR
    assert decision.grants[0].held == 48 * HOUR


def test_the_price_is_known_where_nothing_is_held_or_drawn():
    asked = order(8)
    refused = admit(asked, situation(grants=[]))
    waiting = admit(asked, situation(pool(auto_approve_unit_hours=0, hold_minutes=0)))
    assert refused.cost == waiting.cost == 16 * HOUR
    assert admit(asked, situation(pool(quota=Quota.NONE))).cost == 0


def test_a_pool_and_a_seat_are_admitted_together_or_not_at_all():
    asked = together(hours(10, 12), (1, 16), (2, 1))
    both = admit(asked, situation(pool(), dataset()))
    assert both.lines == {1: (Line(1, None, 32 * HOUR),), 2: (Line(2, None, 2 * HOUR),)}
    full = admit(asked, situation(pool(), dataset(held=blocks((11, 12, 2)))))
    assert codes(full.refusals) == [Code.CAPACITY_EXCEEDED]


# Approvals -----------------------------------------------------------------------------------------------------------


def decided(asked: Order, *resources: Any, **more: Any) -> Decision:
    decision = admit(asked, situation(*resources, **more))
    assert decision.refusals == ()
    return decision


@pytest.mark.parametrize(
    ("threshold", "recent_hours", "asks"),
    [
        (None, 10_000, False),
        (16, 0, False),
        (15, 0, True),
        (0, 0, True),
        (20, 4, False),
        # Split in two it is sixteen and four all the same.
        (19, 4, True),
    ],
)
def test_the_owner_is_asked_where_this_and_the_last_seven_days_pass_the_threshold(threshold, recent_hours, asks):
    recent = {1: Use(recent_unit_seconds=recent_hours * HOUR)}
    decision = decided(order(8), pool(auto_approve_unit_hours=threshold), uses=recent)
    assert decision.approvals == ({1} if asks else frozenset())
    assert decision.state is (State.PENDING if asks else State.CONFIRMED)


def test_one_second_over_the_threshold_is_over_it():
    recent = {1: Use(recent_unit_seconds=4 * HOUR + 1)}
    assert decided(order(8), pool(auto_approve_unit_hours=20), uses=recent).approvals == {1}


def test_only_the_owners_concerned_are_asked():
    asked = together(hours(10, 12), (1, 8), (2, 1), (3, 1))
    strict, plain, seat = pool(1, auto_approve_unit_hours=0), pool(3), dataset(2, auto_approve_unit_hours=0)
    assert decided(asked, strict, plain, seat).approvals == {1, 2}


def test_after_no_shows_every_owner_is_asked_until_the_strike_is_over():
    struck = replace(TEAM, strikes_until=at(1))
    assert decided(order(), pool(), team=struck).approvals == {1}
    assert decided(order(), pool(), team=struck, now=at(1)).approvals == frozenset()


@pytest.mark.parametrize(
    ("hold_minutes", "until"),
    [(60, at(1)), (599, at(9, 59)), (600, at(10)), (601, at(10)), (2880, at(10)), (None, at(10)), (0, at(10))],
)
def test_a_pending_booking_is_held_for_its_minutes_and_never_past_its_start(hold_minutes, until):
    assert decided(order(), pool(auto_approve_unit_hours=0, hold_minutes=hold_minutes)).hold_until == until


def test_the_shortest_hold_of_several_resources_counts():
    asked = together(hours(10, 12), (1, 8), (2, 1))
    strict, brief = pool(auto_approve_unit_hours=0, hold_minutes=None), dataset(hold_minutes=90)
    assert decided(asked, strict, brief).hold_until == at(1, 30)


def test_a_policy_without_hold_keeps_nothing_until_the_approval():
    here = situation(pool(auto_approve_unit_hours=0, hold_minutes=0))
    decision = admit(order(), here)
    assert (decision.state, decision.holds, decision.lines) == (State.PENDING, False, {})
    assert decision.grants == here.grants
    assert after(here, order(), decision) == here
    approved = admit(order(), here, approved=True)
    assert (approved.state, approved.holds, approved.approvals) == (State.CONFIRMED, True, frozenset())
    assert approved.lines == {1: (Line(1, None, 16 * HOUR),)}


def test_what_waits_for_approval_cannot_start_already():
    waiting = pool(auto_approve_unit_hours=0)
    assert decided(order(), waiting, now=at(10) - timedelta(seconds=1)).hold_until == at(10)
    (refusal,) = admit(order(), situation(waiting, now=at(10))).refusals
    assert (refusal.code, refusal.field) == (Code.TOO_SOON, "starts_at")
    assert str(at(10)) in spoken(refusal)


def test_at_approval_capacity_and_quota_are_judged_again():
    gone = situation(pool(auto_approve_unit_hours=0, units=4), grants=[grant(1, HOUR)])
    assert codes(admit(order(), gone, approved=True).refusals) == [Code.QUOTA_EXCEEDED, Code.CAPACITY_EXCEEDED]


# Check-in ------------------------------------------------------------------------------------------------------------


def test_check_in_is_open_from_its_minutes_before_the_start_until_as_many_after_it():
    decision = decided(order(), pool(check_in_minutes=30))
    assert (decision.check_in_from, decision.check_in_until) == (at(9, 30), at(10, 30))


def test_a_booking_that_begins_while_its_step_runs_has_its_grace_from_now():
    decision = decided(order(), pool(check_in_minutes=30), now=at(10, 10))
    assert (decision.check_in_from, decision.check_in_until) == (at(9, 30), at(10, 40))


def test_the_grace_is_never_longer_than_the_booking():
    assert decided(order(window=hours(10, 10.25)), pool(check_in_minutes=30)).check_in_until == at(10, 15)


def test_the_shortest_grace_of_those_that_ask_for_check_in_counts():
    asked = together(hours(10, 12), (1, 8), (2, 1))
    assert decided(asked, pool(), dataset(check_in_minutes=20)).check_in_until == at(10, 20)
    assert decided(asked, pool(check_in_minutes=10), dataset(check_in_minutes=20)).check_in_until == at(10, 10)


# One after the other -------------------------------------------------------------------------------------------------


def test_orders_of_one_turn_see_what_those_before_them_took():
    here = situation(
        pool(units=16, max_units_per_team=12, max_concurrent_bookings=2, auto_approve_unit_hours=20),
        grants=[grant(1, 30 * HOUR)],
    )
    then = after(here, order(8), admit(order(8), here))
    assert then.resources[1].held == blocks((10, 12, 8))
    assert then.uses[1] == Use(blocks((10, 12, 8)), blocks((10, 12, 1)), 16 * HOUR)
    assert then.grants[0].held == 16 * HOUR
    assert admit(order(4, hours(9, 10)), then).approvals == frozenset()
    assert admit(order(4, hours(8, 10)), then).approvals == {1}
    assert set(codes(admit(order(9), then).refusals)) == {
        Code.CAPACITY_EXCEEDED, Code.CONCURRENCY_EXCEEDED, Code.QUOTA_EXCEEDED,
    }  # fmt: skip
