"""However orders come, those that are admitted never overbook and never overspend: a plain count finds the same."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.admission import admit, after
from booking.domain.capacity import Steps
from booking.domain.ledger import Cap, Grant, Line, Per
from booking.domain.orders import Decision, Order, Situation
from booking.domain.policies import Quota
from booking.domain.refusals import Code
from booking.domain.windows import Window
from tests.domain.examples import at, codes, dataset, grant, occupations, pool, situation, together

HOUR = 3600
STEP = timedelta(minutes=15)


def levels(base: int) -> st.SearchStrategy[Steps]:
    """The hour of `occupations`, stretched to sixty grid steps."""
    return st.builds(Steps.total, occupations(most=4), st.just(base)).map(
        lambda steps: Steps(
            tuple((at() + (instant - at()) * 15, level) for instant, level in steps.changes), steps.base
        )
    )


# Monday begins, in one zone or the other, within the sixty steps; a grant may begin or end there too.
hours_of_quota = st.sampled_from([30, 10, 3, 100]).map(lambda amount: amount * HOUR)
caps = st.builds(Cap, hours_of_quota, st.just(Per.WEEK), st.sampled_from(["UTC", "Etc/GMT+6", "America/New_York"]))
grants = st.builds(
    lambda number, amount, first, last, cap, scope: grant(
        number, amount, Window(at() + first * STEP, at() + last * STEP), cap=cap, **scope
    ),
    st.integers(1, 9),
    hours_of_quota,
    st.sampled_from([-99, 13]),
    st.sampled_from([99, 31]),
    st.none() | caps,
    st.sampled_from([{"facility_id": 1}, {"kind": "pool"}, {"resource_id": 1}]),
)
orders = st.builds(
    lambda first, length, units: together(
        Window(at() + 2 * first * STEP, at() + 2 * (first + length) * STEP), *units.items()
    ),
    st.integers(0, 20),
    st.integers(1, 8),
    st.dictionaries(st.integers(1, 3), st.integers(1, 3), min_size=1, max_size=3),
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Situation, list[Order]]:
    """Two pools and a dataset, grants that hardly suffice, and orders that are asked one after the other."""
    here = situation(
        pool(1, offer=draw(levels(3)), weight_percent=draw(st.sampled_from([25, 100]))),
        pool(2, offer=draw(levels(3)), grid_minutes=30),
        dataset(3, offer=draw(levels(2)), quota=draw(st.sampled_from(Quota))),
        grants=draw(st.lists(grants, min_size=1, max_size=4, unique_by=lambda one: one.id)),
    )
    return here, draw(st.lists(orders, min_size=2, max_size=10))


@given(questions())
def test_no_admitted_orders_ever_overbook_or_overspend(question):
    here, asked = question
    held: defaultdict[tuple[int, int], int] = defaultdict(int)
    spent: defaultdict[Any, int] = defaultdict(int)
    now = here
    for one in asked:
        decision = admit(one, now)
        if decision.refusals:
            continue
        assert fits(one, now, held)
        assert sum(line.unit_seconds for line in all_lines(decision)) == decision.cost == price(one, here)
        for line in all_lines(decision):
            spent[line.grant_id] += line.unit_seconds
            spent[line.grant_id, line.period_start] += line.unit_seconds
        for claim in one.claims:
            for step in steps_of(one.window):
                held[claim.resource_id, step] += claim.units
        now = after(now, one, decision)
    assert_never_too_much(here, held, spent)


@given(questions())
def test_an_order_is_refused_for_capacity_exactly_where_a_plain_count_finds_too_little(question):
    here, asked = question
    for one in asked:
        said = codes(admit(one, here).refusals)
        assert (Code.CAPACITY_EXCEEDED in said) is not fits(one, here, defaultdict(int))


def steps_of(window: Window) -> range:
    return range((window.start - at()) // STEP, (window.end - at()) // STEP)


def fits(one: Order, here: Situation, held: dict[tuple[int, int], int]) -> bool:
    return all(
        held[claim.resource_id, step] + claim.units
        <= here.resources[claim.resource_id].offer.level_at(at() + step * STEP)
        for claim in one.claims
        for step in steps_of(one.window)
    )


def price(one: Order, here: Situation) -> int:
    """Weighted unit-seconds of what needs quota."""
    policies = {claim.resource_id: here.resources[claim.resource_id].policy for claim in one.claims}
    return sum(
        claim.units * one.window.seconds * policies[claim.resource_id].weight_percent // 100
        for claim in one.claims
        if policies[claim.resource_id].quota is Quota.REQUIRED
    )


def all_lines(decision: Decision) -> list[Line]:
    return [line for lines in decision.lines.values() for line in lines]


def assert_never_too_much(here: Situation, held: dict[tuple[int, int], int], spent: dict[Any, int]) -> None:
    for (resource_id, step), units in held.items():
        assert units <= here.resources[resource_id].offer.level_at(at() + step * STEP)
    limits: dict[int, Grant] = {one.id: one for one in here.grants}
    for key, amount in spent.items():
        if isinstance(key, int):
            assert amount <= limits[key].amount
        elif key[1] is not None:
            cap = limits[key[0]].cap
            assert cap is not None
            assert amount <= cap.unit_seconds
