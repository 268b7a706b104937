"""Searches: the earliest window of each resource that can be booked, in time order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from booking.db import transaction
from booking.models.resources import Resource
from tests.support.api import Program, body, text
from tests.support.world import World, build_world

DAY = datetime(2026, 3, 3, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("traveller")


def wish(**changed: Any) -> dict[str, Any]:
    usual = {"kind": "pool", "units": 8, "hours": 2, "earliest": text(DAY), "latest": text(DAY + timedelta(days=2))}
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def take(program: Program, resource: str, units: int, start: datetime, hours: int) -> None:
    """Let the rival hold units."""
    asked = body((resource, units), team=World.RIVAL_TEAM, start=start, hours=hours)
    answer = program.post("/bookings", asked, who="rival")
    assert answer.status_code == 201, answer.text


def found(program: Program, **changed: Any) -> list[tuple[str, str]]:
    answer = program.post("/searches", wish(**changed), who="")
    assert answer.status_code == 200, answer.text
    return [(offer["resource"], offer["starts_at"]) for offer in answer.json["offers"]]


def test_an_offer_says_what_to_book_and_what_it_takes(app: Flask) -> None:
    program = Program(app, build_world(app, policy={"weight_percent": 300}))
    offers = program.post("/searches", wish(resource=World.POOL), who="").json["offers"]
    assert offers == [
        {
            "resource": World.POOL,
            "claims": [{"resource": World.POOL, "units": 8}],
            "starts_at": "2026-03-03T00:00:00Z",
            "ends_at": "2026-03-03T02:00:00Z",
            "unit_hours": 16.0,
            "cost": 48.0,
            "unit_seconds": 57_600,
            "cost_unit_seconds": 172_800,
            "why": "earliest",
            "waiting_for": [],
            "seat_held": None,
            "first": [],
        }
    ]


def test_offers_come_in_order_of_time_and_stop_at_the_limit(program: Program) -> None:
    take(program, World.POOL, 60, DAY, 5)
    both = [(World.OTHER_POOL, "2026-03-03T00:00:00Z"), (World.POOL, "2026-03-03T05:00:00Z")]
    assert found(program) == both
    assert found(program, limit=1) == both[:1]


def test_a_window_between_two_bookings_is_found_where_it_is_long_enough(program: Program) -> None:
    take(program, World.POOL, 60, DAY, 2)
    take(program, World.POOL, 60, DAY + timedelta(hours=4), 2)
    assert found(program, resource=World.POOL) == [(World.POOL, "2026-03-03T02:00:00Z")]
    assert found(program, resource=World.POOL, hours=2.25) == [(World.POOL, "2026-03-03T06:00:00Z")]
    assert found(program, resource=World.POOL, units=4) == [(World.POOL, "2026-03-03T00:00:00Z")]


def test_a_window_a_year_ahead_is_found_too(app: Flask) -> None:
    program = Program(app, build_world(app, policy={"horizon_days": None, "max_minutes": None}, pool_hours=10**6))
    take(program, World.POOL, 60, DAY, 400 * 24)
    later = text(DAY + timedelta(days=500))
    assert found(program, resource=World.POOL, latest=later) == [(World.POOL, text(DAY + timedelta(days=400)))]


def test_of_windows_that_start_together_the_model_that_is_liked_better_comes_first(program: Program) -> None:
    assert [slug for slug, _ in found(program, gpu_models=["A100", "H100"])] == [World.POOL, World.OTHER_POOL]
    assert [slug for slug, _ in found(program, gpu_models=["H100", "A100"])] == [World.OTHER_POOL, World.POOL]
    take(program, World.OTHER_POOL, 16, DAY, 1)
    assert [slug for slug, _ in found(program, gpu_models=["H100", "A100"])] == [World.POOL, World.OTHER_POOL]


def test_a_range_of_hours_starts_where_the_least_fits_and_is_as_long_as_fits_there(program: Program) -> None:
    take(program, World.POOL, 60, DAY + timedelta(hours=3), 2)
    sent = wish(resource=World.POOL, hours=None, hours_min=2, hours_max=8)
    (offer,) = program.post("/searches", sent).json["offers"]
    assert (offer["starts_at"], offer["ends_at"]) == ("2026-03-03T00:00:00Z", "2026-03-03T03:00:00Z")
    (offer,) = program.post("/searches", sent | {"hours_min": 4}).json["offers"]
    assert (offer["starts_at"], offer["ends_at"]) == ("2026-03-03T05:00:00Z", "2026-03-03T13:00:00Z")


def test_a_pool_and_a_seat_are_found_together(program: Program) -> None:
    take(program, World.POOL, 60, DAY, 3)
    take(program, World.DATASET, 2, DAY + timedelta(hours=4), 2)
    offers = program.post("/searches", wish(resource=World.POOL, dataset=World.DATASET), who="").json["offers"]
    assert [(offer["starts_at"], offer["claims"]) for offer in offers] == [
        (
            "2026-03-03T06:00:00Z",
            [{"resource": World.POOL, "units": 8}, {"resource": World.DATASET, "units": 1}],
        )
    ]


def test_data_on_site_is_found_with_pools_of_its_own_place_only(app: Flask) -> None:
    program = Program(app, build_world(app, access="onsite"))
    assert [slug for slug, _ in found(program, dataset=World.DATASET)] == [World.POOL]


def test_data_without_seats_asks_for_no_seat(app: Flask) -> None:
    program = Program(app, build_world(app, seats=None))
    offers = program.post("/searches", wish(resource=World.POOL, dataset=World.DATASET), who="").json["offers"]
    assert offers[0]["claims"] == [{"resource": World.POOL, "units": 8}]


def test_pools_are_chosen_by_model_and_region_and_datasets_by_kind(program: Program) -> None:
    assert [slug for slug, _ in found(program, gpu_model="H100")] == [World.OTHER_POOL]
    assert [slug for slug, _ in found(program, region="Beijing")] == [World.POOL]
    assert found(program, region="Atlantis") == []
    assert [slug for slug, _ in found(program, regions=["Guangdong", "Atlantis"])] == [World.OTHER_POOL]
    assert [slug for slug, _ in found(program, regions_denied=["Guangdong"])] == [World.POOL]
    assert [slug for slug, _ in found(program, facility=World.OTHER_FACILITY)] == [World.OTHER_POOL]
    assert [slug for slug, _ in found(program, memory_gib=80)] == [World.POOL, World.OTHER_POOL]
    assert found(program, memory_gib=81) == []
    assert [slug for slug, _ in found(program, kind="dataset", units=1)] == [World.DATASET]
    assert [slug for slug, _ in found(program, kind="dataset", units=1, region="Beijing")] == [World.DATASET]


@pytest.mark.parametrize(
    ("policy", "asked", "starts"),
    [
        ({"max_units": 7}, {}, None),
        ({"unit_step": 3}, {}, None),
        ({"max_units_per_team": 7}, {}, None),
        ({"max_minutes": 119}, {}, None),
        ({"min_minutes": 180}, {}, "2026-03-03T00:00:00Z"),
        ({"horizon_days": 0}, {}, None),
        ({"horizon_days": None}, {"latest": "2400-01-01T00:00:00Z"}, "2026-03-03T00:00:00Z"),
        ({"notice_minutes": 2880}, {}, "2026-03-04T08:15:00Z"),
        ({}, {"earliest": "2020-01-01T00:00:00Z"}, "2026-03-02T08:00:00Z"),
        ({"auto_approve_unit_hours": 0}, {"earliest": "2020-01-01T00:00:00Z"}, "2026-03-02T08:15:00Z"),
        ({}, {"hours": 0.1}, "2026-03-03T00:00:00Z"),
        ({}, {"hours": 48}, "2026-03-03T00:00:00Z"),
        ({}, {"hours": "48.25"}, None),
    ],
)
def test_what_is_offered_keeps_the_limits_of_its_resource(
    app: Flask, policy: dict[str, Any], asked: dict[str, Any], starts: str | None
) -> None:
    program = Program(app, build_world(app, policy=policy))
    sent = wish(resource=World.POOL, **asked)
    offers = program.post("/searches", sent).json["offers"]
    assert [offer["starts_at"] for offer in offers] == ([starts] if starts else [])
    for offer in offers:
        booking = {"team": World.TEAM, "purpose": "as offered"}
        booking |= {name: offer[name] for name in ("starts_at", "ends_at", "claims")}
        answer = program.post("/bookings", booking)
        assert answer.status_code == 201, answer.text


def test_drafts_are_not_found_and_not_named(app: Flask, program: Program) -> None:
    with app.app_context(), transaction() as session:
        session.get(Resource, program.world.pool).state = "draft"
    assert [slug for slug, _ in found(program)] == [World.OTHER_POOL]
    assert program.post("/searches", wish(resource=World.POOL)).status_code == 404


def test_what_is_retired_is_known_and_offers_nothing(app: Flask, program: Program) -> None:
    with app.app_context(), transaction() as session:
        session.get(Resource, program.world.pool).state = "retired"
    assert found(program, resource=World.POOL) == []


def test_unknown_names_are_not_found(program: Program) -> None:
    assert program.post("/searches", wish(resource="nothing")).status_code == 404
    assert program.post("/searches", wish(dataset="nothing")).status_code == 404
    assert program.post("/searches", wish(facility="nothing")).status_code == 404
    assert program.post("/searches", wish(dataset=World.POOL)).status_code == 404


def test_a_wrong_token_is_no_visitor(program: Program) -> None:
    answer = program.app.test_client().post("/api/v1/searches", json=wish(), headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


def test_what_cannot_be_meant_is_named_by_its_field(program: Program) -> None:
    for changed, named in (
        ({"kind": None}, ""), ({"kind": "scenario"}, "kind"), ({"units": 0}, "units"), ({"units": 1.5}, "units"),
        ({"units": None}, "units"), ({"hours": 0}, "hours"), ({"hours": -1}, "hours"), ({"hours": "x"}, "hours"),
        ({"hours": True}, "hours"), ({"hours": 0.0001}, "hours"), ({"hours": 1e300}, "hours"),
        ({"hours": "NaN"}, "hours"),
        ({"hours": None}, "hours"), ({"hours_min": 1, "hours_max": 2}, "hours"),
        ({"hours": None, "hours_min": 1}, "hours_max"), ({"hours": None, "hours_max": 1}, "hours_min"),
        ({"hours": None, "hours_min": 2, "hours_max": 1}, "hours_max"),
        ({"gpu_model": "A100", "gpu_models": ["A100"]}, "gpu_models"), ({"gpu_models": []}, "gpu_models"),
        ({"region": "Beijing", "regions": ["Beijing"]}, "regions"), ({"memory_gib": 0}, "memory_gib"),
        ({"regions_denied": [5]}, "regions_denied.0"),
        ({"earliest": "2026-03-03T00:00:00"}, "earliest"), ({"latest": text(DAY)}, "latest"), ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"), ({"colour": "red"}, "colour"), ({"dataset": 5}, "dataset"),
    ):  # fmt: skip
        answer = program.post("/searches", wish(**changed))
        assert answer.status_code == 422, changed
        assert [error["field"] for error in answer.json["errors"]] == [named], changed
