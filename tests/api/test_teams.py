"""Calls on teams: who may ask for what, and what is answered."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from booking.db import transaction
from booking.models.resources import Resource
from tests.support.api import Program
from tests.support.world import PEOPLE, World, build_world

NOW = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app, build_world(app))


def body(**changed: Any) -> dict[str, Any]:
    usual = {
        "name": "Night buses",
        "slug": "night-buses",
        "scenario": World.SCENARIO,
        "organisation": World.SOUTH,
        "lead": "stranger@example.org",
    }
    return {**usual, **changed}


def fields(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json["errors"]]


def test_any_member_applies_and_a_reviewer_decides(program: Program) -> None:
    made = program.post("/teams", body(), who="member")

    assert made.status_code == 201
    assert made.headers["Location"].endswith("/api/v1/teams/night-buses")
    assert made.json | {"members": None} == {
        "id": "night-buses",
        "slug": "night-buses",
        "name": "Night buses",
        "state": "applied",
        "scenario": "traffic",
        "organisation": "south",
        "approved_until": None,
        "suspended_at": None,
        "reason": "",
        "applied_at": "2026-03-02T08:05:00Z",
        "decided_at": None,
        "members": None,
    }
    assert [(one["email"], one["role"]) for one in made.json["members"]] == [("stranger@example.org", "lead")]

    approved = program.post("/teams/night-buses/approve", who="reviewer")
    assert approved.status_code == 200
    assert (approved.json["state"], approved.json["approved_until"]) == ("approved", "2027-03-02T08:05:00Z")


def test_an_approval_says_until_when(program: Program) -> None:
    said = {"until": "2026-12-31T16:00:00+08:00", "reason": "pilot"}
    answer = program.post("/teams/team/approve", said, who="admin")
    assert (answer.json["approved_until"], answer.json["reason"]) == ("2026-12-31T08:00:00Z", "pilot")


@pytest.mark.parametrize(("verb", "state"), [("suspend", "suspended"), ("approve", "approved")])
def test_reviewers_decide_with_a_reason_or_without_any_body(program: Program, verb: str, state: str) -> None:
    assert program.post(f"/teams/team/{verb}", {"reason": "so be it"}, who="reviewer").json["state"] == state
    assert program.post(f"/teams/rival-team/{verb}", who="reviewer").json["state"] == state


def test_a_suspended_team_is_not_told_how_to_use_what_it_booked(app: Flask, program: Program) -> None:
    with app.app_context(), transaction() as session:
        session.get_one(Resource, 1).how_to_use = "ssh"
    claims = [{"resource": World.POOL, "units": 1}]
    window = {"starts_at": "2026-03-02T09:00:00Z", "ends_at": "2026-03-02T10:00:00Z"}
    booking = program.post("/bookings", {"team": World.TEAM, **window, "claims": claims, "purpose": "x"}).json
    assert program.get(f"/bookings/{booking['id']}").json["how_to_use"] == {World.POOL: "ssh"}

    program.post("/teams/team/suspend", who="reviewer")
    shown = program.get(f"/bookings/{booking['id']}").json
    assert (shown["state"], shown["how_to_use"]) == ("confirmed", None)
    program.post("/teams/team/reinstate", who="reviewer")
    assert program.get(f"/bookings/{booking['id']}").json["how_to_use"] == {World.POOL: "ssh"}


def test_a_suspension_is_lifted(program: Program) -> None:
    program.post("/teams/team/suspend", {"reason": "unpaid"}, who="reviewer")
    answer = program.post("/teams/team/reinstate", {"reason": "paid"}, who="reviewer")
    assert (answer.json["state"], answer.json["suspended_at"]) == ("approved", None)


@pytest.mark.parametrize("verb", ["decline", "reinstate"])
def test_a_verb_that_is_not_for_the_state_names_the_state(program: Program, verb: str) -> None:
    answer = program.post(f"/teams/team/{verb}", who="reviewer")
    assert answer.status_code == 409
    assert "approved" in answer.json["detail"]


CANNOT_BE_MEANT = [
    ({"name": ""}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": 7}, "name"),
    ({"name": None}, "name"),
    ({"name": "a\x07b"}, "name"),
    ({"slug": "Night Buses"}, "slug"),
    ({"slug": "12"}, "slug"),
    ({"slug": "x" * 81}, "slug"),
    ({"lead": "nobody@example.org"}, "lead"),
    ({"lead": "no address"}, "lead"),
    ({"lead": "x" * 300 + "@example.org"}, "lead"),
    ({"lead": ["stranger@example.org"]}, "lead"),
    ({"scenario": ""}, "scenario"),
    ({"scenario": 1}, "scenario"),
    ({"state": "approved"}, "state"),
]


def test_what_cannot_be_meant_is_named(program: Program, subtests: pytest.Subtests) -> None:
    for changed, field in CANNOT_BE_MEANT:
        with subtests.test(changed=changed, field=field):
            answer = program.post("/teams", body(**changed), who="member")
            assert answer.status_code == 422
            assert fields(answer) == [field]
            assert program.get("/teams/night-buses", who="admin").status_code == 404


NEEDED = ["name", "slug", "scenario", "organisation", "lead"]


def test_every_field_is_needed(program: Program, subtests: pytest.Subtests) -> None:
    for missing in NEEDED:
        with subtests.test(missing=missing):
            answer = program.post("/teams", {name: value for name, value in body().items() if name != missing})
            assert (answer.status_code, fields(answer)) == (422, [missing])


NOT_THERE = [({"scenario": "none"}, 404), ({"organisation": "none"}, 404), ({"slug": "team"}, 409)]


def test_what_is_named_is_there_and_what_is_new_is_not(program: Program, subtests: pytest.Subtests) -> None:
    for changed, status in NOT_THERE:
        with subtests.test(changed=changed, status=status):
            assert program.post("/teams", body(**changed), who="member").status_code == status


NO_DECISIONS = [
    ({"until": "2026-03-02T08:05:00Z"}, "until"),
    ({"until": "2026-03-03"}, "until"),
    ({"until": "2026-03-03T00:00:00"}, "until"),
    ({"until": "2226-03-03T00:00:00Z"}, "until"),
    ({"until": "9999-12-31T23:59:59Z"}, "until"),
    ({"until": 1}, "until"),
    ({"reason": "x" * 3000}, "reason"),
    ({"reason": "a\x07b"}, "reason"),
    ({"because": "x"}, "because"),
]


def test_a_decision_that_cannot_be_meant_is_named_and_changes_nothing(
    program: Program, subtests: pytest.Subtests
) -> None:
    for said, field in NO_DECISIONS:
        with subtests.test(said=said, field=field):
            before = program.get("/teams/team").json
            answer = program.post("/teams/team/approve", said, who="reviewer")
            assert (answer.status_code, fields(answer)) == (422, [field])
            assert program.get("/teams/team").json == before


SEE = {"lead", "member", "admin", "reviewer", "funder"}
DECIDE = {"admin", "reviewer"}


@pytest.mark.parametrize("who", PEOPLE)
def test_who_sees_a_team_and_who_decides_on_it(program: Program, who: str) -> None:
    assert program.get("/teams/team", who=who).status_code == (200 if who in SEE else 404)
    expected = 200 if who in DECIDE else 403 if who in SEE else 404
    assert program.post("/teams/team/suspend", who=who).status_code == expected


def test_nobody_unknown_sees_or_asks_for_anything(program: Program) -> None:
    for path in ("/teams", "/teams/team", "/teams/team/balance", "/teams/team/ledger", "/grants", "/grants/1"):
        assert program.get(path, who="").status_code == 401
    assert program.post("/teams", body(), who="").status_code == 401
    assert program.post("/grants", {}, who="").status_code == 401


def test_who_applied_sees_the_team_without_being_in_it(program: Program) -> None:
    program.post("/teams", body(), who="owner")
    assert program.get("/teams/night-buses", who="owner").json["state"] == "applied"
    assert program.get("/teams/night-buses", who="stranger").status_code == 200
    assert program.get("/teams/night-buses", who="member").status_code == 404
    assert program.get("/teams/night-buses/balance", who="owner").status_code == 404


def listed(program: Program, path: str, who: str) -> list[str]:
    return [team["id"] for team in program.get(path, who=who).json["items"]]


def test_lists_hold_what_one_may_see(program: Program) -> None:
    program.post("/teams", body(), who="owner")
    assert listed(program, "/teams", "reviewer") == ["night-buses", "rival-team", "team"]
    assert listed(program, "/teams", "member") == ["team"]
    assert listed(program, "/teams", "owner") == ["night-buses"]
    assert listed(program, "/teams", "operator") == []
    assert listed(program, "/teams?state=applied,suspended", "reviewer") == ["night-buses"]
    assert listed(program, "/teams?q=RIVAL", "reviewer") == ["rival-team"]
    assert listed(program, "/teams?q=%25", "reviewer") == []
    assert listed(program, "/teams?q=%25", "member") == []


def test_lists_go_on_where_they_stopped(program: Program) -> None:
    first = program.get("/teams?limit=1", who="admin").json
    second = program.get(first["next"], who="admin").json
    assert [team["id"] for team in first["items"] + second["items"]] == ["rival-team", "team"]
    assert second["next"] is None


NO_LISTS = [
    ("/teams?state=open", "state"),
    ("/teams?limit=0", "limit"),
    ("/teams?limit=201", "limit"),
    ("/teams?cursor=x", "cursor"),
    ("/teams?colour=red", "colour"),
    ("/teams/team/ledger?limit=x", "limit"),
    ("/teams/team/ledger?cursor=WyJ4Il0=", "cursor"),
]


def test_a_list_that_cannot_be_meant_is_named(program: Program, subtests: pytest.Subtests) -> None:
    for path, field in NO_LISTS:
        with subtests.test(path=path, field=field):
            answer = program.get(path, who="lead")
            assert (answer.status_code, fields(answer)) == (422, [field])


def member_id(program: Program, name: str) -> str:
    return next(one["id"] for one in program.get("/teams/team").json["members"] if one["name"] == name)


def test_a_lead_takes_people_in_changes_their_role_and_takes_them_out(program: Program) -> None:
    added = program.post("/teams/team/members", {"email": "stranger@example.org"})
    assert [(one["name"], one["role"]) for one in added.json["members"]] == [
        ("Lead", "lead"), ("Member", "member"), ("Stranger", "member"),
    ]  # fmt: skip
    stranger = member_id(program, "Stranger")
    path = f"/teams/team/members/{stranger}"
    assert program.patch(path, {"role": "lead"}).json["members"][1]["name"] == "Stranger"
    gone = program.call("DELETE", path, who="lead", headers={})
    assert (gone.status_code, gone.json["email"]) == (200, "stranger@example.org")
    assert program.call("DELETE", path, who="lead", headers={}).status_code == 404


def test_a_member_leaves_and_sees_the_team_no_more(program: Program) -> None:
    path = f"/teams/team/members/{member_id(program, 'Member')}"
    assert program.call("DELETE", path, who="member", headers={}).status_code == 200
    assert program.get("/teams/team", who="member").status_code == 404
    assert program.get("/teams/team/balance", who="member").status_code == 404


def test_the_last_lead_cannot_leave(program: Program) -> None:
    path = f"/teams/team/members/{member_id(program, 'Lead')}"
    answer = program.call("DELETE", path, who="lead", headers={})
    assert answer.status_code == 409
    assert "without a lead" in answer.json["detail"]
    assert program.patch(path, {"role": "member"}).status_code == 409


NO_MEMBERS = [
    ({"email": "nobody@example.org"}, 422, "email"),
    ({"email": "stranger@example.org", "role": "boss"}, 422, "role"),
    ({"role": "lead"}, 422, "email"),
    ({"email": "member@example.org"}, 409, ""),
]


def test_nobody_is_taken_in_who_cannot_be(program: Program, subtests: pytest.Subtests) -> None:
    for said, status, field in NO_MEMBERS:
        with subtests.test(said=said, status=status, field=field):
            answer = program.post("/teams/team/members", said)
            assert answer.status_code == status
            if field:
                assert fields(answer) == [field]


NO_TEAMS = ["none", "1", "0", "-1", "team%00", "x" * 300]


def test_a_team_that_is_not_there_is_not_found(program: Program, subtests: pytest.Subtests) -> None:
    for path in NO_TEAMS:
        with subtests.test(path=path):
            assert program.get(f"/teams/{path}", who="admin").status_code == 404
            assert program.get(f"/teams/{path}/balance", who="admin").status_code == 404


NOBODY = ["0", "x", "999", "9" * 30]


def test_a_member_that_is_not_there_is_not_found(program: Program, subtests: pytest.Subtests) -> None:
    for member in NOBODY:
        with subtests.test(member=member):
            assert program.patch(f"/teams/team/members/{member}", {"role": "lead"}).status_code == 404
            assert program.call("DELETE", f"/teams/team/members/{member}", who="lead", headers={}).status_code == 404


def test_reviewers_ask_the_applicants_answer_and_the_votes_are_for_reviewers(program: Program) -> None:
    program.post("/teams", body(), who="member")
    assert program.post("/teams/night-buses/return", who="reviewer").status_code == 422
    returned = program.post("/teams/night-buses/return", {"reason": "Which buses?"}, who="reviewer")
    assert (returned.status_code, returned.json["state"], returned.json["reason"]) == (200, "returned", "Which buses?")
    seen = program.get("/teams/night-buses/votes", who="reviewer").json
    assert [(one["department"], one["answer"], one["as_deputy"]) for one in seen["votes"]] == [("", "return", False)]
    assert (seen["quorum"], seen["decide_by"]) == (1, None)
    assert program.get("/teams/night-buses/votes", who="member").status_code == 403
    assert program.post("/teams/night-buses/approve", who="reviewer").status_code == 409
    assert program.post("/teams/night-buses/answer", {"answer": "All"}, who="rival").status_code == 404
    assert program.post("/teams/night-buses/answer", {"answer": "All"}, who="reviewer").status_code == 403
    assert program.post("/teams/night-buses/answer", {"answer": ""}, who="member").status_code == 422
    assert program.post("/teams/night-buses/answer", {"answer": "All"}, who="member").json["state"] == "applied"
    assert program.post("/teams/night-buses/answer", {"answer": "All"}, who="member").status_code == 409
    assert program.get("/teams/night-buses/votes", who="reviewer").json["applicants_said"] == "All"
