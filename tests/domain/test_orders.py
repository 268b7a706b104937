"""An order is claims together over one window; what is asked for, what is a shrink of it, and where it is tightest."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.capacity import Steps
from booking.domain.ledger import Terms
from booking.domain.orders import Claim, Order, is_shrink, terms_of, tightest_free
from booking.domain.policies import Charge, Policy, Quota
from tests.domain.examples import at, hours, occupations, pool, together, windows


@pytest.mark.parametrize("units", [0, -1])
def test_a_claim_is_for_at_least_one_unit(units):
    with pytest.raises(ValueError, match="at least one unit"):
        Claim(1, units)


def test_an_order_claims_something_and_each_resource_once():
    with pytest.raises(ValueError, match="claims something"):
        Order(1, hours(10, 12), ())
    # Ten of sixteen would fit twice, each time for itself.
    with pytest.raises(ValueError, match="each resource once"):
        together(hours(10, 12), (1, 10), (1, 10))


def test_the_size_of_an_order_is_its_units_over_its_seconds():
    both = together(hours(10, 12), (1, 16), (2, 1))
    assert both.unit_seconds == 17 * 7200
    assert [both.units_of(resource) for resource in (1, 2, 3)] == [16, 1, 0]


orders = st.builds(
    lambda window, units: together(window, *units.items()),
    windows(last=12),
    st.dictionaries(st.integers(1, 3), st.integers(1, 4), min_size=1),
)


@given(orders, orders)
def test_a_shrink_asks_nowhere_and_never_for_more(asked, standing):
    def units(one: Order, resource: int, minute: int) -> int:
        return one.units_of(resource) if one.window.contains(at(minute=minute)) else 0

    everywhere = [(resource, minute) for resource in (1, 2, 3) for minute in range(13)]
    assert is_shrink(asked, standing) is all(units(asked, *here) <= units(standing, *here) for here in everywhere)


@given(orders)
def test_what_stays_as_it_is_counts_as_a_shrink(standing):
    assert is_shrink(standing, standing)


def test_the_shortest_length_is_one_grid_step_unless_the_policy_says():
    assert pool(grid_minutes=60).min_minutes == 60
    assert pool(grid_minutes=60, min_minutes=0).min_minutes == 0
    assert pool(min_minutes=120).min_minutes == 120


def test_the_terms_of_a_claim_are_those_of_the_policy_at_the_moment():
    policy = Policy(
        weight_percent=300,
        cancel_cutoff_minutes=60,
        late_cancel_percent=50,
        charge=Charge.MEASURED,
        min_charge_percent=20,
    )
    assert terms_of(Claim(1, 8), hours(10, 12), policy) == Terms(
        units=8,
        window=hours(10, 12),
        weight_percent=300,
        cancel_cutoff_minutes=60,
        late_cancel_percent=50,
        charge=Charge.MEASURED,
        min_charge_percent=20,
    )
    assert terms_of(Claim(1, 8), hours(10, 12), replace(policy, quota=Quota.NONE)).whole == 0


@given(st.builds(Steps.total, occupations(), st.integers(0, 9)), st.builds(Steps.total, occupations()), windows())
def test_the_tightest_instant_is_the_first_minute_with_the_fewest_free_units(offer, held, window):
    free = [
        (at(minute=minute), offer.level_at(at(minute=minute)) - held.level_at(at(minute=minute)))
        for minute in range(60)
        if window.contains(at(minute=minute))
    ]
    least = min(level for _, level in free)
    expected = next(step for step in free if step[1] == least)
    assert tightest_free(pool(offer=offer, held=held), window) == expected
