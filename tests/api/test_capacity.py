"""Calls on capacity: publish it, end it early, decide about who is displaced, and see what is free."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.api import NOW, Program
from tests.support.bodies import fields

HOUR = timedelta(hours=1)


def instant(hours: float) -> str:
    """So many hours after 9 o'clock, which is the next hour."""
    return f"{datetime(2026, 3, 2, 9, tzinfo=UTC) + hours * HOUR:%Y-%m-%dT%H:%M:%SZ}"


def change(units: Any, start: float, end: float | None, **more: Any) -> dict[str, Any]:
    ends_at = None if end is None else instant(end)
    return {"starts_at": instant(start), "ends_at": ends_at, "units": units, "reason": "repair", **more}


def book(program: Program, start: float, end: float, units: int, resource: str = "north-a100") -> dict[str, Any]:
    body = {
        "team": "team",
        "starts_at": instant(start),
        "ends_at": instant(end),
        "claims": [{"resource": resource, "units": units}],
        "purpose": "training",
    }
    answer = program.post("/bookings", body)
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def steps(program: Program, start: float, end: float, resource: str = "north-a100") -> list[dict[str, Any]]:
    answer = program.get(f"/resources/{resource}/availability?from={instant(start)}&to={instant(end)}", who="")
    return answer.get_json()["steps"]


def offered(program: Program, resource: str) -> list[tuple[str, int]]:
    """The levels of the offer, a day around."""
    found: list[tuple[str, int]] = []
    for step in steps(program, -24, 24, resource):
        if not found or found[-1][1] != step["offered"]:
            found.append((step["at"], step["offered"]))
    return found


CAPACITY = "/resources/north-a100/capacity"


def test_availability_begins_at_from_and_says_what_is_offered_held_and_free(program: Program) -> None:
    book(program, 1, 3, 16)
    book(program, 2, 4, 8)
    program.post(CAPACITY, change(-32, 3, 5), who="operator")

    path = f"/resources/north-a100/availability?from={instant(0.5)}&to={instant(6)}"
    assert program.get(path, who="").get_json() == {
        "resource": "north-a100",
        "from": instant(0.5),
        "to": instant(6),
        "steps": [
            {"at": instant(0.5), "offered": 64, "held": 0, "free": 64},
            {"at": instant(1), "offered": 64, "held": 16, "free": 48},
            {"at": instant(2), "offered": 64, "held": 24, "free": 40},
            {"at": instant(3), "offered": 32, "held": 8, "free": 24},
            {"at": instant(4), "offered": 32, "held": 0, "free": 32},
            {"at": instant(5), "offered": 64, "held": 0, "free": 64},
        ],
    }


def test_availability_is_that_of_the_next_fortnight_where_nobody_says(program: Program) -> None:
    answer = program.get("/resources/north-a100/availability", who="").get_json()
    assert answer["from"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert answer["to"] == f"{NOW + timedelta(days=14):%Y-%m-%dT%H:%M:%SZ}"
    assert answer["steps"] == [{"at": answer["from"], "offered": 64, "held": 0, "free": 64}]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-03-02T10:00:00", "from"),
        ("from=yesterday", "from"),
        ("from=2026-03-02T10:00:00Z&to=2026-03-02T10:00:00Z", "to"),
        ("from=2026-03-02T10:00:00Z&to=2226-03-02T10:00:00Z", "to"),
        ("to=2026-03-01T10:00:00Z", "to"),
        ("until=2026-03-01T10:00:00Z", "until"),
    ],
)
def test_a_window_that_cannot_be_answered_is_refused_by_its_field(program: Program, query: str, field: str) -> None:
    answer = program.get(f"/resources/north-a100/availability?{query}")
    assert (answer.status_code, fields(answer)) == (422, [field])


def test_a_supply_an_outage_and_a_closure_are_published_and_listed(program: Program) -> None:
    made = [
        program.post(CAPACITY, body, who="operator")
        for body in (change(16, 0, None), change(-8, 1, 2), change("closed", 2, 3))
    ]
    assert [answer.status_code for answer in made] == [201, 201, 201]
    assert [answer.get_json()["kind"] for answer in made] == ["supply", "outage", "closed"]
    assert made[1].get_json() == {
        "id": made[1].get_json()["id"],
        "resource": "north-a100",
        "kind": "outage",
        "units": -8,
        "starts_at": instant(1),
        "ends_at": instant(2),
        "reason": "repair",
        "created_at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
    }
    location = made[1].headers["Location"]
    assert program.get(location[location.index("/api/") :]).get_json() == made[1].get_json()

    listed = program.get(CAPACITY).get_json()["items"]
    assert [(one["units"], one["ends_at"]) for one in listed[1:]] == [
        (16, None),
        (-8, instant(2)),
        ("closed", instant(3)),
    ]
    assert [step["offered"] for step in steps(program, -0.5, 4)] == [64, 80, 72, 0, 80]


@pytest.mark.parametrize("said", ["nothing", "null", "of nobody", "of another"])
def test_a_cut_that_displaces_answers_409_with_every_booking_and_does_nothing(program: Program, said: str) -> None:
    kept, late, later = book(program, 1, 3, 32), book(program, 2, 4, 24), book(program, 1, 2, 8)
    before = steps(program, 0, 6)
    resolution = {"nothing": {}, "null": {"resolution": None}, "of nobody": {"resolution": {}}}
    more = resolution.get(said, {"resolution": {late["id"]: "revoke", kept["id"]: "revoke"}})

    answer = program.post(CAPACITY, change(-32, 0, 6, **more), who="operator")

    assert answer.status_code == 409
    problem = answer.get_json()
    assert problem["code"] == "displaces_bookings"
    assert [booking["id"] for booking in problem["displaced"]] == [late["id"], later["id"]]
    first = problem["displaced"][0]
    assert {**first, "moves": 0, "reduced_units": 0} == {**late, "how_to_use": None, "moves": 0, "reduced_units": 0}
    assert (first["moves"][0], first["reduced_units"]) == ({"starts_at": instant(3), "ends_at": instant(5)}, None)
    assert len(first["moves"]) == 3
    assert steps(program, 0, 6) == before
    assert len(program.get(CAPACITY).get_json()["items"]) == 1
    assert program.get("/resources/north-a100/displacements", who="operator").get_json()["items"] == []
    assert all(program.get(f"/bookings/{one['id']}").get_json()["state"] == "confirmed" for one in (kept, late, later))


def test_later_for_all_shows_the_overhang_as_negative(program: Program) -> None:
    booking = book(program, 1, 3, 40)
    answer = program.post(CAPACITY, change(-32, 0, 6, resolution="later"), who="operator")
    assert answer.status_code == 201
    assert [(step["offered"], step["held"], step["free"]) for step in steps(program, 0, 4)] == [
        (32, 0, 32),
        (32, 40, -8),
        (32, 0, 32),
    ]
    (waiting,) = program.get("/resources/north-a100/displacements", who="operator").get_json()["items"]
    assert (waiting["booking"], waiting["team"], waiting["units"]) == (booking["id"], "team", 40)
    assert program.get("/resources/north-a100/displacements", who="lead").status_code == 403

    path = f"/displacements/{waiting['id']}/resolve"
    assert program.post(path, {"resolution": "reduce"}, who="rival").status_code == 404
    assert program.post(path, {"resolution": "revoke"}, who="lead").status_code == 403
    assert program.post(path, {"resolution": "cancel"}, who="operator").status_code == 403
    assert fields(program.post(path, {"resolution": "later"}, who="operator")) == ["resolution"]
    assert fields(program.post(path, {"resolution": "keep"}, who="operator")) == ["resolution"]
    resolved = program.post(path, {"resolution": "reduce", "reason": "sorry"}, who="operator").get_json()
    assert resolved["claims"] == [{"resource": "north-a100", "units": 32}]
    assert resolved["history"][-1]["reason"].startswith("sorry: ")
    assert program.post(path, {"resolution": "reduce"}, who="operator").status_code == 404


def test_each_booking_named_is_settled_as_said(program: Program) -> None:
    bookings = [book(program, each, each + 1, 64) for each in range(1, 5)]
    verbs = ("revoke", "reduce", "move", "later")
    resolution = {booking["id"]: verb for booking, verb in zip(bookings, verbs, strict=True)}
    answer = program.post(CAPACITY, change(-32, 0, 6, resolution=resolution), who="operator")
    assert answer.status_code == 201, answer.text

    revoked, reduced, moved, waits = (program.get(f"/bookings/{booking['id']}").get_json() for booking in bookings)
    assert revoked["state"] == "revoked"
    assert reduced["claims"][0]["units"] == 32
    assert (moved["starts_at"], moved["ends_at"]) == (instant(6), instant(7))
    assert waits["claims"][0]["units"] == 64
    balance = program.get("/teams/team/balance").get_json()["grants"]
    (pool_grant,) = [grant for grant in balance if grant["held"]]
    assert (pool_grant["held"], pool_grant["charged"]) == ((32 + 64 + 64) * 3600, 0)


def test_what_cannot_be_done_with_a_booking_is_said_beside_it_and_nothing_is_done(program: Program) -> None:
    booking = book(program, 1, 3, 40)
    body = change("closed", 0, None, resolution={booking["id"]: "reduce"})
    answer = program.post(CAPACITY, body, who="operator")
    assert (answer.status_code, fields(answer)) == (422, [f"resolution.{booking['id']}"])
    assert "0 units" in answer.get_json()["detail"]

    answer = program.post(CAPACITY, {**body, "resolution": {booking["id"]: "move"}}, who="operator")
    assert (answer.status_code, fields(answer)) == (422, [f"resolution.{booking['id']}"])
    assert program.get(f"/bookings/{booking['id']}").get_json()["version"] == booking["version"]
    assert len(program.get(CAPACITY).get_json()["items"]) == 1


def test_an_owner_chooses_among_the_windows_that_are_offered(program: Program) -> None:
    booking = book(program, 1, 3, 40)
    asked = program.post(CAPACITY, change(-32, 0, 6), who="operator").get_json()["displaced"][0]
    assert [one["starts_at"] for one in asked["moves"]] == [instant(6), instant(8), instant(10)]
    assert asked["reduced_units"] == 32
    to = {"move": {"starts_at": instant(5)}}
    wrong = program.post(CAPACITY, change(-32, 0, 6, resolution={booking["id"]: to}), who="operator")
    assert (wrong.status_code, fields(wrong)) == (422, [f"resolution.{booking['id']}"])
    to = {"move": {"starts_at": instant(8)}}
    done = program.post(CAPACITY, change(-32, 0, 6, resolution={booking["id"]: to}), who="operator")
    assert done.status_code == 201
    assert program.get(f"/bookings/{booking['id']}").get_json()["starts_at"] == instant(8)


def test_the_team_chooses_itself_at_no_price(program: Program) -> None:
    booking = book(program, 1, 3, 40)
    program.post(CAPACITY, change(-32, 0, 6, resolution="later"), who="operator")
    (waiting,) = program.get("/displacements").get_json()["items"]
    assert (waiting["booking"], waiting["resource"]) == (booking["id"], "north-a100")
    assert program.get("/displacements", who="rival").get_json()["items"] == []
    shown = program.get(f"/displacements/{waiting['id']}").get_json()["ways"]
    assert (len(shown["moves"]), shown["reduced_units"]) == (3, 32)
    assert program.get(f"/displacements/{waiting['id']}", who="rival").status_code == 404
    path = f"/displacements/{waiting['id']}/resolve"
    assert program.post(path, {"resolution": "move"}, who="member").status_code == 403
    moved = program.post(path, {"resolution": {"move": {"starts_at": instant(10)}}})
    assert (moved.status_code, moved.get_json()["starts_at"]) == (200, instant(10))
    assert program.get(f"/displacements/{waiting['id']}").status_code == 404


def test_an_early_end_of_a_supply_is_asked_about_like_an_outage(program: Program) -> None:
    made = program.post(CAPACITY, change(16, 0, None), who="operator").get_json()
    book(program, 2, 4, 80)
    path = f"{CAPACITY}/{made['id']}"
    answer = program.patch(path, {"ends_at": instant(3)}, who="operator")
    assert (answer.status_code, len(answer.get_json()["displaced"])) == (409, 1)
    assert program.get(path).get_json()["ends_at"] is None

    answer = program.patch(path, {"ends_at": instant(3), "resolution": "later"}, who="operator")
    assert (answer.status_code, answer.get_json()["ends_at"]) == (200, instant(3))
    assert [step["free"] for step in steps(program, 1, 5)] == [80, 0, -16, 64]

    assert fields(program.patch(path, {"ends_at": instant(5)}, who="operator")) == ["ends_at"]
    assert fields(program.patch(path, {"ends_at": None}, who="operator")) == ["ends_at"]
    assert program.patch(path, {"ends_at": instant(1)}, who="other_operator").status_code == 403
    assert program.patch(f"{CAPACITY}/999", {"ends_at": instant(1)}, who="operator").status_code == 404
    assert program.patch(f"{CAPACITY}/x", {"ends_at": instant(1)}, who="operator").status_code == 404


def test_fewer_seats_displace_like_an_outage_and_the_past_stays_on_record(program: Program) -> None:
    booking = book(program, 1, 3, 2, "north-radar")
    answer = program.patch("/datasets/north-radar", {"seats": 1, "name": "Radar"}, who="steward")
    assert (answer.status_code, answer.get_json()["displaced"][0]["id"]) == (409, booking["id"])
    assert program.get("/datasets/north-radar").get_json()["name"] == "Radar pictures"

    body = {"seats": 1, "name": "Radar", "resolution": {booking["id"]: "reduce"}}
    changed = program.patch("/datasets/north-radar", body, who="steward").get_json()
    assert (changed["seats"], changed["name"]) == (1, "Radar")
    assert program.get(f"/bookings/{booking['id']}").get_json()["claims"][0]["units"] == 1
    assert offered(program, "north-radar") == [(instant(-24), 2), ("2026-03-02T08:05:00Z", 1)]

    # A booking may begin at the grid step that is running, and finds the new seats there.
    program.patch("/datasets/north-radar", {"seats": 3}, who="steward")
    assert offered(program, "north-radar") == [
        (instant(-24), 2),
        ("2026-03-02T08:00:00Z", 4),
        ("2026-03-02T08:05:00Z", 3),
    ]
    program.patch("/datasets/north-radar", {"seats": None, "resolution": "later"}, who="steward")
    assert offered(program, "north-radar")[-1] == ("2026-03-02T08:05:00Z", 0)


def test_only_the_owner_says_what_is_offered(program: Program) -> None:
    for person in ("other_operator", "steward", "lead", "funder"):
        assert program.post(CAPACITY, change(1, 0, 1), who=person).status_code == 403
    assert program.post("/resources/north-radar/capacity", change(1, 0, 1), who="operator").status_code == 403
    assert program.post("/resources/north-radar/capacity", change(1, 0, 1), who="steward").status_code == 201
    assert program.post("/resources/nowhere/capacity", change(1, 0, 1), who="operator").status_code == 404
    assert program.post(CAPACITY, change(1, 0, 1), who="").status_code == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units", 1.5),
        ("units", 0),
        ("units", "False"),
        ("units", True),
        ("units", None),
        ("units", "8"),
        ("units", 2_147_483_648),
        ("units", -2_147_483_648),
        ("starts_at", "2026-03-02T09:00:00"),
        ("starts_at", "2026-03-02"),
        ("starts_at", "0001-01-01T00:00:00Z"),
        ("starts_at", "2026-02-30T00:00:00Z"),
        ("starts_at", 1_772_442_000),
        ("ends_at", "2026-03-02T09:00:00Z"),
        ("ends_at", "2226-03-02T09:00:00Z"),
        ("ends_at", "9999-12-31T23:59:59Z"),
        ("ends_at", "2026-03-02T10:00:00"),
        ("reason", "r" * 2_001),
        ("reason", "\x07"),
        ("reason", 7),
        ("resolution", "revoke"),
        ("resolution", ["later"]),
        ("kind", "supply"),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused_by_its_field(program: Program, name: str, value: Any) -> None:
    answer = program.post(CAPACITY, {**change(8, 0, 1), name: value}, who="operator")
    assert (answer.status_code, set(fields(answer))) == (422, {name})
    assert len(program.get(CAPACITY).get_json()["items"]) == 1


@pytest.mark.parametrize("units", ["NaN", "Infinity", "1e400", "-0.5", '"\\u0000"'])
def test_numbers_that_are_none_are_refused(program: Program, units: str) -> None:
    body = json.dumps(change("UNITS", 0, None)).replace('"UNITS"', units)
    headers = {**program.world.bearer("operator"), "Content-Type": "application/json"}
    answer = program.app.test_client().post(f"/api/v1{CAPACITY}", data=body, headers=headers)
    assert answer.status_code == 422


@pytest.mark.parametrize("resolution", [{"x": "later"}, {"1": "keep"}, {"1": None}, {"1" * 30: "later"}])
def test_a_decision_that_cannot_be_meant_is_refused(program: Program, resolution: dict[str, Any]) -> None:
    answer = program.post(CAPACITY, change(8, 0, 1, resolution=resolution), who="operator")
    assert answer.status_code == 422
    assert fields(answer)[0].startswith("resolution")
