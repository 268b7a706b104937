"""Calls that add pools, change them, publish and retire them."""

from typing import Any

import pytest

from tests.support.api import Program
from tests.support.bodies import DEFAULTS, POOL, fields


def test_a_new_pool_is_published_with_every_rule_of_its_policy_and_offers_nothing_yet(program: Program) -> None:
    answer = program.post("/pools", POOL, who="operator")
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith("/api/v1/pools/north-t4")
    assert answer.get_json() == {
        **POOL,
        "id": "north-t4",
        "kind": "pool",
        "state": "published",
        "organisation": "north",
        "region": "Beijing",
        "timezone": "Asia/Shanghai",
        "description": "",
        "how_to_use": "",
        "grid_minutes": 15,
        "policy": DEFAULTS,
        "version": 1,
    }
    assert program.get("/pools/north-t4", who="").get_json() == {**answer.get_json(), "how_to_use": None}
    assert program.get("/resources/north-t4", who="operator").get_json() == answer.get_json()

    steps = program.get("/resources/north-t4/availability").get_json()["steps"]
    assert [step["offered"] for step in steps] == [0]


def test_a_pool_takes_a_grid_and_a_policy(program: Program) -> None:
    policy = {
        "min_minutes": 60,
        "max_minutes": None,
        "unit_step": 8,
        "max_units": 64,
        "weight_percent": 25,
        "eligible_kinds": ["university", "institute"],
        "eligible_regions": ["Beijing"],
        "charge": "measured",
        "quota": "none",
        "requires_course": "safety",
        "check_in_minutes": 15,
    }
    answer = program.post("/pools", {**POOL, "grid_minutes": 60, "policy": policy}, who="operator")
    assert answer.status_code == 201
    assert answer.get_json()["policy"] == {**DEFAULTS, **policy}
    assert answer.get_json()["grid_minutes"] == 60


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ({"weight_percent": 7}, "policy.weight_percent"),
        ({"weight_percent": -5}, "policy.weight_percent"),
        ({"weight_percent": None}, "policy.weight_percent"),
        ({"late_cancel_percent": 101}, "policy.late_cancel_percent"),
        ({"min_charge_percent": -1}, "policy.min_charge_percent"),
        ({"unit_step": 0}, "policy.unit_step"),
        ({"unit_step": 1.5}, "policy.unit_step"),
        ({"unit_step": True}, "policy.unit_step"),
        ({"unit_step": "2"}, "policy.unit_step"),
        ({"unit_step": 8, "max_units": 4}, "policy.max_units"),
        ({"min_minutes": 60, "max_minutes": 30}, "policy.max_minutes"),
        ({"max_minutes": 14}, "policy.max_minutes"),
        ({"min_minutes": 0}, "policy.min_minutes"),
        ({"horizon_days": 2_147_483_648}, "policy.horizon_days"),
        ({"notice_minutes": -1}, "policy.notice_minutes"),
        ({"check_in_minutes": 0}, "policy.check_in_minutes"),
        ({"charge": "free"}, "policy.charge"),
        ({"quota": None}, "policy.quota"),
        ({"opening": "closed"}, "policy.opening"),
        ({"opening": "voucher", "quota": "none"}, "policy.opening"),
        ({"eligible_kinds": ["club"]}, "policy.eligible_kinds.0"),
        ({"eligible_kinds": []}, "policy.eligible_kinds"),
        ({"eligible_regions": [""]}, "policy.eligible_regions.0"),
        ({"eligible_regions": "Beijing"}, "policy.eligible_regions"),
        ({"requires_course": "a\x07b"}, "policy.requires_course"),
        ({"colour": "red"}, "policy.colour"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_by_its_rule(
    program: Program, policy: dict[str, Any], field: str
) -> None:
    answer = program.post("/pools", {**POOL, "policy": policy}, who="operator")
    assert (answer.status_code, fields(answer)) == (422, [field])
    answer = program.patch("/pools/north-a100", {"policy": policy}, who="operator")
    assert (answer.status_code, fields(answer)) == (422, [field])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grid_minutes", 0),
        ("grid_minutes", 1_441),
        ("grid_minutes", 7.5),
        ("gpu_memory_gib", 2_147_483_648),
        ("gpu_memory_gib", 0),
        ("gpu_memory_gib", "80"),
        ("gpu_model", " "),
        ("gpu_model", "m" * 81),
        ("state", "retired"),
        ("seats", 3),
    ],
)
def test_a_pool_that_cannot_be_meant_is_refused_by_its_field(program: Program, name: str, value: Any) -> None:
    answer = program.post("/pools", {**POOL, name: value}, who="operator")
    assert (answer.status_code, fields(answer)) == (422, [name])


def test_only_operators_of_its_owner_add_a_pool_to_a_facility(program: Program) -> None:
    for person in ("other_operator", "steward", "lead"):
        assert program.post("/pools", POOL, who=person).status_code == 403
    assert program.post("/pools", {**POOL, "facility": "nowhere"}, who="operator").status_code == 404
    assert program.post("/pools", {**POOL, "slug": "north-radar"}, who="operator").status_code == 409
    assert program.get("/pools/north-t4").status_code == 404


def test_a_draft_is_seen_by_its_owner_alone_until_it_is_published(program: Program) -> None:
    program.post("/pools", {**POOL, "state": "draft"}, who="operator")
    paths = ("/pools/north-t4", "/resources/north-t4", "/resources/north-t4/availability")
    for person in ("", "lead", "other_operator", "steward"):
        for path in paths:
            assert program.get(path, who=person).status_code == 404
        listed = program.get("/pools", who=person).get_json()["items"]
        assert [pool["slug"] for pool in listed] == ["north-a100", "south-h100"]
    for person in ("operator", "admin"):
        for path in paths:
            assert program.get(path, who=person).status_code == 200
        assert len(program.get("/pools", who=person).get_json()["items"]) == 3
    assert program.get("/resources/north-t4/capacity", who="lead").status_code == 404

    assert program.post("/resources/north-t4/publish", who="other_operator").status_code == 404
    assert program.post("/resources/north-t4/publish", who="operator").get_json()["state"] == "published"
    assert program.get("/pools/north-t4", who="").status_code == 200
    assert program.post("/resources/north-t4/publish", who="operator").status_code == 409


def test_what_is_retired_takes_no_more_bookings(program: Program) -> None:
    assert program.post("/resources/north-a100/retire", who="other_operator").status_code == 403
    assert program.post("/resources/north-a100/retire", who="operator").get_json()["state"] == "retired"
    assert [pool["slug"] for pool in program.get("/pools").get_json()["items"]] == ["south-h100"]
    assert program.get("/pools/north-a100", who="").get_json()["state"] == "retired"

    body = {
        "team": "team",
        "starts_at": "2026-03-03T10:00:00Z",
        "ends_at": "2026-03-03T11:00:00Z",
        "claims": [{"resource": "north-a100", "units": 1}],
        "purpose": "training",
    }
    refused = program.post("/bookings", body)
    assert [refusal["code"] for refusal in refused.get_json()["refusals"]] == ["resource_closed"]


def test_words_and_rules_of_a_pool_change_one_by_one(program: Program) -> None:
    before = program.get("/pools/north-a100", who="operator").get_json()
    change = {"how_to_use": "ssh gate\nThen wait.", "policy": {"max_units": 8}}
    answer = program.patch("/pools/north-a100", change, who="operator")
    assert answer.get_json() == {
        **before,
        "how_to_use": "ssh gate\nThen wait.",
        "policy": {**before["policy"], "max_units": 8},
        "version": before["version"] + 1,
    }
    again = program.patch("/pools/north-a100", {"policy": {"max_units": None, "unit_step": 2}}, who="operator")
    assert again.get_json()["policy"] == {**before["policy"], "unit_step": 2}

    for person, status in (("other_operator", 403), ("steward", 403), ("lead", 403)):
        assert program.patch("/pools/north-a100", change, who=person).status_code == status
    assert fields(program.patch("/pools/north-a100", {"gpu_model": "B200"}, who="operator")) == ["gpu_model"]
    assert program.patch("/pools/north-radar", {"name": "x"}, who="admin").status_code == 404


def test_a_new_policy_is_what_the_next_booking_is_judged_by(program: Program) -> None:
    body = {
        "team": "team",
        "starts_at": "2026-03-03T10:00:00Z",
        "ends_at": "2026-03-03T11:00:00Z",
        "claims": [{"resource": "north-a100", "units": 9}],
        "purpose": "training",
    }
    assert program.post("/bookings", body).status_code == 201
    program.patch("/pools/north-a100", {"policy": {"max_units": 8}}, who="operator")
    refused = program.post("/bookings", body)
    assert [refusal["code"] for refusal in refused.get_json()["refusals"]] == ["too_many_units"]
