"""Policies have the published defaults, come back as they were stored, and combine to the strictest."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.policies import Charge, Policy, Quota, check_in_minutes, hold_minutes

# API.md: what is absent means this.
DEFAULTS = {
    "min_minutes": None,  # one grid step, which the resource knows
    "max_minutes": 43_200,
    "notice_minutes": 0,
    "horizon_days": 180,
    "max_units": None,
    "max_units_per_team": None,
    "max_concurrent_bookings": None,
    "eligible_kinds": None,
    "eligible_regions": None,
    "auto_approve_unit_hours": None,
    "hold_minutes": 2_880,
    "check_in_minutes": None,
    "cancel_cutoff_minutes": 0,
    "late_cancel_percent": 0,
    "charge": "booked",
    "min_charge_percent": 0,
    "weight_percent": 100,
    "quota": "required",
    "unit_step": 1,
    "requires_course": None,
    "max_gib_per_booking": None,
    "opening": "free",
}

limits = st.none() | st.integers(0, 100_000)
names = st.none() | st.lists(st.sampled_from(["university", "enterprise", "institute"]), unique=True).map(tuple)
policies = st.builds(
    Policy,
    min_minutes=limits,
    max_minutes=limits,
    notice_minutes=st.integers(0, 10_000),
    horizon_days=limits,
    max_units=limits,
    max_units_per_team=limits,
    max_concurrent_bookings=limits,
    eligible_kinds=names,
    eligible_regions=names,
    auto_approve_unit_hours=limits,
    hold_minutes=limits,
    check_in_minutes=limits,
    cancel_cutoff_minutes=st.integers(0, 10_000),
    late_cancel_percent=st.integers(0, 100),
    charge=st.sampled_from(Charge),
    min_charge_percent=st.integers(0, 100),
    weight_percent=st.integers(0, 100).map(lambda fives: 5 * fives),
    quota=st.sampled_from(Quota),
    unit_step=st.integers(1, 8),
    requires_course=st.none() | st.text(max_size=5),
)


def test_what_is_absent_has_the_published_default():
    plain = Policy.read({})
    assert {field.name: getattr(plain, field.name) for field in fields(Policy)} == DEFAULTS
    assert plain == Policy()


@given(policies)
def test_a_policy_comes_back_from_json_as_it_was(policy):
    assert Policy.read(json.loads(json.dumps(policy.as_mapping()))) == policy


@given(policies)
def test_only_what_differs_from_the_default_is_stored(policy):
    stored = policy.as_mapping()
    assert all(stored[name] != DEFAULTS[name] for name in stored)
    assert all(getattr(policy, name) == DEFAULTS[name] for name in set(DEFAULTS) - set(stored))


def test_null_is_no_limit_and_zero_is_zero():
    unlimited = Policy.read({"max_minutes": None, "horizon_days": None, "auto_approve_unit_hours": 0, "max_units": 0})
    assert (unlimited.max_minutes, unlimited.horizon_days) == (None, None)
    assert (unlimited.auto_approve_unit_hours, unlimited.max_units) == (0, 0)


def test_what_a_later_version_stored_besides_does_no_harm():
    assert Policy.read({"unit_step": 4, "phase_of_the_moon": "full"}) == Policy(unit_step=4)


def test_a_word_that_no_policy_knows_is_refused():
    with pytest.raises(ValueError, match="guessed"):
        Policy.read({"charge": "guessed"})


@pytest.mark.parametrize(
    ("own", "other", "shortest"), [(60, 30, 30), (None, 30, 30), (60, None, 60), (None, None, None), (0, 30, 0)]
)
def test_the_shortest_hold_and_the_shortest_grace_count_for_several_resources(own, other, shortest):
    assert hold_minutes([Policy(hold_minutes=own), Policy(hold_minutes=other)]) == shortest
    assert check_in_minutes([Policy(check_in_minutes=own), Policy(check_in_minutes=other)]) == shortest
