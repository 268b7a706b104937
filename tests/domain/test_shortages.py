"""What capacity and quota lack is said with the tightest instant, the shortfall, and what is used, held and left."""

from dataclasses import replace

import pytest

from booking.domain.admission import admit
from booking.domain.capacity import NOTHING, CapacityChange, Change, Steps, offered
from booking.domain.ledger import Grant
from booking.domain.orders import Order, Situation
from booking.domain.policies import Opening, Quota
from booking.domain.refusals import Code, Refusal
from tests.domain.examples import (
    ALWAYS,
    PLENTY,
    at,
    blocks,
    codes,
    dataset,
    grant,
    hours,
    order,
    pool,
    situation,
    spoken,
    together,
    weekly,
)

HOUR = 3600


def only(asked: Order, here: Situation) -> Refusal:
    (refusal,) = admit(asked, here).refusals
    return refusal


def granted(*grants: Grant) -> Situation:
    return situation(pool(), grants=grants)


# Capacity ------------------------------------------------------------------------------------------------------------


def test_the_last_unit_can_be_booked_and_not_one_more():
    here = situation(pool(units=64, held=blocks((9, 11, 30), (11, 13, 60))))
    assert admit(order(4), here).refusals == ()
    refusal = only(order(5), here)
    assert (refusal.code, refusal.field) == (Code.CAPACITY_EXCEEDED, "claims.0.units")
    assert spoken(refusal) == (
        f"pool-1 has 4 units free at {at(11)} where you ask for 5: 1 too many. Take fewer, or another window."
    )


def test_bookings_that_touch_the_window_take_nothing_of_it():
    assert admit(order(64), situation(pool(held=blocks((8, 10, 64), (12, 14, 64))))).refusals == ()


def test_where_more_is_promised_than_offered_nothing_is_free():
    here = situation(pool(offer=Steps(base=4), held=blocks((10, 11, 6))))
    assert dict(only(order(1), here).numbers) == {
        "resource": "pool-1", "at": at(10), "free": 0, "wanted": 1, "short": 1,
    }  # fmt: skip


def test_zero_seats_are_zero_seats():
    assert only(order(1, of=2), situation(dataset(seats=0))).code is Code.CAPACITY_EXCEEDED


def test_each_resource_is_counted_by_itself():
    full, free = pool(1, held=blocks((10, 12, 64))), pool(2, units=8)
    refusal = only(together(hours(10, 12), (2, 8), (1, 8)), situation(full, free))
    assert (refusal.field, refusal.numbers["resource"]) == ("claims.1.units", "pool-1")


CLOSED = CapacityChange(Change.CLOSED, 0, at(11), at(13), "new cooling")


def closed(closure: CapacityChange) -> Situation:
    supply = CapacityChange(Change.SUPPLY, 64, at(0), None)
    return situation(pool(offer=offered([supply, closure]), closures=(closure,)))


def test_a_closure_is_named_with_its_reason_beside_the_units_that_are_missing():
    said = admit(order(), closed(CLOSED)).refusals
    assert codes(said) == [Code.CAPACITY_EXCEEDED, Code.RESOURCE_CLOSED]
    assert spoken(said[1]) == (
        f"pool-1 is closed from {at(11)} to {at(13)}: new cooling. Take a window before or after it."
    )


def test_a_closure_without_an_end_leaves_only_what_comes_before():
    for_ever = replace(CLOSED, end=None)
    assert spoken(admit(order(), closed(for_ever)).refusals[1]) == (
        f"pool-1 is closed from {at(11)} on: new cooling. Take a window before it."
    )
    assert admit(order(window=hours(9, 11)), closed(for_ever)).refusals == ()


@pytest.mark.parametrize("window", [hours(9, 11), hours(13, 15)])
def test_a_closure_that_only_touches_the_window_is_no_reason(window):
    assert admit(order(window=window), closed(CLOSED)).refusals == ()


# Quota ---------------------------------------------------------------------------------------------------------------


def test_the_last_hour_of_a_grant_can_be_booked_and_not_a_second_more():
    assert admit(order(8), granted(grant(1, 16 * HOUR))).refusals == ()
    refusal = only(order(8), granted(grant(1, 16 * HOUR - 1)))
    assert (refusal.code, refusal.field) == (Code.QUOTA_EXCEEDED, "claims.0.units")
    assert refusal.numbers["missing_unit_seconds"] == 1


def test_a_quota_refusal_says_what_is_held_charged_and_left():
    refusal = only(order(8), granted(grant(1, 20 * HOUR, held=6 * HOUR, charged=5 * HOUR)))
    assert spoken(refusal) == (
        "This needs 16 hours of quota on pool-1; 9 are left (6 held, 5 charged). Take less, or ask for a grant."
    )


def test_a_team_that_never_had_a_grant_hears_zero():
    refusal = only(order(), granted())
    assert refusal.code is Code.QUOTA_EXCEEDED
    assert refusal.numbers["left_unit_seconds"] == refusal.numbers["held_unit_seconds"] == 0
    assert spoken(refusal).startswith("This needs 16 hours of quota on pool-1; 0 are left (0 held, 0 charged).")


def test_a_grant_for_something_else_is_no_grant_for_this():
    assert only(order(), granted(grant(1, kind="dataset"))).numbers["left_unit_seconds"] == 0


def test_only_grants_that_are_valid_where_it_is_short_count_as_left():
    scarce, later = grant(1, HOUR, hours(0, 24)), grant(2, PLENTY, hours(24, 48))
    assert only(order(8), granted(scarce, later)).numbers["left_unit_seconds"] == HOUR


def test_before_the_first_grant_begins_no_quota_is_left_to_speak_of():
    refusal = only(order(8), granted(grant(1, PLENTY, hours(11, 48))))
    assert (refusal.code, refusal.field) == (Code.QUOTA_EXCEEDED, "starts_at")
    assert (refusal.numbers["left_unit_seconds"], refusal.numbers["missing_unit_seconds"]) == (0, 8 * HOUR)
    assert spoken(refusal) == (
        f"None of your grants for pool-1 is valid at {at(10)}. Take another window, or ask for a grant."
    )


@pytest.mark.parametrize("until", [11, 10, 9])
def test_past_the_last_grant_the_refusal_says_when_it_ends(until):
    grants = grant(1, PLENTY, hours(-9, until)), grant(2, PLENTY, hours(-9, 8))
    refusal = only(order(8), granted(*grants))
    assert (refusal.code, refusal.field) == (Code.GRANT_EXPIRED, "ends_at")
    assert spoken(refusal) == (
        f"Your last grant for pool-1 ends at {at(until)}. End the booking by then, or ask for a grant."
    )


def test_a_grant_that_lasts_to_the_end_of_the_window_is_enough():
    assert admit(order(8), granted(grant(1, PLENTY, hours(10, 12)))).refusals == ()


def test_a_gap_between_two_grants_is_no_expiry():
    assert only(order(8), granted(grant(1, PLENTY, hours(0, 11)), grant(2, PLENTY, hours(11.5, 48)))).code is (
        Code.QUOTA_EXCEEDED
    )


def test_exactly_the_cap_of_a_week_is_allowed_and_not_a_second_more():
    here = granted(grant(1, cap=weekly(20 * HOUR), used={at(): 4 * HOUR}))
    assert admit(order(8), here).refusals == ()
    over = granted(grant(1, cap=weekly(20 * HOUR), used={at(): 4 * HOUR + 1}))
    assert only(order(8), over).code is Code.PERIOD_CAP_EXCEEDED


def test_a_capped_grant_that_is_used_up_as_a_whole_is_short_of_quota_and_not_of_its_week():
    here = granted(grant(1, 4 * HOUR, cap=weekly(10 * HOUR)))
    assert only(order(8), here).code is Code.QUOTA_EXCEEDED


def test_a_cap_says_what_is_used_before_this_booking_and_when_the_period_resets():
    here = granted(grant(1, cap=weekly(10 * HOUR, "Asia/Shanghai"), used={at(-8): 4 * HOUR}))
    refusal = only(order(8), here)
    assert refusal.field == "claims.0.units"
    assert refusal.numbers["left_unit_seconds"] == 6 * HOUR
    assert spoken(refusal) == (
        "Your grant allows 10 hours a week on pool-1; 4 of this week are used."
        f" The next week begins at {at(-8, day=7)}."
    )


def test_a_cap_of_the_next_week_is_named_where_that_is_the_full_one():
    here = granted(grant(1, cap=weekly(10 * HOUR), used={at(day=7): 10 * HOUR}))
    refusal = only(order(1, hours(7 * 24 - 2, 7 * 24 + 2)), here)
    assert (refusal.code, refusal.numbers["resets_at"]) == (Code.PERIOD_CAP_EXCEEDED, at(day=14))
    assert refusal.numbers["missing_unit_seconds"] == 2 * HOUR


def test_one_reason_of_each_kind_is_said_for_a_claim():
    # Two weeks are full, and then the grant ends.
    here = granted(grant(1, PLENTY, hours(0, 15 * 24), cap=weekly(HOUR)))
    assert codes(admit(order(1, hours(0, 16 * 24)), here).refusals) == [Code.PERIOD_CAP_EXCEEDED, Code.GRANT_EXPIRED]


def test_claims_of_one_order_share_their_grants_one_after_the_other():
    asked = together(hours(10, 12), (1, 8), (2, 8))
    here = situation(pool(1), pool(2), grants=[grant(1, 32 * HOUR)])
    assert admit(asked, here).refusals == ()
    refusal = only(asked, replace(here, grants=(grant(1, 20 * HOUR),)))
    assert refusal.field == "claims.1.units"
    assert refusal.numbers["left_unit_seconds"] == 4 * HOUR


def test_the_weight_counts_in_what_is_needed():
    heavy = situation(pool(weight_percent=300), grants=[grant(1, 48 * HOUR)])
    assert admit(order(8), heavy).refusals == ()
    assert only(order(8), replace(heavy, grants=(grant(1, 47 * HOUR),))).numbers["wanted_unit_seconds"] == 48 * HOUR


def test_where_the_policy_needs_no_quota_none_is_asked_for():
    assert admit(order(), situation(pool(quota=Quota.NONE), grants=[])).refusals == ()


def test_an_amount_below_its_use_leaves_less_than_nothing_and_is_said_as_it_is():
    refusal = only(order(8), granted(grant(1, 10 * HOUR, ALWAYS, held=11 * HOUR)))
    assert refusal.numbers["left_unit_seconds"] == -HOUR


def test_capacity_and_quota_are_both_said_at_once():
    said = admit(order(8), situation(pool(offer=NOTHING), grants=[])).refusals
    assert codes(said) == [Code.QUOTA_EXCEEDED, Code.CAPACITY_EXCEEDED]


# Vouchers ------------------------------------------------------------------------------------------------------------


def test_where_a_pool_is_open_to_vouchers_nothing_else_is_drawn_on():
    plain, voucher = grant(1, 100 * HOUR), grant(2, 4 * HOUR, subsidy_percent=40)
    here = situation(pool(opening=Opening.VOUCHER), grants=(plain, voucher))
    assert [line.grant_id for line in admit(order(4, hours(9, 10)), here).lines[1]] == [2]
    refusal = only(order(5, hours(9, 10)), here)
    assert (refusal.code, refusal.numbers["left_unit_seconds"]) == (Code.QUOTA_EXCEEDED, 4 * HOUR)
    without = only(order(1), replace(here, grants=(plain,)))
    assert without.code == Code.QUOTA_EXCEEDED
    assert "pool-1 is open to vouchers only" in spoken(without)


def test_a_voucher_covers_what_a_plain_grant_covers_too():
    here = situation(pool(), grants=(grant(1, 4 * HOUR, subsidy_percent=40),))
    assert admit(order(4, hours(9, 10)), here).refusals == ()
