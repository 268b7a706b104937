"""Series as programs ask for them, read them, change them, and give them up."""

from typing import Any

import pytest
from flask import Flask

from tests.support.api import Program, body, codes, fields, series
from tests.support.world import World, build_world

pytestmark = pytest.mark.usefixtures("traveller")


def there_are(program: Program) -> int:
    return len(program.get("/bookings", "admin").json["items"])


def test_a_series_is_created_with_its_bookings_its_address_and_its_version(program: Program) -> None:
    answer = program.post("/series", series((World.POOL, 8), (World.DATASET, 1), rule="FREQ=WEEKLY;COUNT=5"))
    assert answer.status_code == 201
    made = answer.json
    assert answer.headers["Location"] == f"/api/v1/series/{made['id']}"
    assert answer.headers["ETag"] == '"1"'
    promised = {
        "team": "team",
        "timezone": "Europe/Paris",
        "first_on": "2026-03-03",
        "starts_at": "2026-03-03T10:00",
        "ends_at": "2026-03-03T12:00",
        "rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=5",
        "except": [],
        "also": [],
        "claims": [{"resource": World.POOL, "units": 8}, {"resource": World.DATASET, "units": 1}],
        "purpose": "training",
        "version": 1,
    }  # fmt: skip
    assert promised.items() <= made.items()
    assert [booking["starts_at"][:13] for booking in made["bookings"]] == [
        "2026-03-03T09", "2026-03-10T09", "2026-03-17T09", "2026-03-24T09", "2026-03-31T08",
    ]  # fmt: skip
    assert {booking["series"] for booking in made["bookings"]} == {made["id"]}
    assert program.get(answer.headers["Location"]).json == made
    assert program.get(f"/bookings/{made['bookings'][0]['id']}").json["series"] == made["id"]
    assert program.post("/bookings", body()).json["series"] is None


def test_a_dry_run_ticks_each_date_or_says_why_not_and_books_nothing(program: Program) -> None:
    program.post("/bookings", body((World.POOL, 60), team=World.RIVAL_TEAM, hours=24), who="rival")
    answer = program.post("/series", series(dry_run=True))
    assert answer.status_code == 200
    dates = answer.json["dates"]
    assert [(one["date"], one["fits"], one["state"]) for one in dates] == [
        ("2026-03-03", False, None), ("2026-03-04", False, None), ("2026-03-05", True, "confirmed"),
    ]  # fmt: skip
    reason = dates[1]["refusals"][0]
    assert (reason["code"], reason["field"], reason["date"], reason["free"]) == (
        "capacity_exceeded", "dates.1.claims.0.units", "2026-03-04", 4,
    )  # fmt: skip
    assert answer.json["cost_unit_seconds"] == 16 * 3600
    assert there_are(program) == 1


def test_a_dry_run_says_which_months_are_skipped(program: Program) -> None:
    asked = series(rule="FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", dry_run=True)
    assert program.post("/series", asked).json["skipped"] == ["2026-04 has no day 31: nothing is booked then."]


def test_what_does_not_fit_is_refused_as_a_whole_with_the_date_named(program: Program) -> None:
    program.post("/bookings", body((World.POOL, 60), team=World.RIVAL_TEAM), who="rival")
    answer = program.post("/series", series())
    assert answer.status_code == 409
    assert codes(answer) == ["capacity_exceeded"]
    assert answer.json["refusals"][0]["field"] == "dates.0.claims.0.units"
    assert answer.json["refusals"][0]["date"] == "2026-03-03"
    assert there_are(program) == 1
    chosen = program.post("/series", series(dates=["2026-03-04", "2026-03-05"]))
    assert (chosen.status_code, chosen.json["except"]) == (201, ["2026-03-03"])


def test_dates_are_left_out_and_added(program: Program) -> None:
    made = program.post("/series", series(**{"except": ["2026-03-04"], "also": ["2026-03-09"]})).json
    assert [booking["starts_at"][8:10] for booking in made["bookings"]] == ["03", "05", "09"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"rule": "FREQ=YEARLY;COUNT=2"}, "rule.freq"),
    ({"rule": "FREQ=DAILY;BYHOUR=3;COUNT=2"}, "rule"),
    ({"rule": "FREQ=DAILY"}, "rule.until"),
    ({"rule": "FREQ=DAILY;UNTIL=20260302"}, "rule.until"),
    ({"rule": "FREQ=DAILY;COUNT=371"}, "rule.count"),
    ({"rule": "FREQ=DAILY;UNTIL=21991231"}, "rule"),
    ({"rule": "x" * 201}, "rule"),
    ({"rule": 7}, "rule"),
    ({"timezone": "Mars/Olympus"}, "timezone"),
    ({"starts_at": "2026-03-03T10:00:00Z"}, "starts_at"),
    ({"starts_at": "2026-02-30T10:00"}, "starts_at"),
    ({"starts_at": "9999-12-31T23:59"}, "starts_at"),
    ({"ends_at": "2026-03-03T10:00"}, "ends_at"),
    ({"except": ["2026-03-09"]}, "except"),
    ({"except": ["tomorrow"]}, "except.0"),
    ({"dates": ["2026-03-03", "2026-03-09"]}, "dates.1"),
    ({"dates": []}, "dates"),
    ({"dates": [f"2026-03-{number:02}" for number in range(1, 32)] * 12}, "dates"),
    ({"claims": [{"resource": World.POOL, "units": 1.5}]}, "claims.0.units"),
    ({"claims": [{"resource": World.POOL, "units": 1}] * 2}, "claims.1.resource"),
    ({"colour": "red"}, "colour"),
]


def test_what_cannot_be_meant_is_refused_and_its_field_named(program: Program) -> None:
    for changed, field in WRONG:
        answer = program.post("/series", series(**changed))
        assert (answer.status_code, fields(answer)) == (422, [field]), changed
    assert there_are(program) == 0


def test_who_is_not_in_the_team_hears_that_alone(program: Program) -> None:
    for dry_run in (False, True):
        answer = program.post("/series", series((World.POOL, 65), dry_run=dry_run), who="rival")
        assert (answer.status_code, codes(answer)) == (403, ["not_a_member"])
    assert program.post("/series", series(team="nobody")).status_code == 404
    assert program.post("/series", series(("nothing", 1))).status_code == 404
    assert program.post("/series", series(), who="").status_code == 401


def test_the_same_key_and_body_are_answered_alike(program: Program) -> None:
    first, again = (program.post("/series", series(), Idempotency_Key="one") for _ in range(2))
    assert (again.status_code, again.json) == (201, first.json)
    assert there_are(program) == 3
    other = program.post("/series", series(purpose="another"), Idempotency_Key="one")
    assert (other.status_code, fields(other)) == (422, ["Idempotency-Key"])
    booking = program.post("/bookings", body(), Idempotency_Key="one")
    assert (booking.status_code, fields(booking)) == (422, ["Idempotency-Key"])


def test_all_or_the_following_are_changed_with_the_version_they_had(program: Program) -> None:
    path = f"/series/{program.post('/series', series()).json['id']}"
    assert program.patch(path, {"starts_at": "2026-03-03T14:00"}).status_code == 428
    moved = program.patch(path, {"starts_at": "2026-03-03T14:00", "ends_at": "2026-03-03T15:00"}, If_Match='"1"')
    assert (moved.status_code, moved.headers["ETag"], moved.json["starts_at"]) == (200, '"2"', "2026-03-03T14:00")
    assert [booking["starts_at"][11:16] for booking in moved.json["bookings"]] == ["13:00"] * 3
    assert program.patch(path, {"claims": body()["claims"]}, If_Match='"1"').status_code == 412
    more = {"from": "2026-03-04", "claims": [{"resource": World.POOL, "units": 16}]}
    following = program.patch(path, more, If_Match='"2"')
    assert [booking["claims"][0]["units"] for booking in following.json["bookings"]] == [8, 16, 16]
    refused = program.patch(path, {"claims": [{"resource": World.POOL, "units": 65}]}, If_Match='"3"')
    assert (refused.status_code, refused.json["refusals"][2]["field"]) == (409, "dates.2.claims.0.units")
    assert program.get(path).json == following.json


def test_a_change_that_cannot_be_meant_names_its_field(program: Program) -> None:
    path = f"/series/{program.post('/series', series()).json['id']}"
    for sent, field in (
        ({}, ""),
        ({"from": "2026-03-04"}, ""),
        ({"from": "2026-03-09", "ends_at": "2026-03-09T11:00"}, "from"),
        ({"starts_at": "2026-03-03T12:00"}, "ends_at"),
        ({"starts_at": None}, "starts_at"),
    ):
        answer = program.patch(path, sent, If_Match='"1"')
        assert (answer.status_code, fields(answer)) == (422, [field]), sent


def test_it_is_given_up_from_a_date_on_or_as_a_whole_and_once(program: Program) -> None:
    path = f"/series/{program.post('/series', series()).json['id']}"
    some = program.post(f"{path}/cancel", {"from": "2026-03-05", "reason": "no data"})
    assert [booking["state"] for booking in some.json["bookings"]] == ["confirmed", "confirmed", "cancelled"]
    assert some.json["bookings"][2]["history"][-1]["reason"] == "no data"
    rest = program.post(f"{path}/cancel")
    assert {booking["state"] for booking in rest.json["bookings"]} == {"cancelled"}
    assert program.post(f"{path}/cancel").status_code == 409
    assert program.post(f"{path}/cancel", {"from": "2026-03-09"}).status_code == 422


def test_another_teams_series_is_unknown_and_owners_see_what_claims_theirs(app: Flask) -> None:
    program = Program(app, build_world(app))
    made = program.post("/series", series()).json
    path = f"/series/{made['id']}"
    for who in ("rival", "other_operator"):
        assert program.get(path, who).status_code == 404
        assert program.patch(path, {"ends_at": "2026-03-03T11:00"}, who, If_Match='"1"').status_code == 404
        assert program.post(f"{path}/cancel", who=who).status_code == 404
    for who, status in (("operator", 403), ("member", 403), ("lead", 200)):
        assert program.get(path, who).status_code == 200
        assert program.patch(path, {"ends_at": "2026-03-03T11:00"}, who, If_Match='"1"').status_code == status
    assert program.post(f"{path}/cancel", who="member").status_code == 403
    for number in ("0", "x", "9" * 30):
        assert program.get(f"/series/{number}").status_code == 404
    first = made["bookings"][0]["id"]
    elsewhere = {"claims": [{"resource": World.OTHER_POOL, "units": 1}]}
    assert program.patch(f"/bookings/{first}", elsewhere, If_Match='"2"').status_code == 200
    assert len(program.get(path, "operator").json["bookings"]) == 2
    assert len(program.get(path, "other_operator").json["bookings"]) == 1
