"""Looking at bookings: who sees which, and how lists are narrowed and paged."""

from datetime import timedelta

import pytest
from flask import Flask

from booking.db import transaction
from booking.models.resources import Resource
from tests.support.api import START, Program, body, fields, text
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("traveller")
VERBS = ("accept", "cancel", "approve", "decline", "check-in", "finish", "revoke")


def test_members_see_their_teams_bookings_and_owners_what_claims_their_own(program: Program) -> None:
    ours = program.post("/bookings", body()).json["id"]
    theirs = program.post("/bookings", body((World.OTHER_POOL, 1), team=World.RIVAL_TEAM), who="rival").json["id"]
    seen = {
        who: [booking["id"] for booking in program.get("/bookings", who).json["items"]]
        for who in ("lead", "member", "rival", "operator", "other_operator", "admin", "stranger", "funder", "reviewer")
    }
    assert seen == {
        "lead": [ours], "member": [ours], "rival": [theirs], "operator": [ours], "other_operator": [theirs],
        "admin": [theirs, ours], "stranger": [], "funder": [], "reviewer": [],
    }  # fmt: skip


def test_another_teams_booking_is_not_found_by_any_call(program: Program) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    change = {"ends_at": text(START + timedelta(hours=1))}
    for who in ("rival", "other_operator", "stranger", "funder", "reviewer"):
        assert program.get(path, who).status_code == 404
        assert program.patch(path, change, who=who).status_code == 404
        assert program.patch(path, change, who=who, If_Match='"1"').status_code == 404
        for verb in VERBS:
            assert program.post(f"{path}/{verb}", who=who).status_code == 404
    assert program.get(path).json["version"] == 1


def test_an_id_of_nothing_is_not_found(program: Program) -> None:
    for name in ("0", "1", "999999999", "x", "-1", "1.0", "٣", "9" * 40, "%00", "null"):
        answer = program.app.test_client().get(f"/api/v1/bookings/{name}", headers=program.world.bearer())
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), name


def test_a_list_is_narrowed_by_team_resource_state_and_window(program: Program) -> None:
    pool = program.post("/bookings", body()).json["id"]
    seat = program.post("/bookings", body((World.DATASET, 1), start=START + timedelta(days=1))).json["id"]
    gone = program.post("/bookings", body()).json["id"]
    program.post(f"/bookings/{gone}/cancel")

    def listed(query: str) -> list[str]:
        return [booking["id"] for booking in program.get(f"/bookings?{query}").json["items"]]

    assert listed("") == [gone, seat, pool]
    assert listed("state=confirmed") == [seat, pool]
    assert listed("state=confirmed,cancelled") == [gone, seat, pool]
    assert listed(f"resource={World.DATASET}") == [seat]
    assert listed(f"team={World.TEAM}&resource={World.POOL}") == [gone, pool]
    assert listed(f"team={World.RIVAL_TEAM}") == []
    assert listed("team=nobody") == []
    assert listed("from=2026-03-03T12:00:00Z") == [seat]
    assert listed("to=2026-03-03T10:00:00Z") == []
    assert listed("from=2026-03-03T11:00:00%2B00:00&to=2026-03-03T11:15:00Z") == [gone, pool]


WRONG_FILTERS = [
    ("state=sleeping", "state"), ("state=", "state"), ("from=2026-03-03", "from"), ("to=x", "to"),
    ("limit=0", "limit"), ("limit=201", "limit"), ("limit=many", "limit"), ("colour=red", "colour"),
    ("cursor=x", "cursor"), ("cursor=WyJ4Il0=", "cursor"), ("cursor=W10=", "cursor"), ("team=a&team=b", "team"),
    ("since=2026-03-03T12:00:00Z", "since"),
]  # fmt: skip


def test_a_filter_that_cannot_be_meant_is_named(program: Program) -> None:
    for query, named in WRONG_FILTERS:
        answer = program.get(f"/bookings?{query}")
        assert answer.status_code == 422, query
        assert named in {field.split(".")[0] for field in fields(answer)}, query


def test_pages_follow_each_other_until_all_is_shown_once(program: Program) -> None:
    made = [program.post("/bookings", body((World.POOL, 1))).json["id"] for _ in range(5)]
    address, seen = "/bookings?limit=2&state=confirmed", []
    while address:
        page = program.get(address).json
        assert len(page["items"]) <= 2
        seen += [booking["id"] for booking in page["items"]]
        address = page["next"]
    assert seen == made[::-1]


def test_how_to_use_it_is_told_to_the_team_of_a_confirmed_booking_alone(app: Flask, program: Program) -> None:
    with app.app_context(), transaction() as session:
        session.get(Resource, program.world.pool).how_to_use = "ssh login.north.example"
    path = program.post("/bookings", body()).headers["Location"]
    assert program.get(path, "member").json["how_to_use"] == {World.POOL: "ssh login.north.example"}
    assert program.get(path, "operator").json["how_to_use"] is None
    program.post(f"{path}/cancel")
    assert program.get(path).json["how_to_use"] is None
