"""Asking for a booking: what is answered, and in which order it is looked at what is wrong."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from booking.db import transaction
from booking.models.resources import Resource
from tests.support.api import START, Program, body, codes, fields, text
from tests.support.visitors import token
from tests.support.world import World, build_world

pytestmark = pytest.mark.usefixtures("traveller")


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in body().items() if name != field}


def test_a_booking_is_created_with_its_address_its_version_and_all_that_was_promised(program: Program) -> None:
    answer = program.post("/bookings", body((World.POOL, 8), (World.DATASET, 1)))
    assert answer.status_code == 201
    booking = answer.json
    assert answer.headers["Location"] == f"/api/v1/bookings/{booking['id']}"
    assert answer.headers["ETag"] == '"1"'
    promised = {
        "team": "team",
        "state": "confirmed",
        "starts_at": "2026-03-03T10:00:00Z",
        "ends_at": "2026-03-03T12:00:00Z",
        "claims": [{"resource": World.POOL, "units": 8}, {"resource": World.DATASET, "units": 1}],
        "purpose": "training",
        "hold_until": None,
        "version": 1,
        "unit_seconds": 9 * 7200,
        "history": [
            {"at": "2026-03-02T08:05:00Z", "from": None, "to": "confirmed", "by": "lead@example.org", "reason": ""}
        ],
    }  # fmt: skip
    assert promised.items() <= booking.items()
    assert isinstance(booking["id"], str)


def test_what_is_created_reads_the_same_afterwards(program: Program) -> None:
    created = program.post("/bookings", body((World.DATASET, 1), (World.POOL, 8)))
    read = program.get(created.headers["Location"])
    assert read.headers["ETag"] == created.headers["ETag"]
    assert {**read.json, "how_to_use": None} == created.json


def test_a_booking_above_the_owners_threshold_waits_for_the_owner(app: Flask) -> None:
    program = Program(app, build_world(app, policy={"auto_approve_unit_hours": 10}))
    booking = program.post("/bookings", body()).json
    assert booking["state"] == "pending"
    assert booking["hold_until"] == "2026-03-03T10:00:00Z"
    assert booking["waiting_for"] == [World.POOL]


def test_a_weighted_booking_costs_more_than_its_size(app: Flask) -> None:
    program = Program(app, build_world(app, policy={"weight_percent": 300}))
    booking = program.post("/bookings", body()).json
    assert (booking["unit_seconds"], booking["cost_unit_seconds"]) == (8 * 7200, 3 * 8 * 7200)


WRONG = [
    (without("team"), "team"),
    (without("starts_at"), "starts_at"),
    (without("claims"), "claims"),
    (without("purpose"), "purpose"),
    (body(team=7), "team"),
    (body(colour="red"), "colour"),
    (body(starts_at="2026-03-03T10:00:00"), "starts_at"),
    (body(starts_at="2026-03-03"), "starts_at"),
    (body(starts_at="tomorrow"), "starts_at"),
    (body(starts_at=1_772_532_000), "starts_at"),
    (body(starts_at="2026-02-30T10:00:00Z"), "starts_at"),
    (body(starts_at="9999-12-31T23:59:59-12:00"), "starts_at"),
    (body(ends_at=text(START)), "ends_at"),
    (body(ends_at=text(START - timedelta(hours=1))), "ends_at"),
    (body(claims=[]), "claims"),
    (body(claims={}), "claims"),
    (body(claims=[World.POOL]), "claims.0"),
    (body(claims=[{"resource": World.POOL}]), "claims.0.units"),
    (body(claims=[{"units": 1}]), "claims.0.resource"),
    (body(claims=[{"resource": World.POOL, "units": 1, "colour": "red"}]), "claims.0.colour"),
    (body(*[(f"pool-{number}", 1) for number in range(21)]), "claims"),
    (body((World.POOL, 1), (World.POOL, 2)), "claims.1.resource"),
    (body(purpose=None), "purpose"),
    (body(purpose="x" * 2_001), "purpose"),
    (body(purpose="bell \u0007"), "purpose"),
    (body(dry_run="yes"), "dry_run"),
    (body(dry_run=1), "dry_run"),
]

WRONG_UNITS = (1.5, 1.0, "1", True, False, None, [1], {}, 0, -1, 2_147_483_648, 10**40)

NO_OBJECTS = (
    b"", b"{", b"[]", b"null", b'"text"', b"7", b"NaN", b"\xff\xfe", b'{"team": NaN}', b'{"purpose": Infinity}',
    b'{"team": "\\ud800"}', b"[" * 100_000, b'{"team": "a\\u0000b"}', b'{"team": "a\x00b"}', b"{}" * 2,
)  # fmt: skip


def test_what_cannot_be_meant_is_named_by_its_field(program: Program) -> None:
    for sent, named in WRONG:
        answer = program.post("/bookings", sent)
        assert answer.status_code == 422, sent
        assert named in fields(answer), sent


def test_units_are_whole_numbers_of_at_least_one(program: Program) -> None:
    for units in WRONG_UNITS:
        answer = program.post("/bookings", body((World.POOL, units)))
        assert (answer.status_code, fields(answer)) == (422, ["claims.0.units"]), units


def test_a_body_that_is_no_json_object_is_refused(program: Program) -> None:
    for sent in NO_OBJECTS:
        answer = program.call("POST", "/bookings", who="lead", headers={"Content-Type": "application/json"}, data=sent)
        assert answer.status_code == 422, sent


def test_a_body_of_another_type_is_refused(program: Program) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = program.call("POST", "/bookings", who="lead", headers={}, data=b"{}", content_type=kind)
        assert answer.status_code == 415, kind


def test_a_body_of_ten_megabytes_is_refused(program: Program) -> None:
    answer = program.post("/bookings", body(purpose="x" * 10_000_000))
    assert answer.status_code == 413


def test_of_a_key_that_stands_twice_the_last_counts(program: Program) -> None:
    sent = b'{"purpose": "first", ' + program.app.json.dumps(body()).encode()[1:]
    answer = program.call("POST", "/bookings", who="lead", headers={}, data=sent, content_type="application/json")
    assert answer.json["purpose"] == "training"


def test_an_instant_of_another_offset_is_the_same_instant(program: Program) -> None:
    answer = program.post("/bookings", body(starts_at="2026-03-03T18:00:00+08:00"))
    assert answer.json["starts_at"] == "2026-03-03T10:00:00Z"


def test_an_unknown_team_or_resource_is_not_found(program: Program) -> None:
    for sent in (body(team="nobody"), body(("nothing", 1)), body(team="x' OR '1'='1"), body(team="１")):
        assert program.post("/bookings", sent).status_code == 404, sent


def test_a_draft_is_unknown_to_all_but_its_owner(app: Flask, program: Program) -> None:
    assert program.post("/bookings", body()).status_code == 201
    with app.app_context(), transaction() as session:
        session.get(Resource, program.world.pool).state = "draft"
    assert program.post("/bookings", body()).status_code == 404
    own = program.post("/bookings", body(reason="to try it"), who="operator")
    assert (own.status_code, codes(own)) == (409, ["resource_closed"])


def test_a_dataset_without_seats_needs_no_booking(app: Flask) -> None:
    program = Program(app, build_world(app))
    assert program.post("/bookings", body((World.DATASET, 1))).status_code == 201
    with app.app_context(), transaction() as session:
        dataset = session.get(Resource, program.world.dataset)
        dataset.seats, dataset.offer_version = None, dataset.offer_version + 1
    answer = program.post("/bookings", body((World.DATASET, 1)))
    assert (answer.status_code, fields(answer)) == (422, ["claims.0.resource"])


def test_who_is_not_in_the_team_hears_that_alone(program: Program) -> None:
    answer = program.post("/bookings", body((World.POOL, 65)), who="rival")
    assert answer.status_code == 403
    assert answer.json["code"] == "not_a_member"
    assert codes(answer) == ["not_a_member"]


def test_an_owner_books_for_a_team_with_a_reason_that_the_history_keeps(program: Program) -> None:
    assert program.post("/bookings", body(), who="operator").status_code == 403
    assert program.post("/bookings", body((World.OTHER_POOL, 1), reason="demo"), who="operator").status_code == 403
    answer = program.post("/bookings", body(reason="demo"), who="operator")
    assert answer.status_code == 201
    assert answer.json["history"][0] | {"at": ""} == {
        "at": "", "from": None, "to": "confirmed", "by": "operator@example.org", "reason": "demo",
    }  # fmt: skip
    assert program.get(answer.headers["Location"]).json["history"] == answer.json["history"]


def test_every_refusal_is_told_with_its_numbers_and_field(program: Program) -> None:
    answer = program.post("/bookings", body((World.POOL, 65), (World.DATASET, 3)))
    assert answer.status_code == 409
    refusals = answer.json["refusals"]
    assert [(refusal["code"], refusal["field"]) for refusal in refusals] == [
        ("capacity_exceeded", "claims.0.units"),
        ("capacity_exceeded", "claims.1.units"),
    ]
    assert refusals[0]["free"] == 64
    assert refusals[0]["at"] == "2026-03-03T10:00:00Z"
    assert "65" in refusals[0]["message"]


def test_what_is_offered_instead_of_a_refused_booking_can_be_booked(program: Program) -> None:
    program.post("/bookings", body((World.POOL, 60), team=World.RIVAL_TEAM), who="rival")
    refused = program.post("/bookings", body((World.POOL, 8)))
    assert refused.status_code == 409
    offers = refused.json["alternatives"]
    assert offers
    for offer in offers:
        assert {"resource", "claims", "starts_at", "ends_at", "unit_hours", "cost"} <= offer.keys()
        asked = body(starts_at=offer["starts_at"], ends_at=offer["ends_at"], claims=offer["claims"])
        booked = program.post("/bookings", asked)
        assert booked.status_code == 201, booked.text
        assert booked.json["unit_seconds"] == offer["unit_hours"] * 3600
        program.post(f"/bookings/{booked.json['id']}/cancel")


def test_a_window_far_away_is_refused_with_reasons(program: Program) -> None:
    for years in (1, 60, 200, 400):
        answer = program.post("/bookings", body(ends_at=f"{2026 + years}-03-03T12:00:00Z"))
        assert answer.status_code == 409
        assert {"too_long", "beyond_horizon"} <= set(codes(answer))


def test_a_dry_run_says_what_would_be_and_books_nothing(program: Program) -> None:
    answer = program.post("/bookings", body(dry_run=True))
    assert answer.status_code == 200
    assert answer.json["id"] is None
    assert (answer.json["state"], answer.json["unit_seconds"]) == ("confirmed", 8 * 7200)
    assert "Location" not in answer.headers
    assert program.get("/bookings").json["items"] == []


def test_a_dry_run_of_what_does_not_fit_hears_every_refusal(program: Program) -> None:
    answer = program.post("/bookings", body((World.POOL, 65), dry_run=True))
    assert (answer.status_code, codes(answer)) == (409, ["capacity_exceeded"])


def test_nobody_books_without_a_token_and_a_reading_token_does_not(app: Flask, program: Program) -> None:
    assert program.post("/bookings", {"nonsense": 1}, who="").status_code == 401
    wrong = program.call("POST", "/bookings", headers={"Authorization": "Bearer wrong"}, json=body())
    assert (wrong.status_code, wrong.headers["WWW-Authenticate"]) == (401, "Bearer")
    reading = token(app, program.world.lead, scope="read")
    refused = program.call("POST", "/bookings", headers=reading, json={"nonsense": 1})
    assert (refused.status_code, refused.json["code"]) == (403, "read_only_token")
    assert program.call("GET", "/bookings", headers=reading).status_code == 200
    assert program.call("POST", "/searches", headers=reading, json={}).status_code == 422


def test_the_window_offered_instead_is_the_next_one_from_the_start_asked_for(program: Program) -> None:
    program.post("/bookings", body((World.POOL, 60), team=World.RIVAL_TEAM, hours=5), who="rival")
    refused = program.post("/bookings", body((World.POOL, 8), start=START + timedelta(hours=1)))
    assert refused.json["alternatives"][0]["starts_at"] == text(START + timedelta(hours=5))


def test_for_a_start_too_far_ahead_the_next_window_from_now_is_offered(program: Program) -> None:
    refused = program.post("/bookings", body(start=START + timedelta(days=900)))
    assert codes(refused) == ["beyond_horizon"]
    assert [offer["starts_at"] for offer in refused.json["alternatives"]] == ["2026-03-02T08:00:00Z"]
