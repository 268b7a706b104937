"""Each limit lets exactly itself through, refuses one more, and says why with its numbers."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from booking.domain.admission import admit
from booking.domain.orders import Order, Situation, Use
from booking.domain.refusals import Code
from tests.domain.examples import TEAM, at, blocks, codes, dataset, hours, minutes, order, pool, situation, together
from tests.domain.examples import spoken as sentence

SECOND = timedelta(seconds=1)


@dataclass
class Limit:
    """An order at the limit, one just beyond it, and what the refusal says."""

    code: Code
    field: str
    allowed: tuple[Order, Situation]
    refused: tuple[Order, Situation]
    says: str
    approved: bool = False


def using(**use: Any) -> dict[int, Use]:
    return {1: Use(**use)}


NOTICE = situation(pool(notice_minutes=120), now=at(9))
OTHER_PLACE = (pool(), dataset(2, access="onsite", facility_id=2))
OWN_PLACE = (pool(), dataset(2, access="onsite", facility_id=1))
BOTH = together(hours(10, 12), (1, 8), (2, 1))

LIMITS = {
    "a length of at least one grid step": Limit(
        Code.TOO_SHORT,
        "ends_at",
        (order(window=minutes(600, 660)), situation(pool(min_minutes=60))),
        (order(window=minutes(600, 645)), situation(pool(min_minutes=60))),
        "pool-1 is booked for at least 60 minutes; this is 45.",
    ),
    "a length of at most": Limit(
        Code.TOO_LONG,
        "ends_at",
        (order(window=hours(10, 12)), situation(pool(max_minutes=120))),
        (order(window=hours(10, 12.25)), situation(pool(max_minutes=120))),
        "pool-1 is booked for at most 120 minutes; this is 135.",
    ),
    "thirty days unless the policy says": Limit(
        Code.TOO_LONG,
        "ends_at",
        (order(window=hours(10, 10 + 720)), situation()),
        (order(window=hours(10, 10.25 + 720)), situation()),
        "pool-1 is booked for at most 43200 minutes; this is 43215.",
    ),
    "notice": Limit(
        Code.TOO_SOON,
        "starts_at",
        (order(window=hours(11, 12)), NOTICE),
        (order(window=hours(10.75, 12)), NOTICE),
        f"pool-1 is booked at least 120 minutes ahead: from {at(11)} on.",
    ),
    "the horizon": Limit(
        Code.BEYOND_HORIZON,
        "ends_at",
        (order(window=hours(23, 24)), situation(pool(horizon_days=1))),
        (order(window=hours(23, 24.25)), situation(pool(horizon_days=1))),
        f"pool-1 is booked at most 1 days ahead: until {at(day=1)}.",
    ),
    "180 days unless the policy says": Limit(
        Code.BEYOND_HORIZON,
        "ends_at",
        (order(window=hours(180 * 24 - 1, 180 * 24)), situation()),
        (order(window=hours(180 * 24 - 1, 180 * 24 + 0.25)), situation()),
        f"pool-1 is booked at most 180 days ahead: until {at(day=180)}.",
    ),
    "the grid of the start": Limit(
        Code.OFF_GRID,
        "starts_at",
        (order(window=minutes(615, 720)), situation()),
        (order(window=minutes(616, 720)), situation()),
        f"pool-1 is booked in steps of 15 minutes. The step before begins at {at(10, 15)}.",
    ),
    "the grid of the end": Limit(
        Code.OFF_GRID,
        "ends_at",
        (order(window=minutes(600, 660)), situation(pool(grid_minutes=60))),
        (order(window=minutes(600, 675)), situation(pool(grid_minutes=60))),
        f"pool-1 is booked in steps of 60 minutes. The step before begins at {at(11)}.",
    ),
    "the unit step": Limit(
        Code.OFF_STEP,
        "claims.0.units",
        (order(8), situation(pool(unit_step=4))),
        (order(9), situation(pool(unit_step=4))),
        "pool-1 is booked in multiples of 4 units; 9 is none.",
    ),
    "the step that is running": Limit(
        Code.IN_THE_PAST,
        "starts_at",
        (order(window=hours(10, 12)), situation(now=at(10, 15) - SECOND)),
        (order(window=hours(10, 12)), situation(now=at(10, 15))),
        f"{at(10)} is past. The earliest start on pool-1 is {at(10, 15)}.",
    ),
    "the units of a booking": Limit(
        Code.TOO_MANY_UNITS,
        "claims.0.units",
        (order(16), situation(pool(max_units=16))),
        (order(17), situation(pool(max_units=16))),
        "A booking of pool-1 has at most 16 units; you ask for 17.",
    ),
    "the units of a team at a time": Limit(
        Code.CONCURRENCY_EXCEEDED,
        "claims.0.units",
        (order(8), situation(pool(max_units_per_team=20), uses=using(units=blocks((9, 11, 12), (11, 13, 8))))),
        (order(9), situation(pool(max_units_per_team=20), uses=using(units=blocks((9, 11, 12), (11, 13, 8))))),
        "A team has at most 20 units of pool-1 at a time; with this yours would have 21.",
    ),
    "the bookings of a team at a time": Limit(
        Code.CONCURRENCY_EXCEEDED,
        "claims.0.resource",
        (order(), situation(pool(max_concurrent_bookings=2), uses=using(bookings=blocks((9, 11, 1), (11, 13, 1))))),
        (order(), situation(pool(max_concurrent_bookings=2), uses=using(bookings=blocks((9, 11.25, 1), (11, 13, 1))))),
        "A team has at most 2 bookings of pool-1 at a time; yours has 2 in this window.",
    ),
    "the kinds of organisation": Limit(
        Code.NOT_ELIGIBLE,
        "claims.0.resource",
        (order(), situation(pool(eligible_kinds=("university", "institute")))),
        (order(), situation(pool(eligible_kinds=("enterprise", "institute")))),
        "pool-1 is open to enterprise, institute; your team's organisation is university.",
    ),
    "the regions": Limit(
        Code.NOT_ELIGIBLE,
        "claims.0.resource",
        (order(), situation(pool(eligible_regions=("Shanghai",)))),
        (order(), situation(pool(eligible_regions=("Beijing",)))),
        "pool-1 is open to Beijing; your team's organisation is Shanghai.",
    ),
    "the course": Limit(
        Code.TRAINING_MISSING,
        "claims.0.resource",
        (order(), situation(pool(requires_course="safety"), courses={"safety": None})),
        (order(), situation(pool(requires_course="safety"), courses={"other": None})),
        "pool-1 requires the course “safety”, which you have not completed. Its page names the next session.",
    ),
    "what is published": Limit(
        Code.RESOURCE_CLOSED,
        "claims.0.resource",
        (order(), situation(pool())),
        (order(), situation(pool(state="retired"))),
        "pool-1 is retired and cannot be booked.",
    ),
    "what is no draft any more": Limit(
        Code.RESOURCE_CLOSED,
        "claims.0.resource",
        (order(), situation(pool(state="published"))),
        (order(), situation(pool(state="draft"))),
        "pool-1 is draft and cannot be booked.",
    ),
    "teams in good standing": Limit(
        Code.TEAM_SUSPENDED,
        "team",
        (order(), situation()),
        (order(), situation(team=replace(TEAM, state="suspended"))),
        "Traffic lights is suspended and cannot book. Its lead can ask the reviewers why.",
    ),
    "teams that are approved": Limit(
        Code.TEAM_NOT_APPROVED,
        "team",
        (order(), situation()),
        (order(), situation(team=replace(TEAM, state="applied"))),
        "Traffic lights is not approved (applied). Bookings are possible once reviewers have approved it.",
    ),
    "the end of the approval": Limit(
        Code.TEAM_NOT_APPROVED,
        "ends_at",
        (order(), situation(team=replace(TEAM, approved_until=at(12)))),
        (order(), situation(team=replace(TEAM, approved_until=at(12) - SECOND))),
        f"Traffic lights is approved until {at(12) - SECOND}. End the booking by then.",
    ),
    "the place of the data": Limit(
        Code.NOT_USABLE_HERE,
        "claims.1.resource",
        (BOTH, situation(*OWN_PLACE)),
        (BOTH, situation(*OTHER_PLACE)),
        "dataset-2 can be used only at its own facility; pool-1 is at another one.",
    ),
}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_exactly_the_limit_is_allowed(limit):
    asked, here = limit.allowed
    assert admit(asked, here).refusals == ()


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_one_more_is_refused_for_this_reason_alone_in_a_sentence_with_numbers(limit):
    asked, here = limit.refused
    (refusal,) = admit(asked, here).refusals
    assert (refusal.code, refusal.field) == (limit.code, limit.field)
    assert sentence(refusal) == limit.says
    assert all(isinstance(number, int | str | datetime) for number in refusal.numbers.values())


def refused(asked: Order, here: Situation) -> list[Code]:
    return codes(admit(asked, here).refusals)


def test_null_means_no_limit():
    free = pool(max_minutes=None, horizon_days=None, hold_minutes=None)
    assert refused(order(window=hours(10, 24 * 300)), situation(free)) == []


def test_zero_means_zero():
    assert refused(order(), situation(pool(max_units=0))) == [Code.TOO_MANY_UNITS]
    assert refused(order(), situation(pool(max_units_per_team=0))) == [Code.CONCURRENCY_EXCEEDED]
    assert refused(order(), situation(pool(max_concurrent_bookings=0))) == [Code.CONCURRENCY_EXCEEDED]
    assert refused(order(), situation(pool(max_minutes=0))) == [Code.TOO_LONG]
    assert refused(order(), situation(pool(horizon_days=0))) == [Code.BEYOND_HORIZON]
    assert refused(order(), situation(pool(eligible_kinds=()))) == [Code.NOT_ELIGIBLE]


def test_what_touches_the_window_does_not_count_as_at_the_same_time():
    beside = using(units=blocks((8, 10, 64), (12, 14, 64)), bookings=blocks((8, 10, 1), (12, 14, 1)))
    limited = pool(max_units_per_team=8, max_concurrent_bookings=1)
    assert refused(order(8), situation(limited, uses=beside)) == []


def test_the_peak_of_the_teams_own_use_counts_and_not_its_sum():
    own = using(units=blocks((10, 11, 8), (11, 12, 8)))
    assert refused(order(8), situation(pool(max_units_per_team=16), uses=own)) == []


def test_several_resources_meet_the_limits_of_each():
    coarse, fine = pool(1, grid_minutes=60, max_minutes=60), pool(2, unit_step=4)
    asked = together(minutes(615, 735), (1, 8), (2, 6))
    said = admit(asked, situation(coarse, fine)).refusals
    assert [(refusal.code, refusal.field) for refusal in said] == [
        (Code.OFF_GRID, "starts_at"),
        (Code.OFF_GRID, "ends_at"),
        (Code.TOO_LONG, "ends_at"),
        (Code.OFF_STEP, "claims.1.units"),
    ]


def test_now_may_begin_at_the_running_step_of_every_claimed_grid_only():
    running = situation(pool(1, grid_minutes=60), pool(2), now=at(10, 20))
    assert refused(together(hours(10, 12), (1, 8)), running) == []
    assert refused(together(hours(10, 12), (1, 8), (2, 8)), running) == [Code.IN_THE_PAST]


def test_gateway_data_goes_with_any_pool_and_on_site_data_without_one():
    away = dataset(2, access="gateway", facility_id=2)
    assert refused(BOTH, situation(pool(), away)) == []
    assert refused(order(1, of=2), situation(dataset(2, access="onsite", facility_id=2))) == []


def test_on_site_data_names_every_pool_that_is_elsewhere():
    near, far, farther = pool(1), pool(3, facility_id=8), pool(4, facility_id=9)
    asked = together(hours(10, 12), (2, 1), (1, 8), (3, 8), (4, 8))
    said = admit(asked, situation(near, far, farther, dataset(2, access="onsite"))).refusals
    assert [(refusal.code, refusal.numbers["pool"]) for refusal in said] == [
        (Code.NOT_USABLE_HERE, "pool-3"),
        (Code.NOT_USABLE_HERE, "pool-4"),
    ]


def test_the_notice_is_counted_from_now_and_not_from_the_grid():
    late = replace(NOTICE, now=at(9) + SECOND)
    assert refused(order(window=hours(11, 12)), late) == [Code.TOO_SOON]


def test_at_approval_the_notice_is_over_and_the_rest_still_counts():
    asked, soon = order(window=hours(10, 12)), situation(pool(notice_minutes=120, max_units=4), now=at(9))
    assert codes(admit(asked, soon, approved=True).refusals) == [Code.TOO_MANY_UNITS]
    assert set(refused(asked, soon)) == {Code.TOO_MANY_UNITS, Code.TOO_SOON}
