"""Change requests by program: a change that an owner has to approve, and what is said to it."""

import pytest
import time_machine
from flask import Flask

from tests.support.api import START, Program, body, text
from tests.support.world import World, build_world

LATER = text(START.replace(hour=16))


@pytest.fixture
def program(app: Flask, traveller: time_machine.Traveller) -> Program:
    """A world in which eight units over two hours are confirmed at once, and what is larger waits."""
    return Program(app, build_world(app, policy={"auto_approve_unit_hours": 20}))


def asked(program: Program) -> tuple[str, str]:
    """The ids of a booking and of the change request that it has."""
    booking = program.post("/bookings", body()).json["id"]
    answer = program.patch(f"/bookings/{booking}", {"ends_at": LATER}, If_Match='"1"')
    assert (answer.status_code, answer.json["version"], answer.headers["ETag"]) == (200, 1, '"1"')
    return booking, answer.json["change_request"]["id"]


def test_a_growth_that_needs_approval_is_told_with_the_booking(program: Program) -> None:
    booking, request = asked(program)
    told = program.get(f"/bookings/{booking}").json
    assert told["ends_at"] == text(START.replace(hour=12))
    shown = told["change_request"]
    assert (shown["id"], shown["booking"], shown["state"], shown["ends_at"]) == (request, booking, "open", LATER)
    assert shown["claims"] == [{"resource": World.POOL, "units": 8}]
    assert shown["held"] == [
        {"resource": World.POOL, "units": 8, "starts_at": text(START.replace(hour=12)), "ends_at": LATER}
    ]
    assert shown["waiting_for"] == [World.POOL]


def test_the_owners_yes_makes_it_part_of_the_booking(program: Program) -> None:
    booking, request = asked(program)
    done = program.post(f"/change-requests/{request}/approve", who="operator")
    assert (done.status_code, done.json["state"], done.json["held"]) == (200, "approved", [])
    told = program.get(f"/bookings/{booking}").json
    assert (told["ends_at"], told["version"], told["change_request"]) == (LATER, 2, None)


@pytest.mark.parametrize(
    ("verb", "who", "state"), [("decline", "operator", "declined"), ("withdraw", "lead", "withdrawn")]
)
def test_a_no_or_a_withdrawal_leaves_the_booking_and_comes_once(
    program: Program, verb: str, who: str, state: str
) -> None:
    booking, request = asked(program)
    assert program.post(f"/change-requests/{request}/{verb}", {"reason": "no"}, who=who).json["state"] == state
    again = program.post(f"/change-requests/{request}/approve", who="operator")
    assert (again.status_code, again.json["code"]) == (409, "illegal_move")
    assert program.get(f"/bookings/{booking}").json["version"] == 1


def test_requests_are_listed_for_their_team_and_their_owners_only(program: Program) -> None:
    booking, request = asked(program)
    for who, seen in {"lead": [request], "operator": [request], "admin": [request], "rival": []}.items():
        assert [one["id"] for one in program.get("/change-requests", who).json["items"]] == seen, who
    found = program.get(f"/change-requests?state=open&team={World.TEAM}&booking={booking}").json["items"]
    assert [one["id"] for one in found] == [request]
    assert program.get("/change-requests?state=declined,expired").json["items"] == []
    assert program.get(f"/change-requests/{request}", "rival").status_code == 404
    assert program.get(f"/change-requests/{request}").json["id"] == request
    assert program.post(f"/change-requests/{request}/approve", who="rival").status_code == 404
    assert program.post(f"/change-requests/{request}/approve", who="lead").status_code == 403
