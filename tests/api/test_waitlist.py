"""The wait list through the API: joining instead of a refusal, one's place, and what nobody else may see."""

from typing import Any

import pytest

from tests.support.api import NOW, START, Program, body, codes, fields, text
from tests.support.world import World

LATER = START.replace(hour=20)
ALL = 64


def wanted(units: int = 8, hours: float = 2, **changed: Any) -> dict[str, Any]:
    usual = {
        "team": World.TEAM, "resource": World.POOL, "units": units, "hours": hours, "earliest": text(START),
        "latest": text(START.replace(hour=12)), "purpose": "training",
    }  # fmt: skip
    return {**usual, **changed}


def full(program: Program) -> str:
    """The rival books everything; the booking's id."""
    taken = program.post("/bookings", body((World.POOL, ALL), team=World.RIVAL_TEAM), who="rival")
    assert taken.status_code == 201
    return taken.json["id"]


def test_a_refusal_says_how_to_wait_and_the_place_comes_with_its_reasons(program: Program) -> None:
    booked = full(program)
    refused = program.post("/bookings", body((World.POOL, 8), (World.DATASET, 1)))
    assert codes(refused) == ["capacity_exceeded"]
    instead = refused.json["wait_list"]
    assert instead["href"] == "/api/v1/waitlist"

    joined = program.post(instead["href"], instead["body"])
    assert (joined.status_code, joined.json["state"], joined.json["position"]) == (201, "waiting", 1)
    assert joined.headers["Location"] == f"/api/v1/waitlist/{joined.json['id']}"
    assert joined.json["places"][0] | {"why": ""} == {
        "resource": World.POOL, "position": 1, "total": 1, "higher_level": 0, "fewer_hours": 0, "older": 0, "level": 1,
        "head_start": 1, "priority": "normal", "used_unit_seconds": 0, "why": "",
    }  # fmt: skip
    assert joined.json["why"].startswith("Number 1 of 1.")

    program.post(f"/bookings/{booked}/cancel", who="rival")
    again = program.post("/bookings", body((World.POOL, ALL), team=World.RIVAL_TEAM), who="rival")
    assert codes(again) == ["capacity_exceeded"], "who waits comes first"
    offered = program.get(f"/waitlist/{joined.json['id']}").json
    assert (offered["state"], offered["position"]) == ("offered", None)
    accepted = program.post(f"/bookings/{offered['booking']}/accept", who="member")
    assert (accepted.json["state"], accepted.json["claims"]) == (
        "confirmed",
        [{"resource": World.POOL, "units": 8}, {"resource": World.DATASET, "units": 1}],
    )
    assert program.get(f"/waitlist/{joined.json['id']}").json["state"] == "taken"


@pytest.mark.parametrize(
    "claims",
    [((World.POOL, ALL + 1), (World.OTHER_POOL, 1)), ((World.POOL, ALL), (World.DATASET, 3))],
)  # fmt: skip
def test_what_no_entry_can_say_is_not_offered_to_wait_for(program: Program, claims: Any) -> None:
    refused = program.post("/bookings", body(*claims))
    assert refused.status_code == 409
    assert "wait_list" not in refused.json


def test_a_refusal_that_waiting_does_not_cure_offers_no_waiting(program: Program) -> None:
    full(program)
    refused = program.post("/bookings", body((World.POOL, 8), start=NOW.replace(hour=1)))
    assert "in_the_past" in codes(refused)
    assert "wait_list" not in refused.json


def test_an_entry_is_seen_by_its_team_and_by_the_owner_and_for_others_it_is_not_there(program: Program) -> None:
    full(program)
    path = f"/waitlist/{program.post('/waitlist', wanted()).json['id']}"
    for who in ("lead", "member", "operator", "admin"):
        assert program.get(path, who=who).status_code == 200
        assert len(program.get("/waitlist", who=who).json["items"]) == 1
    for who in ("rival", "stranger", "other_operator", "steward"):
        assert program.get(path, who=who).status_code == 404
        assert program.get("/waitlist", who=who).json["items"] == []
        assert program.post(f"{path}/withdraw", who=who).status_code == 404
        assert program.post(f"{path}/priority", {"priority": "high"}, who=who).status_code == 404
        assert program.post(f"{path}/rejoin", who=who).status_code == 404


def test_a_rival_hears_how_many_stand_before_it_and_not_who(program: Program) -> None:
    full(program)
    program.post("/waitlist", wanted())
    behind = program.post("/waitlist", wanted(team=World.RIVAL_TEAM), who="rival")
    assert (behind.json["position"], behind.json["places"][0]["fewer_hours"]) == (2, 1)
    assert f':"{World.TEAM}"' not in behind.text
    assert "lead@" not in behind.text


def test_an_owner_gives_a_class_that_moves_an_entry_forward(program: Program) -> None:
    full(program)
    program.post("/waitlist", wanted())
    path = f"/waitlist/{program.post('/waitlist', wanted(team=World.RIVAL_TEAM), who='rival').json['id']}"
    moved = program.post(f"{path}/priority", {"priority": "high"}, who="operator").json
    assert (moved["position"], moved["places"][0]["level"]) == (1, 2)
    assert program.post(f"{path}/priority", {"priority": "high"}, who="rival").status_code == 403
    assert fields(program.post(f"{path}/priority", {"priority": "urgent"}, who="operator")) == ["priority"]


def test_the_list_is_told_by_team_resource_and_state_a_page_at_a_time(program: Program) -> None:
    full(program)
    first, second = (program.post("/waitlist", wanted(hours=hours)).json["id"] for hours in (1, 2))
    program.post(f"/waitlist/{first}/withdraw", {"reason": "done"})

    def ids(query: str) -> list[str]:
        return [one["id"] for one in program.get(f"/waitlist?{query}").json["items"]]

    assert ids("") == [second, first]
    assert ids("state=waiting,offered") == [second]
    assert ids("state=withdrawn") == [first]
    assert ids(f"team={World.RIVAL_TEAM}") == []
    assert ids(f"resource={World.POOL}") == [second, first]
    assert ids(f"resource={World.DATASET}") == []
    page = program.get("/waitlist?limit=1").json
    assert [one["id"] for one in program.get(page["next"]).json["items"]] == [first]


def test_who_ended_joins_again_at_the_end(program: Program) -> None:
    full(program)
    entry = program.post("/waitlist", wanted()).json["id"]
    assert program.post(f"/waitlist/{entry}/rejoin").status_code == 409
    assert program.post(f"/waitlist/{entry}/withdraw").json["state"] == "withdrawn"
    again = program.post(f"/waitlist/{entry}/rejoin")
    assert (again.status_code, again.json["state"]) == (201, "waiting")
    assert again.json["id"] != entry


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"units": 0}, 422, "units"),
        ({"units": 1.5}, 422, "units"),
        ({"hours": 0}, 422, "hours"),
        ({"hours": 3}, 422, "latest"),
        ({"hours": 1e300}, 422, "hours"),
        ({"max_hours": 1}, 422, "max_hours"),
        ({"latest": text(START)}, 422, "latest"),
        ({"latest": "2499-01-01T00:00:00Z"}, 422, "latest"),
        ({"gpu_model": "A100"}, 422, "resource"),
        ({"resource": None}, 422, "resource"),
        ({"region": "Beijing"}, 422, "region"),
        ({"resource": None, "gpu_model": "x" * 200}, 422, "gpu_model"),
        ({"dataset": World.OTHER_POOL}, 422, "dataset"),
        ({"extra": 1}, 422, "extra"),
        ({"resource": "nothing"}, 404, ""),
        ({"team": "nobody"}, 404, ""),
        ({"team": World.RIVAL_TEAM}, 403, ""),
    ],
)
def test_what_cannot_be_waited_for_is_refused_with_the_field_named(
    program: Program, changed: dict[str, Any], status: int, field: str
) -> None:
    answer = program.post("/waitlist", {**wanted(), **changed})
    assert answer.status_code == status, answer.text
    if field:
        assert fields(answer) == [field]
