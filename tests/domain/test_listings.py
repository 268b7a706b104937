"""What pools, datasets, facilities and organisations must be like."""

from dataclasses import replace
from typing import Any

import pytest

from booking.domain.errors import IllegalMove, Invalid
from booking.domain.facilities import FacilityWords, NewFacility
from booking.domain.listings import Access, Filters, NewDataset, NewPool, ResourceState, after_verb, checked_new
from booking.domain.organisations import NewOrganisation, OrganisationKind
from booking.domain.policies import Policy, Quota
from booking.domain.policy_changes import NUMBERS, changed_policy

POOL = NewPool(facility="centre", name=" A  100 ", slug="a100", gpu_model="A100", gpu_memory_gib=80)
DATASET = NewDataset(name="Radar", slug="radar", description="", seats=2, licence="CC0", access=Access.GATEWAY)


def field_of(new: NewPool | NewDataset) -> str:
    with pytest.raises(Invalid) as refused:
        checked_new(new)
    return refused.value.field


def test_names_are_kept_on_one_line():
    assert checked_new(POOL).name == "A 100"


@pytest.mark.parametrize(
    "changed",
    [
        {"slug": "A100"},
        {"name": "\x07"},
        {"gpu_model": ""},
        {"gpu_memory_gib": 0},
        {"gpu_memory_gib": True},
        {"gpu_memory_gib": 1.0},
        {"grid_minutes": 0},
        {"grid_minutes": 1441},
        {"grid_minutes": 15.0},
        {"state": ResourceState.RETIRED},
        {"description": "x" * 20_001},
    ],
)
def test_a_pool_that_cannot_be_meant_is_refused_by_its_field(changed: dict[str, Any]):
    assert field_of(replace(POOL, **changed)) == next(iter(changed))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"seats": -1}, "seats"),
        ({"seats": 10_000_001}, "seats"),
        ({"licence": " "}, "licence"),
        ({"url": "ftp://example.org"}, "url"),
        ({"url": "https://exa mple.org"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"access": Access.ONSITE}, "facility"),
        ({"policy": {"unit_step": 0}}, "policy.unit_step"),
    ],
)
def test_a_dataset_that_cannot_be_meant_is_refused_by_its_field(changed: dict[str, Any], field: str):
    assert field_of(replace(DATASET, **changed)) == field


def test_no_seats_and_none_are_two_things():
    assert checked_new(replace(DATASET, seats=0)).seats == 0
    assert checked_new(replace(DATASET, seats=None)).seats is None


def test_a_draft_is_published_and_what_is_retired_stays_so():
    assert after_verb(ResourceState.DRAFT, "publish") is ResourceState.PUBLISHED
    assert after_verb(ResourceState.PUBLISHED, "retire") is ResourceState.RETIRED
    assert after_verb(ResourceState.DRAFT, "retire") is ResourceState.RETIRED
    for state, verb in ((ResourceState.PUBLISHED, "publish"), (ResourceState.RETIRED, "publish")):
        with pytest.raises(IllegalMove):
            after_verb(state, verb)


def test_a_kind_is_one_of_resources_or_of_owners():
    assert (Filters(kind="pool").resource_kind, Filters(kind="pool").owner_kind) == ("pool", "")
    assert (Filters(kind="institute").resource_kind, Filters(kind="institute").owner_kind) == ("", "institute")


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"name": ""}, "name"), ({"slug": "1"}, "slug"), ({"region": "x" * 81}, "region"), ({"region": " "}, "region")],
)
def test_an_organisation_that_cannot_be_meant_is_refused_by_its_field(changed: dict[str, str], field: str):
    plain = NewOrganisation("North", "north", OrganisationKind.INSTITUTE, "Beijing")
    with pytest.raises(Invalid) as refused:
        replace(plain, **changed).checked()  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_facility_is_in_a_time_zone_that_somebody_knows():
    words = FacilityWords("Centre", "Beijing", "Asia/Shanghai")
    assert NewFacility("centre", "north", words).checked().words == words
    with pytest.raises(Invalid) as refused:
        NewFacility("centre", "north", replace(words, timezone="Asia/Atlantis")).checked()
    assert refused.value.field == "timezone"


def test_a_policy_changes_by_the_rules_that_are_given():
    standing = Policy(max_units=8, quota=Quota.NONE)
    changed = changed_policy(standing, {"max_minutes": None, "eligible_regions": [" Beijing ", "Beijing"]}, 15)
    assert changed == replace(standing, max_minutes=None, eligible_regions=("Beijing",))
    assert changed_policy(standing, {}, 15) == standing


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_of_a_policy_has_its_range(name: str):
    limits = NUMBERS[name]
    easy = {"min_minutes": 1, "max_minutes": None}
    for value in (limits.least, limits.most):
        changed_policy(Policy(), {**easy, name: value}, 1)
    for value in (limits.least - 1, limits.most + 1, 1.5, "1", True, [1]):
        with pytest.raises(Invalid) as refused:
            changed_policy(Policy(), {**easy, name: value}, 1)
        assert refused.value.field == f"policy.{name}"
    if limits.optional:
        assert getattr(changed_policy(Policy(), {**easy, name: None}, 1), name) is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"min_minutes": 30, "max_minutes": 29}, "policy.max_minutes"),
        ({"max_minutes": 14}, "policy.max_minutes"),
        ({"unit_step": 4, "max_units": 3}, "policy.max_units"),
        ({"unit_step": 4, "max_units_per_team": 3}, "policy.max_units_per_team"),
        ({"weight_percent": 101}, "policy.weight_percent"),
        ({"charge": "guessed"}, "policy.charge"),
        ({"charge": []}, "policy.charge"),
        ({"eligible_kinds": ["guild"]}, "policy.eligible_kinds"),
        ({"eligible_kinds": []}, "policy.eligible_kinds"),
        ({"eligible_regions": [7]}, "policy.eligible_regions.0"),
        ({"requires_course": 7}, "policy.requires_course"),
        ({"colour": "red"}, "policy.colour"),
    ],
)
def test_rules_that_do_not_go_together_are_refused(given: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        changed_policy(Policy(), given, 15)
    assert refused.value.field == field


def test_at_most_no_units_is_a_limit_that_can_be_meant():
    assert changed_policy(Policy(), {"unit_step": 4, "max_units": 0}, 15).max_units == 0
