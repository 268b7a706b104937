"""Searches in the name of a team find what that team would be admitted to, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from booking.db import transaction
from booking.models.teams import Team
from tests.support.api import Program, body, text
from tests.support.world import World, build_world, grant

DAY = datetime(2026, 3, 3, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("traveller")


def offers(program: Program, who: str = "lead", **changed: Any) -> list[dict[str, Any]]:
    """What the team finds; each is booked in a dry run, which says no but for what is said to come first."""
    usual = {
        "kind": "pool", "units": 8, "hours": 2, "earliest": text(DAY), "latest": text(DAY + timedelta(days=9)),
        "team": World.TEAM,
    }  # fmt: skip
    sent = {name: value for name, value in {**usual, **changed}.items() if value is not None}
    answer = program.post("/searches", sent, who=who)
    assert answer.status_code == 200, answer.text
    for offer in answer.json["offers"]:
        booking = {"team": sent["team"], "purpose": "as offered", "dry_run": True}
        booking |= {name: offer[name] for name in ("starts_at", "ends_at", "claims")}
        dry = program.post("/bookings", booking, who=who)
        if offer["first"]:
            assert dry.json["refusals"] == offer["first"]
            continue
        assert dry.status_code == 200, dry.text
        assert dry.json["waiting_for"] == offer["waiting_for"]
        assert dry.json["cost_unit_seconds"] == offer["cost_unit_seconds"]
    return answer.json["offers"]


def starts(program: Program, **changed: Any) -> list[tuple[str, str]]:
    return [(offer["resource"], offer["starts_at"]) for offer in offers(program, **changed)]


def test_a_team_finds_only_what_is_open_to_it(app: Flask) -> None:
    program = Program(app, build_world(app, policy={"eligible_kinds": ["university"]}))
    assert starts(program) == []
    assert len(starts(program, team=World.RIVAL_TEAM, who="rival")) == 2


def test_a_team_finds_what_its_quota_allows_and_when(app: Flask) -> None:
    program = Program(app, build_world(app, cap_hours=16))
    assert len(starts(program)) == 2
    program.post("/bookings", body(start=DAY, hours=2))
    # The week of the cap is used up; the next begins on Monday.
    assert starts(program) == [
        (World.POOL, "2026-03-09T00:00:00Z"),
        (World.OTHER_POOL, "2026-03-09T00:00:00Z"),
    ]
    assert starts(program, units=9) == []


def test_a_range_of_hours_is_as_long_as_the_quota_allows(app: Flask) -> None:
    program = Program(app, build_world(app, pool_hours=40))
    (offer, _) = offers(program, hours=None, hours_min=1, hours_max=24)
    assert (offer["starts_at"], offer["ends_at"]) == ("2026-03-03T00:00:00Z", "2026-03-03T05:00:00Z")


def test_a_team_finds_what_it_may_have_at_a_time(app: Flask) -> None:
    program = Program(app, build_world(app, policy={"max_units_per_team": 8}))
    program.post("/bookings", body(start=DAY, hours=3))
    assert starts(program) == [(World.OTHER_POOL, "2026-03-03T00:00:00Z"), (World.POOL, "2026-03-03T03:00:00Z")]


def test_an_offer_says_whose_approval_it_needs(app: Flask) -> None:
    # Twenty unit-hours in seven days go through; what was booked before counts.
    program = Program(app, build_world(app, policy={"auto_approve_unit_hours": 20}))
    assert [offer["waiting_for"] for offer in offers(program)] == [[], []]
    program.post("/bookings", body(start=DAY + timedelta(days=8)))
    assert {offer["resource"]: offer["waiting_for"] for offer in offers(program)} == {
        World.POOL: [World.POOL],
        World.OTHER_POOL: [],
    }


def test_a_seat_that_the_team_holds_throughout_is_not_asked_for_twice(app: Flask) -> None:
    program = Program(app, build_world(app, seats=1))
    program.post("/bookings", body((World.DATASET, 1), start=DAY + timedelta(hours=1), hours=4))
    (offer,) = offers(program, resource=World.POOL, kind=None, dataset=World.DATASET)
    assert (offer["starts_at"], offer["seat_held"]) == ("2026-03-03T01:00:00Z", World.DATASET)
    assert [claim["resource"] for claim in offer["claims"]] == [World.POOL]
    # Where its seat ends too soon, a window with a seat of its own is next.
    (offer,) = offers(program, resource=World.POOL, kind=None, dataset=World.DATASET, hours=5)
    assert (offer["starts_at"], offer["seat_held"]) == ("2026-03-03T05:00:00Z", None)
    assert [claim["resource"] for claim in offer["claims"]] == [World.POOL, World.DATASET]


def test_an_offer_says_what_is_to_be_accepted_or_asked_for_before_it_is_taken(app: Flask) -> None:
    program = Program(app, build_world(app))
    with_data = {"resource": World.POOL, "kind": None, "dataset": World.DATASET}

    def found(**changed: Any) -> tuple[str, str, list[str]]:
        (offer,) = offers(program, **with_data, hours=None, hours_min=2, hours_max=4, **changed)
        return offer["starts_at"][11:16], offer["ends_at"][11:16], [one["code"] for one in offer["first"]]

    program.post(f"/datasets/{World.DATASET}/terms", {"text": "Cite us."}, who="steward")
    program.patch(f"/datasets/{World.DATASET}", {"sensitivity": "restricted"}, who="steward")
    assert found() == ("00:00", "04:00", ["terms_not_accepted", "permit_missing"])
    program.post(f"/datasets/{World.DATASET}/terms/1/accept")
    assert found() == ("00:00", "04:00", ["permit_missing"])
    program.post("/bookings", body((World.POOL, 64), start=DAY, hours=1))
    wish = {"team": World.TEAM, "dataset": World.DATASET, "purpose": "radar"}
    number = program.post("/permits", wish).json["id"]
    until = text(DAY + timedelta(hours=4))
    assert program.post(f"/permits/{number}/grant", {"until": until}, who="steward").status_code == 200
    # As long as the permit lasts; where nothing fits before its end, the offer says so.
    assert found() == ("01:00", "04:00", [])
    assert found(units=60, earliest=text(DAY + timedelta(hours=3))) == ("03:00", "07:00", ["permit_missing"])
    refused = program.post("/bookings", body((World.POOL, 8), (World.DATASET, 1), start=DAY + timedelta(hours=3)))
    assert [(one["why"], one["ends_at"][11:16]) for one in refused.json["alternatives"]] == [("shorter", "04:00")]


def test_a_team_whose_approval_ends_finds_nothing_after_it(app: Flask) -> None:
    program = Program(app, build_world(app, until=datetime(2026, 3, 3, 5, tzinfo=UTC)))
    with app.app_context(), transaction() as session:
        grant(session, program.world.team, 1_000)
    (offer, _) = offers(program, hours=None, hours_min=1, hours_max=24)
    assert offer["ends_at"] == "2026-03-03T05:00:00Z"
    with app.app_context(), transaction() as session:
        team = session.get(Team, program.world.team)
        team.state, team.suspended_at = "suspended", DAY
    assert offers(program) == []


def test_only_members_look_for_a_team(program: Program) -> None:
    sent = {"kind": "pool", "units": 1, "hours": 1, "earliest": text(DAY), "latest": text(DAY + timedelta(days=1))}
    assert program.post("/searches", sent | {"team": World.TEAM}, who="").status_code == 401
    assert program.post("/searches", sent | {"team": World.TEAM}, who="rival").status_code == 403
    assert program.post("/searches", sent | {"team": "nobody"}).status_code == 404
