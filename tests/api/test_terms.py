"""Calls on terms and permits, and what a booking hears where they are missing."""

import pytest
from flask import Flask

from tests.support.api import Program, body, codes, fields
from tests.support.statements import counted_statements
from tests.support.world import World

TERMS = f"/datasets/{World.DATASET}/terms"
SEAT = body((World.DATASET, 1))
LATER = "2026-03-04T00:00:00Z"


def publish(program: Program, text: str, **more: object) -> None:
    answer = program.post(TERMS, {"text": text, **more}, who="steward")
    assert answer.status_code == 201, answer.text


def test_a_seat_is_booked_once_the_terms_in_force_are_accepted(program: Program) -> None:
    publish(program, "Cite us.")
    publish(program, "Cite us.\nPay us.", effective_at=LATER)
    refused = program.post("/bookings", SEAT)
    assert (refused.status_code, codes(refused)) == (409, ["terms_not_accepted"])
    assert refused.json["refusals"][0]["version"] == 1

    answer = program.post(f"{TERMS}/1/accept")
    assert (answer.json["in_force"], answer.json["accepted"]) == (True, True)
    assert program.post(f"{TERMS}/1/accept").status_code == 200
    assert program.post("/bookings", SEAT).status_code == 201
    assert codes(program.post("/bookings", SEAT, who="member")) == ["terms_not_accepted"]


def test_the_versions_are_public_with_what_changed_between_them(program: Program) -> None:
    publish(program, "Cite us.")
    publish(program, "Cite us.\nPay us.", effective_at=LATER, urgent=True)
    items = program.get(TERMS, who="").json["items"]
    assert [(one["number"], one["in_force"], one["urgent"]) for one in items] == [(1, True, False), (2, False, True)]
    changed = program.get(f"{TERMS}/2/differences", who="").json
    assert changed["differences"] == [
        {"change": "same", "lines": ["Cite us."]},
        {"change": "added", "lines": ["Pay us."]},
    ]
    assert fields(program.get(f"{TERMS}/1/differences?since=2", who="")) == ["since"]
    assert program.get(f"{TERMS}/3", who="").status_code == 404


def test_stewards_publish_terms_and_see_who_accepted_them(program: Program) -> None:
    assert program.post(TERMS, {"text": "mine"}, who="lead").status_code == 403
    publish(program, "Cite us.")
    program.post(f"{TERMS}/1/accept", who="member")
    answer = program.get(f"/datasets/{World.DATASET}/acceptances", who="steward")
    assert [(one["number"], one["by"]) for one in answer.json["items"]] == [(1, "member@example.org")]
    assert program.get(f"/datasets/{World.DATASET}/acceptances").status_code == 403
    answer = program.post(TERMS, {"text": "x", "effective_at": "2020-01-01T00:00:00Z"}, who="steward")
    assert fields(answer) == ["effective_at"]


def test_an_old_version_cannot_be_accepted_any_more(program: Program) -> None:
    publish(program, "Cite us.")
    publish(program, "Pay us.")
    assert program.post(f"{TERMS}/1/accept").status_code == 409
    assert program.post(f"{TERMS}/x/accept").status_code == 404


@pytest.fixture
def restricted(program: Program) -> Program:
    program.patch(f"/datasets/{World.DATASET}", {"sensitivity": "restricted"}, who="steward")
    return program


def test_restricted_data_is_booked_under_a_permit_and_not_beyond_it(restricted: Program) -> None:
    assert codes(restricted.post("/bookings", SEAT)) == ["permit_missing"]
    wish = {"team": World.TEAM, "dataset": World.DATASET, "purpose": "radar"}
    permit = restricted.post("/permits", wish).json
    assert permit["state"] == "asked"
    assert restricted.post("/permits", wish).status_code == 409
    place = f"/permits/{permit['id']}"
    assert restricted.post(f"{place}/grant", {"until": "2026-03-03T11:00:00Z"}).status_code == 403
    granted = restricted.post(f"{place}/grant", {"until": "2026-03-03T11:00:00Z"}, who="steward")
    assert granted.json["state"] == "granted"
    refused = restricted.post("/bookings", SEAT)
    assert [(one["code"], one["field"]) for one in refused.json["refusals"]] == [("permit_missing", "ends_at")]
    assert restricted.post("/bookings", body((World.DATASET, 1), hours=1)).status_code == 201


def test_permits_are_seen_by_the_team_and_the_steward_alone(restricted: Program) -> None:
    wish = {"team": World.TEAM, "dataset": World.DATASET, "purpose": "radar"}
    number = restricted.post("/permits", wish).json["id"]
    for who, status in (("member", 200), ("steward", 200), ("rival", 404), ("operator", 404)):
        assert restricted.get(f"/permits/{number}", who=who).status_code == status, who
    assert restricted.get("/permits", who="rival").json["items"] == []
    assert len(restricted.get("/permits?state=asked", who="steward").json["items"]) == 1
    assert restricted.post(f"/permits/{number}/decline", who="rival").status_code == 404
    assert restricted.post("/permits", wish, who="rival").status_code == 403
    given = {**wish, "until": LATER}
    assert restricted.post("/permits", given).status_code == 403
    assert restricted.post("/permits", {**wish, "purpose": " "}).status_code == 422
    assert restricted.post(f"/permits/{number}/decline", {"reason": "no"}, who="steward").json["state"] == "declined"
    assert restricted.post(f"/permits/{number}/withdraw", who="steward").status_code == 409


def test_pools_pay_nothing_for_the_terms_of_datasets(app: Flask, program: Program) -> None:
    publish(program, "Cite us.")
    program.post("/bookings", body((World.POOL, 1)))
    with counted_statements(app) as sent:
        program.post("/bookings", body((World.POOL, 1)))
    assert not [one for one in sent if "terms_" in one or "permits" in one]
