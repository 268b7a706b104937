"""Calls on grants, balances and the ledger."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.support.api import Program
from tests.support.world import PEOPLE, World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOURS = 3600


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app, build_world(app, pool_hours=100))


def body(**changed: Any) -> dict[str, Any]:
    usual = {
        "team": World.TEAM,
        "kind": "pool",
        "unit_hours": 10,
        "starts_at": "2026-03-01T00:00:00Z",
        "ends_at": "2026-06-01T00:00:00Z",
    }
    return {name: value for name, value in {**usual, **changed}.items() if value != "absent"}


def fields(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json["errors"]]


def given(program: Program, who: str = "funder", **changed: Any) -> dict[str, Any]:
    answer = program.post("/grants", body(**changed), who=who)
    assert answer.status_code == 201, answer.text
    return answer.json


def booked(program: Program, starts_at: str, ends_at: str, units: int = 1) -> dict[str, Any]:
    claims = [{"resource": World.POOL, "units": units}]
    wanted = {"team": World.TEAM, "starts_at": starts_at, "ends_at": ends_at, "claims": claims, "purpose": "x"}
    answer = program.post("/bookings", wanted)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_funder_gives_hours_that_stand_in_balance_and_ledger(program: Program) -> None:
    answer = program.post("/grants", body(cap={"unit_hours": 2.5, "per": "week"}, timezone="Asia/Shanghai"), "funder")

    assert answer.status_code == 201
    grant = answer.json
    assert answer.headers["Location"].endswith(f"/api/v1/grants/{grant['id']}")
    assert grant == {
        "id": grant["id"],
        "team": "team",
        "kind": "pool",
        "resource": None,
        "facility": None,
        "amount": 10 * HOURS,
        "held": 0,
        "charged": 0,
        "left": 10 * HOURS,
        "starts_at": "2026-03-01T00:00:00Z",
        "ends_at": "2026-06-01T00:00:00Z",
        "cap": {"unit_seconds": 9000, "per": "week"},
        "timezone": "Asia/Shanghai",
        "period": {
            "starts_at": "2026-03-01T16:00:00Z",
            "ends_at": "2026-03-08T16:00:00Z",
            "used": 0,
            "left": 9000,
        },
        "subsidy_percent": None,
        "eligible_kinds": None,
        "eligible_regions": None,
        "issuer": "north",
        "reason": "",
        "created_at": "2026-03-02T08:00:00Z",
    }
    assert program.get(f"/grants/{grant['id']}").json == grant
    assert program.get("/teams/team/balance").json["grants"][0] == grant
    entry = program.get("/teams/team/ledger").json["items"][-1]
    assert entry == {
        "id": entry["id"],
        "grant": grant["id"],
        "booking": None,
        "kind": "grant",
        "unit_seconds": 10 * HOURS,
        "at": "2026-03-02T08:00:00Z",
        "by": "funder@example.org",
        "reason": "",
    }


def test_the_balance_follows_a_booking_from_hold_to_charge(program: Program, traveller: time_machine.Traveller) -> None:
    grant = given(program)
    booking = booked(program, "2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z", units=2)

    def balance() -> tuple[int, int, int]:
        first = program.get("/teams/team/balance").json["grants"][0]
        assert first["id"] == grant["id"]
        return first["held"], first["charged"], first["left"]

    assert balance() == (6 * HOURS, 0, 4 * HOURS)
    traveller.move_to(datetime(2026, 3, 2, 10, tzinfo=UTC))
    assert program.post(f"/bookings/{booking['id']}/revoke", {"reason": "x"}, who="operator").status_code == 200
    assert balance() == (0, 2 * HOURS, 8 * HOURS)

    entries = [item for item in program.get("/teams/team/ledger").json["items"] if item["grant"] == grant["id"]]
    assert [(one["kind"], one["unit_seconds"], one["booking"]) for one in entries] == [
        ("grant", 10 * HOURS, None),
        ("hold", 6 * HOURS, booking["id"]),
        ("charge", 2 * HOURS, booking["id"]),
        ("release", 4 * HOURS, booking["id"]),
    ]


TENTHS = [0.1, "0.1", "0.10"]


def test_ten_tenths_of_an_hour_are_an_hour(program: Program, subtests: pytest.Subtests) -> None:
    for hours in TENTHS:
        with subtests.test(hours=hours):
            grant = given(program, unit_hours=hours)
            assert grant["amount"] == 360
            for _ in range(9):
                grant = program.post(f"/grants/{grant['id']}/top-up", {"unit_hours": hours}, who="funder").json
            assert grant["amount"] == 3600


EXACT_HOURS = [(1, 3600), (1.0, 3600), ("0.0025", 9), (100_000, 360_000_000), ("2500000000000", 9 * 10**15)]


def test_hours_become_whole_seconds(program: Program, subtests: pytest.Subtests) -> None:
    for hours, unit_seconds in EXACT_HOURS:
        with subtests.test(hours=hours, unit_seconds=unit_seconds):
            assert given(program, unit_hours=hours)["amount"] == unit_seconds


NO_HOURS = [
    0,
    -1,
    "-0.5",
    "0.0001",
    0.0001,
    1 / 3,
    "1/3",
    "NaN",
    "Infinity",
    "",
    " ",
    "ten",
    True,
    None,
    [1],
    {"hours": 1},
    "1e400",
    1e300,
    10**40,
    "2500000000000.0025",
    "9" * 5000,
]


def test_hours_that_cannot_be_counted_are_refused(program: Program, subtests: pytest.Subtests) -> None:
    for hours in NO_HOURS:
        with subtests.test(hours=hours):
            answer = program.post("/grants", body(unit_hours=hours), who="funder")
            assert (answer.status_code, fields(answer)) == (422, ["unit_hours"])


NO_NUMBERS = ["NaN", "Infinity", "-Infinity", "1e400", "1e-400"]


def test_numbers_that_json_does_not_know_are_refused(program: Program, subtests: pytest.Subtests) -> None:
    for number in NO_NUMBERS:
        with subtests.test(number=number):
            text = json.dumps(body(unit_hours="here")).replace('"here"', number)
            headers = {"Content-Type": "application/json"}
            answer = program.call("POST", "/grants", who="funder", headers=headers, data=text)
            assert answer.status_code == 422


CANNOT_BE_MEANT = [
    ({"kind": "absent"}, "kind"),
    ({"kind": None}, "kind"),
    ({"resource": World.POOL}, "kind"),
    ({"facility": World.FACILITY}, "kind"),
    ({"kind": "absent", "resource": World.POOL, "facility": World.FACILITY}, "kind"),
    ({"kind": "gpu"}, "kind"),
    ({"team": "absent"}, "team"),
    ({"team": 1}, "team"),
    ({"starts_at": "absent"}, "starts_at"),
    ({"ends_at": "2026-06-01"}, "ends_at"),
    ({"ends_at": "2026-06-01T00:00:00"}, "ends_at"),
    ({"ends_at": "2026-03-01T00:00:00Z"}, "ends_at"),
    ({"ends_at": "2026-02-01T00:00:00Z"}, "ends_at"),
    ({"ends_at": "2226-03-01T00:00:00Z"}, "ends_at"),
    ({"ends_at": "12026-03-01T00:00:00Z"}, "ends_at"),
    ({"timezone": "Mars/Phobos"}, "timezone"),
    ({"timezone": "../../etc/passwd"}, "timezone"),
    ({"timezone": None}, "timezone"),
    ({"cap": {"unit_hours": 1}}, "cap.per"),
    ({"cap": {"per": "week"}}, "cap.unit_hours"),
    ({"cap": {"unit_hours": 1, "per": "day"}}, "cap.per"),
    ({"cap": {"unit_hours": -1, "per": "week"}}, "cap.unit_hours"),
    ({"cap": {"unit_hours": 1, "per": "week", "a": 1}}, "cap.a"),
    ({"cap": 5}, "cap"),
    ({"reason": "a\x07b"}, "reason"),
    ({"amount": 5}, "amount"),
]


def test_what_cannot_be_meant_is_named(program: Program, subtests: pytest.Subtests) -> None:
    for changed, field in CANNOT_BE_MEANT:
        with subtests.test(changed=changed, field=field):
            before = program.get("/teams/team/balance").json
            answer = program.post("/grants", body(**changed), who="funder")
            assert answer.status_code == 422, answer.text
            assert fields(answer) == [field]
            assert program.get("/teams/team/balance").json == before


NOT_THERE = [
    {"team": "none"},
    {"kind": "absent", "resource": "none"},
    {"kind": "absent", "facility": "none"},
    {"kind": "absent", "resource": World.FACILITY},
]


def test_what_is_named_is_there(program: Program, subtests: pytest.Subtests) -> None:
    for changed in NOT_THERE:
        with subtests.test(changed=changed):
            assert program.post("/grants", body(**changed), who="funder").status_code == 404


def test_a_cap_of_zero_is_zero(program: Program) -> None:
    assert given(program, cap={"unit_hours": 0, "per": "month"})["period"]["left"] == 0


MAY_GIVE = {
    "kind": {"admin", "funder"},
    "resource": {"admin", "funder", "operator"},
    "facility": {"admin", "funder", "operator", "steward"},
}


def test_who_may_give(program: Program, subtests: pytest.Subtests) -> None:
    for who in PEOPLE:
        with subtests.test(who=who):
            for scope, slug in (("kind", "pool"), ("resource", World.POOL), ("facility", World.FACILITY)):
                answer = program.post("/grants", body(**{"kind": "absent", scope: slug}), who=who)
                assert answer.status_code == (201 if who in MAY_GIVE[scope] else 403), (scope, who)


def test_a_cut_says_what_it_took_and_why_the_rest_stays(program: Program) -> None:
    grant = given(program)
    booked(program, "2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z", units=2)

    path = f"/grants/{grant['id']}/cut"
    whole = program.post(path, {"unit_hours": 1, "reason": "less"}, who="funder").json
    assert (whole["taken"], whole["stays"], whole["grant"]["amount"]) == (HOURS, 0, 9 * HOURS)
    some = program.post(path, {"unit_hours": 9}, who="funder").json
    assert {name: some[name] for name in ("asked", "taken", "stays", "held", "charged")} == {
        "asked": 9 * HOURS, "taken": 3 * HOURS, "stays": 6 * HOURS, "held": 6 * HOURS, "charged": 0,
    }  # fmt: skip
    assert some["grant"]["left"] == 0

    none = program.post(path, {"unit_hours": 1}, who="funder")
    assert none.status_code == 409
    assert (none.json["amount_unit_seconds"], none.json["held_unit_seconds"]) == (6 * HOURS, 6 * HOURS)
    assert "of 6 hours 6 are held" in none.json["detail"]


def test_a_grant_that_has_ended_gets_no_more(program: Program, traveller: time_machine.Traveller) -> None:
    grant = given(program)
    traveller.move_to(datetime(2026, 6, 1, tzinfo=UTC))
    answer = program.post(f"/grants/{grant['id']}/top-up", {"unit_hours": 1}, who="funder")
    assert answer.status_code == 409
    assert "2026" in answer.json["detail"]


def test_only_who_gave_a_grant_changes_it(program: Program, subtests: pytest.Subtests) -> None:
    for who in PEOPLE:
        with subtests.test(who=who):
            grant = given(program, who="operator", kind="absent", resource=World.POOL)
            sees = {"admin", "funder", "operator", "lead", "member"}
            expected = 200 if who in {"admin", "funder", "operator"} else 403 if who in sees else 404
            for verb in ("top-up", "cut"):
                assert program.post(f"/grants/{grant['id']}/{verb}", {"unit_hours": 1}, who=who).status_code == expected
            assert program.get(f"/grants/{grant['id']}", who=who).status_code == (200 if who in sees else 404)


@pytest.mark.parametrize("who", PEOPLE)
def test_owners_see_what_was_given_for_what_is_theirs_and_nothing_else(program: Program, who: str) -> None:
    kind = given(program)["id"]
    pool = given(program, kind="absent", resource=World.POOL)["id"]
    other = given(program, kind="absent", facility=World.OTHER_FACILITY)["id"]
    everything = {kind, pool, other, "1", "2"}
    seen = {
        **dict.fromkeys(("admin", "funder", "lead", "member"), everything),
        "operator": {pool},
        "other_operator": {other},
    }.get(who)

    balance, ledger = (program.get(f"/teams/team/{page}", who=who) for page in ("balance", "ledger"))
    if seen is None:
        assert balance.status_code == ledger.status_code == 404
    else:
        assert {one["id"] for one in balance.json["grants"]} == seen
        assert {one["grant"] for one in ledger.json["items"]} == seen
    listed = {one["id"] for one in program.get("/grants?team=team", who=who).json["items"]}
    assert listed == (seen or set())


def test_the_ledger_goes_on_where_it_stopped_oldest_first(program: Program) -> None:
    grant = given(program)
    for _ in range(4):
        program.post(f"/grants/{grant['id']}/top-up", {"unit_hours": 1}, who="funder")

    path, found = "/teams/team/ledger?limit=3", []
    while path:
        page = program.get(path).json
        assert len(page["items"]) <= 3
        found += page["items"]
        path = page["next"]
    assert len(found) == 7
    assert [int(one["id"]) for one in found] == sorted(int(one["id"]) for one in found)


def test_the_list_of_grants_goes_on_where_it_stopped_newest_first(program: Program) -> None:
    first = program.get("/grants?limit=3", who="admin").json
    second = program.get(first["next"], who="admin").json
    assert [one["id"] for one in first["items"] + second["items"]] == ["4", "3", "2", "1"]


def test_an_owner_gives_back_some_of_what_a_booking_cost(program: Program, traveller: time_machine.Traveller) -> None:
    booking = booked(program, "2026-03-02T08:00:00Z", "2026-03-02T12:00:00Z", units=2)
    traveller.move_to(datetime(2026, 3, 2, 10, tzinfo=UTC))
    program.post(f"/bookings/{booking['id']}/revoke", who="operator")

    path = f"/bookings/{booking['id']}/refund"
    said = {"unit_hours": 1.5, "reason": "nodes were down"}
    assert program.post(path, said, who="lead").status_code == 403
    assert program.post(path, said, who="rival").status_code == 404
    assert program.post(path, {"unit_hours": 1.5}, who="operator").status_code == 422
    assert program.post(path, {**said, "reason": " "}, who="operator").status_code == 422
    assert program.post(path, said, who="operator").json == {
        "booking": booking["id"], "resource": World.POOL, "refunded": 5400, "charged": 9000,
    }  # fmt: skip
    assert program.post(path, {**said, "unit_hours": 3}, who="operator").status_code == 409
    assert program.get("/teams/team/ledger").json["items"][-1]["reason"] == "nodes were down"


NO_GRANTS = ["999", "0", "x", "-1", "1.0", "9" * 30]


def test_a_grant_that_is_not_there_is_not_found(program: Program, subtests: pytest.Subtests) -> None:
    for grant in NO_GRANTS:
        with subtests.test(grant=grant):
            assert program.get(f"/grants/{grant}", who="admin").status_code == 404
            assert program.post(f"/grants/{grant}/cut", {"unit_hours": 1}, who="admin").status_code == 404


def test_a_share_makes_a_grant_a_voucher(program: Program) -> None:
    assert given(program, subsidy_percent=40)["subsidy_percent"] == 40
    assert given(program)["subsidy_percent"] is None
    for wrong in (0, 101, 40.5, "40", True, 10**30):
        answer = program.post("/grants", body(subsidy_percent=wrong), who="funder")
        assert (answer.status_code, fields(answer)) == (422, ["subsidy_percent"]), wrong


def test_a_voucher_says_whom_it_is_for(program: Program) -> None:
    voucher = given(program, subsidy_percent=40, eligible_kinds=["institute"], eligible_regions=["Beijing"])
    assert (voucher["eligible_kinds"], voucher["eligible_regions"]) == (["institute"], ["Beijing"])
    for wrong, field in (
        ({"eligible_kinds": ["enterprise"]}, "team"),
        ({"eligible_kinds": "institute"}, "eligible_kinds"),
        ({"eligible_regions": [1]}, "eligible_regions.0"),
        ({"eligible_regions": ["x" * 300]}, "eligible_regions.0"),
    ):
        answer = program.post("/grants", body(subsidy_percent=40, **wrong), who="funder")
        assert (answer.status_code, fields(answer)) == (422, [field]), wrong
