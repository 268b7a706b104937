"""Changing and moving one booking: versions, reasons, and who may do what."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from tests.support.api import START, Program, body, codes, fields, text
from tests.support.world import World, build_world

pytestmark = pytest.mark.usefixtures("traveller")
VERBS = ("accept", "cancel", "approve", "decline", "check-in", "finish", "revoke")


def test_a_change_brings_another_window_and_the_next_version(program: Program) -> None:
    path = program.post("/bookings", body((World.POOL, 64))).headers["Location"]
    answer = program.patch(path, {"ends_at": text(START + timedelta(hours=3))}, If_Match='"1"')
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (answer.json["starts_at"], answer.json["ends_at"]) == ("2026-03-03T10:00:00Z", "2026-03-03T13:00:00Z")
    assert program.get(path).json["unit_seconds"] == 64 * 3 * 3600


def test_a_change_of_claims_needs_no_window(program: Program) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    claims = [{"resource": World.POOL, "units": 4}, {"resource": World.DATASET, "units": 1}]
    answer = program.patch(path, {"claims": claims}, If_Match='"1"')
    assert (answer.status_code, answer.json["claims"]) == (200, claims)


def test_a_change_is_asked_for_its_version_last(program: Program) -> None:
    """422, 404, 403, 428, 412, 409: each is only heard where nothing before it is wrong."""
    path = program.post("/bookings", body()).headers["Location"]
    too_much = {"claims": [{"resource": World.POOL, "units": 65}]}
    assert program.patch("/bookings/999", {"ends_at": "never"}).status_code == 422
    assert program.patch("/bookings/999", too_much).status_code == 404
    assert program.patch(path, {"claims": [{"resource": "nothing", "units": 65}]}).status_code == 404
    assert program.patch(path, too_much, who="member").status_code == 403
    assert program.patch(path, too_much, who="operator").status_code == 403
    assert program.patch(path, too_much).status_code == 428
    assert program.patch(path, too_much, If_Match='"2"').status_code == 412
    assert program.patch(path, too_much, If_Match='"nonsense"').status_code == 412
    refused = program.patch(path, too_much, If_Match='"1"')
    assert (refused.status_code, codes(refused)) == (409, ["capacity_exceeded"])
    assert program.get(path).json["version"] == 1


def test_a_stale_change_says_the_present_version(program: Program) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    program.patch(path, {"ends_at": text(START + timedelta(hours=1))}, If_Match='"1"')
    answer = program.patch(path, {"ends_at": text(START + timedelta(hours=3))}, If_Match='"1"')
    assert (answer.status_code, answer.json["code"], answer.json["version"]) == (412, "stale_version", 2)


def test_a_version_is_matched_as_http_says(program: Program) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    hour = {"ends_at": text(START + timedelta(hours=1))}
    for header in ('W/"1"', '"7"', "nonsense"):
        assert program.patch(path, hour, If_Match=header).status_code == 412, header
    assert program.patch(path, hour, If_Match='"7", "1"').status_code == 200
    assert program.patch(path, hour, If_Match="*").status_code == 200


WRONG_CHANGES = [
    ({}, ""), ({"purpose": "x"}, "purpose"), ({"ends_at": None}, "ends_at"), ({"claims": None}, "claims"),
    ({"claims": []}, "claims"), ({"claims": [{"resource": World.POOL, "units": "1"}]}, "claims.0.units"),
    ({"starts_at": text(START), "ends_at": text(START)}, "ends_at"),
    ({"starts_at": text(START + timedelta(hours=2))}, "ends_at"),
    ({"ends_at": text(START)}, "ends_at"),
    ({"claims": [{"resource": World.POOL, "units": 1}] * 2}, "claims.1.resource"),
]  # fmt: skip


def test_a_change_that_cannot_be_meant_is_named(program: Program) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    for sent, named in WRONG_CHANGES:
        answer = program.patch(path, sent, If_Match='"1"')
        assert answer.status_code == 422, sent
        assert fields(answer) == [named], sent


def test_its_own_hold_does_not_stand_in_the_way_of_what_is_offered_instead(program: Program) -> None:
    path = program.post("/bookings", body((World.POOL, 40))).headers["Location"]
    program.post("/bookings", body((World.POOL, 24), team=World.RIVAL_TEAM, hours=4), who="rival")
    refused = program.patch(path, {"claims": [{"resource": World.POOL, "units": 64}]}, If_Match='"1"')
    fewer = next(offer for offer in refused.json["alternatives"] if offer["why"] == "fewer_units")
    assert fewer["claims"] == [{"resource": World.POOL, "units": 40}]


def test_a_booking_is_given_up_with_a_reason_and_only_once(program: Program) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    answer = program.post(f"{path}/cancel", {"reason": "data came late"})
    assert (answer.status_code, answer.json["state"], answer.headers["ETag"]) == (200, "cancelled", '"2"')
    assert answer.json["history"][-1]["reason"] == "data came late"
    again = program.post(f"{path}/cancel")
    assert (again.status_code, again.json["state"]) == (409, "cancelled")


def test_the_owner_approves_and_declines_what_waits_for_him(app: Flask) -> None:
    program = Program(app, build_world(app, policy={"auto_approve_unit_hours": 0}))
    first, second = (program.post("/bookings", body()).headers["Location"] for _ in range(2))
    assert program.post(f"{first}/approve", who="lead").status_code == 403
    assert program.post(f"{first}/approve", who="steward").status_code == 403
    approved = program.post(f"{first}/approve", who="operator")
    assert (approved.status_code, approved.json["state"]) == (200, "confirmed")
    assert program.post(f"{first}/approve", who="operator").status_code == 409
    declined = program.post(f"{second}/decline", {"reason": "no"}, who="operator")
    assert (declined.json["state"], declined.json["history"][-1]["reason"]) == ("declined", "no")


def test_a_running_booking_is_finished_and_one_that_has_not_begun_is_not(
    program: Program, traveller: time_machine.Traveller
) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    refused = program.post(f"{path}/finish")
    assert (refused.status_code, refused.json["state"]) == (409, "confirmed")
    traveller.move_to(START + timedelta(minutes=20))
    assert program.post(f"{path}/finish", who="member").status_code == 403
    finished = program.post(f"{path}/finish")
    assert (finished.status_code, finished.json["state"]) == (200, "completed")
    assert finished.json["ended_at"] == "2026-03-03T10:20:00Z"


def test_a_team_checks_in_where_that_is_asked_for(app: Flask, traveller: time_machine.Traveller) -> None:
    program = Program(app, build_world(app, policy={"check_in_minutes": 15}))
    path = program.post("/bookings", body()).headers["Location"]
    assert program.post(f"{path}/check-in").status_code == 409
    traveller.move_to(START)
    answer = program.post(f"{path}/check-in", who="member")
    assert (answer.status_code, answer.json["state"]) == (200, "active")
    assert answer.json["checked_in_at"] == "2026-03-03T10:00:00Z"
    assert program.post(f"{path}/finish").json["state"] == "completed"


def test_an_owner_takes_a_booking_back(program: Program) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    assert program.post(f"{path}/revoke").status_code == 403
    assert program.post(f"{path}/revoke", {"reason": "fire"}, who="operator").json["state"] == "revoked"


def test_what_is_no_offer_cannot_be_accepted(program: Program) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    assert program.post(f"{path}/accept").status_code == 409


def test_a_reason_is_text_and_nothing_else_is_taken(program: Program) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    for verb in VERBS:
        for sent in ({"reason": 1}, {"reason": None}, {"why": "x"}, {"reason": "x" * 2_001}, [], "x"):
            assert program.post(f"{path}/{verb}", sent).status_code == 422, (verb, sent)
    assert program.get(path).json["version"] == 1


def test_a_verb_that_is_none_is_not_found(program: Program) -> None:
    path = program.post("/bookings", body()).headers["Location"]
    answer = program.app.test_client().post(f"{path}/eat", headers=program.world.bearer())
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
