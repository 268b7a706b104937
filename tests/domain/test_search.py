"""The earliest window is the one that trying every grid step finds, and an alternative is never a lie."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain import search
from booking.domain.admission import admit
from booking.domain.capacity import NOTHING, Steps
from booking.domain.ledger import Cap, Per
from booking.domain.orders import Claim, Order, Situation, Use
from booking.domain.search import Need, Offer, Why, alternatives, earliest, earliest_admitted, earliest_joint
from booking.domain.windows import Window, is_on_grid
from tests.domain.examples import (
    PLENTY,
    TEAM,
    at,
    blocks,
    dataset,
    grant,
    hours,
    minutes,
    occupations,
    order,
    pool,
    situation,
    together,
    weekly,
    windows,
)

HOUR = 3600


# Over levels ---------------------------------------------------------------------------------------------------------


def tried(needs: list[Need], seconds: int, within: Window) -> Window | None:
    """Every minute one after the other: the first on all grids from which every need is met at every minute."""
    start = within.start
    while start + timedelta(seconds=seconds) <= within.end:
        window = Window(start, start + timedelta(seconds=seconds))
        aligned = all(is_on_grid(start, need.grid_minutes) for need in needs)
        if aligned and all(need.offer.minus(need.held).lowest(window) >= need.units for need in needs):
            return window
        start += timedelta(minutes=1)
    return None


needs = st.builds(
    Need,
    st.builds(Steps.total, occupations(most=4), st.integers(0, 6)),
    st.builds(Steps.total, occupations(most=4)),
    st.integers(0, 6),
    st.sampled_from([1, 2, 3, 5, 7, 15]),
)
lengths = st.integers(1, 30).map(lambda minutes: 60 * minutes)


@given(needs, lengths, windows())
def test_the_earliest_window_is_the_first_that_trying_every_minute_finds(need, seconds, within):
    found = earliest(
        need.offer, need.held, units=need.units, seconds=seconds, grid_minutes=need.grid_minutes, within=within
    )
    assert found == tried([need], seconds, within)


@given(st.lists(needs, min_size=1, max_size=3), lengths, windows())
def test_the_earliest_joint_window_meets_every_need_on_every_grid(wanted, seconds, within):
    assert earliest_joint(wanted, seconds=seconds, within=within) == tried(wanted, seconds, within)


def test_a_gap_that_is_exactly_long_enough_is_found_and_a_shorter_one_is_not():
    held = blocks((0, 10, 8), (12, 14, 8), (17, 24, 8))
    found = [
        earliest(Steps(base=8), held, units=1, seconds=length * HOUR, grid_minutes=60, within=hours(0, 48))
        for length in (2, 3, 4, 24, 25)
    ]
    assert found == [hours(10, 12), hours(14, 17), hours(24, 28), hours(24, 48), None]


def test_two_grids_meet_where_both_have_a_step():
    # Steps of 15 and of 7 minutes meet every 105 minutes, counted from 1970.
    both = [Need(Steps(base=1), NOTHING, 1, 15), Need(Steps(base=1), NOTHING, 1, 7)]
    found = earliest_joint(both, seconds=HOUR, within=hours(0, 24))
    assert found is not None
    assert is_on_grid(found.start, 15)
    assert is_on_grid(found.start, 7)
    assert found.start - at() < timedelta(minutes=105)


def test_a_long_past_is_passed_over_by_its_changes_and_not_by_its_grid_steps():
    far = hours(0, 24 * 365 * 50)
    blocked = Steps.total([(far.start, far.end - timedelta(days=1), 8)])
    found = earliest(Steps(base=8), blocked, units=1, seconds=HOUR, grid_minutes=1, within=far)
    assert found == Window(far.end - timedelta(days=1), far.end - timedelta(hours=23))


# Instead of an order -------------------------------------------------------------------------------------------------


NEXT_MONDAY = at(day=7)


def instead(asked: Order, here: Situation, latest: datetime = NEXT_MONDAY) -> dict[Why, Offer]:
    return {offer.why: offer for offer in alternatives(asked, here, latest=latest)}


def test_a_full_window_is_answered_with_a_later_a_smaller_and_a_shorter_one():
    # Sixty of sixty-four are taken from eleven on, and something before keeps a second gap too short.
    here = situation(pool(held=blocks((0, 9, 64), (11, 20, 60))))
    found = instead(order(8, hours(10, 14)), here)
    assert found == {
        Why.EARLIEST: Offer(Why.EARLIEST, hours(20, 24), (Claim(1, 8),), 32 * HOUR, 32 * HOUR),
        Why.FEWER_UNITS: Offer(Why.FEWER_UNITS, hours(10, 14), (Claim(1, 4),), 16 * HOUR, 16 * HOUR),
        Why.SHORTER: Offer(Why.SHORTER, hours(10, 11), (Claim(1, 8),), 8 * HOUR, 8 * HOUR),
    }


def test_the_cost_of_an_offer_is_weighted_and_its_size_is_not():
    here = situation(pool(weight_percent=300, held=blocks((10, 11, 64))))
    offer = instead(order(8), here)[Why.EARLIEST]
    assert (offer.unit_seconds, offer.cost) == (16 * HOUR, 48 * HOUR)


def test_the_cost_is_known_of_what_would_wait_without_holding():
    here = situation(pool(auto_approve_unit_hours=0, hold_minutes=0, held=blocks((10, 12, 60))))
    assert {offer.cost for offer in instead(order(8), here).values()} == {16 * HOUR, 8 * HOUR}


def test_the_earliest_window_keeps_notice_and_the_running_step():
    here = situation(now=at(10, 7))
    assert instead(order(8, hours(8, 10)), here)[Why.EARLIEST].window == hours(10, 12)
    assert instead(order(8, hours(8, 10)), situation(pool(notice_minutes=60), now=at(10, 7)))[
        Why.EARLIEST
    ].window == minutes(675, 795)


def test_what_waits_for_approval_is_offered_from_the_next_step_on():
    here = situation(pool(auto_approve_unit_hours=0), now=at(10))
    assert instead(order(), here)[Why.EARLIEST].window == minutes(615, 735)


def test_the_earliest_window_keeps_to_what_a_team_may_have_at_a_time():
    own = {1: Use(units=blocks((0, 20, 60)), bookings=blocks((0, 24, 1)))}
    assert instead(order(8), situation(pool(max_units_per_team=64), uses=own))[Why.EARLIEST].window == hours(20, 22)
    assert instead(order(8), situation(pool(max_concurrent_bookings=1), uses=own))[Why.EARLIEST].window == hours(24, 26)


def test_the_earliest_window_waits_for_the_next_week_of_a_cap_as_far_as_it_must():
    # Two hours are left this week: the window may begin two hours before Monday, and no earlier.
    capped = grant(1, cap=weekly(10 * HOUR), used={at(): 8 * HOUR})
    here = situation(grants=[capped], now=at(day=3))
    asked = order(1, Window(at(day=3), at(4, day=3)))
    assert instead(asked, here)[Why.SHORTER].window == Window(at(day=3), at(2, day=3))
    assert instead(asked, here, at(day=9))[Why.EARLIEST].window == Window(at(-2, day=7), at(2, day=7))


def test_the_earliest_window_waits_for_a_grant_that_begins():
    here = situation(grants=[grant(1, PLENTY, hours(30, 60))])
    found = instead(order(), here)
    assert found.keys() == {Why.EARLIEST}
    assert found[Why.EARLIEST].window == hours(30, 32)


def test_both_resources_are_free_in_the_earliest_window_of_an_order_of_two():
    here = situation(pool(held=blocks((0, 12, 64))), dataset(held=blocks((13, 15, 2)), grid_minutes=60))
    found = instead(together(hours(10, 12), (1, 16), (2, 1)), here)
    assert found[Why.EARLIEST].window == hours(15, 17)


def test_a_long_block_is_not_forgotten_for_short_ones_inside_it():
    here = situation(
        pool(held=blocks((6, 40, 64))),
        dataset(held=blocks((7, 8, 2), (9, 10, 2))),
        grants=[grant(1, PLENTY, hours(12, 99)), grant(2, kind="dataset")],
    )
    assert instead(together(hours(0, 2), (1, 8), (2, 1)), here)[Why.EARLIEST].window == hours(40, 42)


def test_units_are_fewer_where_they_are_short_and_stay_where_they_are_not():
    here = situation(pool(held=blocks((10, 12, 50))), pool(3), dataset())
    found = instead(together(hours(10, 12), (1, 32), (3, 32), (2, 1)), here)
    assert found[Why.FEWER_UNITS].claims == (Claim(1, 14), Claim(3, 32), Claim(2, 1))


def test_fewer_units_keep_to_the_unit_step():
    here = situation(pool(held=blocks((10, 12, 50)), unit_step=4))
    assert instead(order(32), here)[Why.FEWER_UNITS].claims == (Claim(1, 12),)
    assert Why.FEWER_UNITS not in instead(order(3), here)


def test_a_shorter_window_is_never_shorter_than_allowed():
    taken = blocks((11, 12, 64))
    assert instead(order(), situation(pool(held=taken, min_minutes=60)))[Why.SHORTER].window == hours(10, 11)
    assert Why.SHORTER not in instead(order(), situation(pool(held=taken, min_minutes=75)))
    both = situation(pool(held=taken, min_minutes=15), dataset(min_minutes=75))
    assert Why.SHORTER not in instead(together(hours(10, 12), (1, 8), (2, 1)), both)
    assert Why.SHORTER in instead(together(hours(10, 12), (1, 8), (2, 1)), situation(pool(held=taken), dataset()))


@pytest.mark.parametrize(
    "here",
    [
        situation(team=replace(TEAM, state="suspended")),
        situation(pool(state="retired")),
        situation(pool(eligible_kinds=())),
        situation(grants=[]),
        situation(grants=[grant(1, PLENTY, hours(-9, -1))]),
        situation(pool(units=0)),
        situation(pool(horizon_days=0)),
    ],
)
def test_where_nothing_would_be_admitted_nothing_is_offered(here):
    assert instead(order(), here) == {}


def test_nothing_is_offered_past_the_latest_end():
    here = situation(pool(held=blocks((0, 20, 64))))
    assert instead(order(), here, at(22))[Why.EARLIEST].window == hours(20, 22)
    assert instead(order(), here, at(21, 45)) == {}
    assert instead(order(), here, at(-1)) == {}


def test_saying_no_takes_a_bounded_number_of_looks(monkeypatch):
    # Every week is a second short of the month that is asked for: each look moves on by one grid step.
    asked = order(1, hours(24, 24 * 29))
    here = situation(pool(grid_minutes=1), grants=[grant(1, cap=weekly(7 * 24 * HOUR - 1))])
    looks = []
    monkeypatch.setattr(search, "admit", lambda *one: looks.append(one) or admit(*one))
    found = instead(asked, here, at(day=170))
    assert len(looks) < search.MOST_LOOKS + 50
    assert Why.EARLIEST not in found


def test_an_order_can_be_moved_to_no_start_before_one_that_is_given():
    here = situation(pool(held=blocks((12, 14, 64))))
    moved_on = earliest_admitted(order(), here, since=at(11), latest=NEXT_MONDAY)
    assert moved_on == order(window=hours(14, 16))


# Against trying everything -------------------------------------------------------------------------------------------

STEP = timedelta(minutes=15)


def levels(base: int) -> st.SearchStrategy[Steps]:
    """The hour of `occupations`, stretched to sixty grid steps."""
    return st.builds(Steps.total, occupations(most=3, units=3), st.just(base)).map(
        lambda steps: Steps(
            tuple((at() + (instant - at()) * 15, level) for instant, level in steps.changes), steps.base
        )
    )


def rarely(value: object, usual: object = None) -> st.SearchStrategy[object]:
    return st.sampled_from([usual, usual, usual, value])


# Monday begins, in one zone or the other, within the sixty steps; a grant may begin or end there too.
hours_of_quota = st.sampled_from([1, 2, 4, 8, 16, 200]).map(lambda amount: amount * HOUR)
caps = st.builds(Cap, hours_of_quota, st.just(Per.WEEK), st.sampled_from(["UTC", "Etc/GMT+6"]))
grants = st.builds(
    lambda number, amount, first, last, cap: grant(
        number, amount, Window(at() + first * STEP, at() + last * STEP), cap=cap
    ),
    st.integers(1, 9),
    hours_of_quota,
    st.sampled_from([-99, -99, 13, 22]),
    st.sampled_from([99, 99, 31, 40]),
    st.none() | caps,
)
pools = st.builds(
    pool,
    st.integers(1, 2),
    offer=levels(4),
    held=levels(0),
    grid_minutes=rarely(30, 15),
    weight_percent=rarely(50, 100),
    unit_step=rarely(2, 1),
    min_minutes=rarely(60),
    notice_minutes=rarely(50, 0),
    max_units_per_team=rarely(4),
    max_concurrent_bookings=rarely(1),
    auto_approve_unit_hours=rarely(3),
    horizon_days=rarely(1, 180),
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Order, Situation]:
    resources = draw(st.lists(pools, min_size=1, max_size=2, unique_by=lambda one: one.id))
    uses = {one.id: Use(draw(levels(0)), draw(levels(0)), 2 * HOUR) for one in resources}
    first, length = draw(st.integers(0, 15)), draw(st.integers(1, 10))
    asked = together(
        Window(at() + 2 * first * STEP, at() + 2 * (first + length) * STEP),
        *((one.id, draw(st.sampled_from([2, 4, 3, 1]))) for one in resources),
    )
    known = draw(st.lists(grants, min_size=1, max_size=3, unique_by=lambda one: one.id))
    return asked, situation(*resources, grants=known, uses=uses, now=at(minute=draw(st.integers(0, 70))))


LATEST = at() + 70 * STEP


def moved(asked: Order) -> Iterator[Order]:
    length = asked.window.end - asked.window.start
    for step in range(-1, 70):
        start = at() + step * STEP
        if start + length <= LATEST:
            yield replace(asked, window=Window(start, start + length))


def sized(asked: Order) -> Iterator[Order]:
    """Every order of fewer units, the most of the first claim first."""
    for counts in product(*(range(claim.units, 0, -1) for claim in asked.claims)):
        claims = zip(asked.claims, counts, strict=True)
        yield replace(asked, claims=tuple(Claim(claim.resource_id, count) for claim, count in claims))


def shortened(asked: Order) -> Iterator[Order]:
    end = asked.window.end - STEP
    while end > asked.window.start:
        yield replace(asked, window=Window(asked.window.start, end))
        end -= STEP


def first_admitted(orders: Iterator[Order], here: Situation) -> Order | None:
    return next((one for one in orders if not admit(one, here).refusals), None)


@given(questions())
def test_each_alternative_is_the_first_that_trying_everything_finds(question):
    asked, here = question
    if not admit(asked, here).refusals:
        return
    found = instead(asked, here, LATEST)
    expected = {
        Why.EARLIEST: first_admitted(moved(asked), here),
        Why.FEWER_UNITS: first_admitted(sized(asked), here),
        Why.SHORTER: first_admitted(shortened(asked), here),
    }
    for why, best in expected.items():
        if best is None:
            assert why not in found
        else:
            assert (found[why].window, found[why].claims) == (best.window, best.claims)
            assert found[why].unit_seconds == best.unit_seconds
