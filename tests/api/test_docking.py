"""The docking board by the API: from a refusal to a booking, and what each may see of it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import START, Program, body, codes, fields, text
from tests.support.world import World

LATER = START + timedelta(hours=6)


def wanted(**changed: Any) -> dict[str, Any]:
    usual = {
        "team": World.TEAM, "gpu_models": ["A100"], "units": 8, "hours": 2, "earliest": text(START),
        "latest": text(LATER), "note": "training",
    }  # fmt: skip
    return {**usual, **changed}


def proposed(demand: str, **changed: Any) -> dict[str, Any]:
    usual = {
        "demand": demand, "resource": World.POOL, "units": 8, "starts_at": text(START),
        "ends_at": text(START + timedelta(hours=2)),
    }  # fmt: skip
    return {**usual, **changed}


def test_what_is_refused_is_looked_for_proposed_and_booked(program: Program) -> None:
    program.post("/bookings", body((World.POOL, 60)))
    refused = program.post("/bookings", body((World.POOL, 8), (World.DATASET, 1)))
    instead = refused.json["docking"]
    assert instead["href"] == "/api/v1/docking/demands"
    made = program.post(instead["href"], instead["body"])
    demand = made.json["id"]
    assert made.headers["Location"].endswith(f"/docking/demands/{demand}")
    assert (made.json["gpu_models"], made.json["dataset"], made.json["hours"]) == (["A100"], World.DATASET, 2.0)
    assert program.get(f"/docking/matches?demand={demand}").json["matches"] == []
    assert program.get("/docking/unmet", who="").json["gaps"] == [
        {"week": "2026-03-02", "gpu_model": "A100", "wishes": 1, "unit_seconds": 8 * 7200, "most_units": 8,
         "refused": 0, "waiting": 0, "demanded": 1}
    ]  # fmt: skip

    fewer = program.post("/docking/proposals", proposed(demand, units=4), who="operator")
    assert (fewer.status_code, fewer.json["state"], fewer.json["demand"]) == (201, "offered", demand)
    booking = fewer.json["id"]
    assert fewer.headers["Location"].endswith(f"/bookings/{booking}")
    assert program.post("/docking/proposals", proposed(demand, units=4), who="operator").status_code == 409
    for who, seen in (("lead", 1), ("operator", 1), ("other_operator", 0), ("rival", 0)):
        assert len(program.get("/docking/proposals", who=who).json["items"]) == seen, who
    assert program.post(f"/docking/demands/{demand}/withdraw").status_code == 409
    assert program.post(f"/bookings/{booking}/accept").json["state"] == "confirmed"
    done = program.get(f"/docking/demands/{demand}").json
    assert (done["state"], done["booking"]) == ("fulfilled", booking)
    assert program.get("/docking/unmet", who="").json["gaps"] == []


def test_matches_are_told_term_by_term(program: Program) -> None:
    demand = program.post("/docking/demands", wanted(gpu_models=["A100", "H100"], regions=["Beijing"])).json["id"]
    (one,) = program.get(f"/docking/matches?demand={demand}").json["matches"]
    assert (one["resource"], one["offer"], one["score"]) == (World.POOL, None, 95)
    assert one["score"] == sum(term["points"] for term in one["terms"])
    assert {term["name"]: term["why"] for term in one["terms"]}["place"] == "It lies in Beijing, choice 1 of 1."
    together = program.get("/docking/matches", who="operator").json["matches"]
    assert [(each["demand"], each["resource"]) for each in together] == [(demand, World.POOL)]
    assert program.get("/docking/matches", who="rival").json["matches"] == []


def test_a_demand_is_for_its_team_and_for_those_who_could_offer(program: Program) -> None:
    demand = program.post("/docking/demands", wanted()).json["id"]
    for who, status in (
        ("lead", 200), ("member", 200), ("operator", 200), ("other_operator", 200), ("steward", 200), ("admin", 200),
        ("rival", 404), ("funder", 404), ("stranger", 404), ("", 401),
    ):  # fmt: skip
        assert program.get(f"/docking/demands/{demand}", who=who).status_code == status, who
        listed = program.get("/docking/demands", who=who)
        assert len(listed.json.get("items", [])) == (status == 200), who
    assert program.get("/docking/demands?state=fulfilled,expired").json["items"] == []
    assert program.get(f"/docking/matches?demand={demand}", who="rival").status_code == 404
    assert program.post(f"/docking/demands/{demand}/withdraw", who="rival").status_code == 404
    assert program.post(f"/docking/demands/{demand}/withdraw", who="operator").status_code == 403
    assert program.post(f"/docking/demands/{demand}/withdraw", {"reason": "done"}).json["state"] == "withdrawn"
    assert program.post("/docking/proposals", proposed(demand), who="operator").status_code == 409
    assert program.post("/docking/demands", wanted(team=World.RIVAL_TEAM)).status_code == 403


def test_an_entry_of_the_wait_list_is_looked_for_too(program: Program) -> None:
    program.post("/bookings", body((World.POOL, 64), hours=6))
    waits = {"team": World.TEAM, "resource": World.POOL, "units": 8, "hours": 2, "earliest": text(START)}
    entry = program.post("/waitlist", {**waits, "latest": text(LATER)}).json["id"]
    made = program.post(f"/docking/demands/of-entry/{entry}")
    assert (made.status_code, made.json["entry"], made.json["gpu_models"]) == (201, entry, ["A100"])
    assert program.post(f"/docking/demands/of-entry/{entry}").status_code == 409
    assert program.post(f"/docking/demands/of-entry/{entry}", who="rival").status_code == 404
    assert program.get(f"/waitlist/{entry}").json["state"] == "waiting"


def test_an_offer_to_one_team_is_seen_by_it_alone(program: Program) -> None:
    usual = {
        "resource": World.POOL, "units": 16, "starts_at": text(START), "ends_at": text(LATER), "until": text(START),
    }  # fmt: skip
    made = program.post("/docking/offers", {**usual, "team": World.TEAM, "note": "for you"}, who="operator")
    offer = made.json["id"]
    assert (made.status_code, made.json["to"], made.json["gpu_model"]) == (201, "team", "A100")
    for who, status in (("lead", 200), ("operator", 200), ("rival", 404), ("other_operator", 404)):
        assert program.get(f"/docking/offers/{offer}", who=who).status_code == status, who
    assert program.get("/docking/offers", who="").json["items"] == []
    demand = program.post("/docking/demands", wanted()).json["id"]
    (match,) = program.get(f"/docking/matches?demand={demand}").json["matches"]
    assert (match["offer"], match["score"]) == (offer, 100)

    assert program.post("/docking/offers", usual, who="other_operator").status_code == 403
    assert program.post("/docking/offers", {**usual, "team": "nobody"}, who="operator").status_code == 404
    assert program.post(f"/docking/offers/{offer}/withdraw", who="lead").status_code == 403
    assert program.post(f"/docking/offers/{offer}/withdraw", who="operator").json["withdrawn_at"] is not None
    assert program.post(f"/docking/offers/{offer}/withdraw", who="operator").status_code == 409
    both = {**usual, "team": World.TEAM, "region": "Beijing"}
    assert fields(program.post("/docking/offers", both, who="operator")) == ["team"]


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"units": 0}, 422, "units"),
        ({"units": 1.5}, 422, "units"),
        ({"hours": 0}, 422, "hours"),
        ({"hours": 7}, 422, "latest"),
        ({"latest": text(START)}, 422, "latest"),
        ({"latest": "2499-01-01T00:00:00Z"}, 422, "latest"),
        ({"gpu_models": []}, 422, "gpu_models"),
        ({"gpu_models": [1]}, 422, "gpu_models.0"),
        ({"gpu_models": ["a\u202eb"]}, 422, "gpu_models"),
        ({"gpu_models": ["x"] * 5}, 422, "gpu_models"),
        ({"memory_gib": -1}, 422, "memory_gib"),
        ({"dataset": World.POOL}, 422, "dataset"),
        ({"extra": 1}, 422, "extra"),
        ({"dataset": "nothing"}, 404, ""),
        ({"team": "nobody"}, 404, ""),
    ],
)
def test_what_cannot_be_looked_for_is_refused_with_the_field_named(
    program: Program, changed: dict[str, Any], status: int, field: str
) -> None:
    answer = program.post("/docking/demands", wanted(**changed))
    assert answer.status_code == status, answer.text
    if field:
        assert fields(answer) == [field]


def test_what_cannot_be_proposed_is_refused_with_the_field_named(program: Program) -> None:
    demand = program.post("/docking/demands", wanted()).json["id"]

    def answer(who: str = "operator", **changed: Any) -> Any:
        return program.post("/docking/proposals", {**proposed(demand), **changed}, who=who)

    assert fields(answer(units=9)) == ["units"]
    assert fields(answer(starts_at=text(START - timedelta(hours=1)))) == ["starts_at"]
    assert fields(answer(ends_at=text(START))) == ["ends_at"]
    assert fields(answer(hold_until=text(LATER))) == ["hold_until"]
    assert fields(answer(resource=World.DATASET, who="steward")) == ["resource"]
    assert answer(resource="nothing").status_code == 404
    assert answer(demand="99").status_code == 404
    assert answer(who="other_operator").status_code == 403
    assert answer(who="rival").status_code == 404
    program.post("/bookings", body((World.POOL, 60)), who="lead")
    assert codes(answer()) == ["capacity_exceeded"]
