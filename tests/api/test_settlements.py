"""Calls on rates and settlements."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from booking.services import due_bookings
from tests.support.api import Program
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
VOUCHER = {"subsidy_percent": 40}


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_from_a_rate_and_a_voucher_to_a_closed_month(app: Flask, traveller: time_machine.Traveller) -> None:
    program = Program(app, build_world(app, policy={"opening": "voucher"}))
    rates = f"/resources/{World.POOL}/rates"
    assert program.post(rates, {"cents_per_unit_hour": 1000}, who="operator").status_code == 201
    assert program.get(rates, who="rival").json["items"][0]["cents_per_unit_hour"] == 1000
    window = {"starts_at": "2026-03-02T08:00:00Z", "ends_at": "2026-03-02T10:00:00Z"}
    claims = [{"resource": World.POOL, "units": 8}, {"resource": World.DATASET, "units": 1}]
    order = {"team": "team", "claims": claims, "purpose": "x", **window}
    assert program.post("/bookings", order).json["refusals"][0]["code"] == "quota_exceeded"
    voucher = {"team": "team", "kind": "pool", "unit_hours": 100, "starts_at": "2026-03-01T00:00:00Z",
               "ends_at": "2026-06-01T00:00:00Z"}  # fmt: skip
    assert program.post("/grants", {**voucher, **VOUCHER}, who="funder").status_code == 201
    booking = program.post("/bookings", order)
    assert booking.status_code == 201

    traveller.shift(timedelta(hours=2))
    with app.app_context():
        due_bookings.start_due(NOW)
        due_bookings.complete_due(NOW + timedelta(hours=2))
    found = program.get("/settlements?month=2026-03", who="lead").json
    assert found["closed_at"] is None
    assert sorted(found["items"], key=lambda one: one["booked"], reverse=True) == [
        {"booked": 57_600, "measured": 0, "refunded": 0, "cents": 16_000, "subsidy_cents": 6_400, "own_cents": 9_600,
         "operator": "north", "funder": "north", "team": "team", "resource": World.POOL, "subsidy_percent": 40,
         "cents_per_unit_hour": 1000, "kind": "pool"},
        {"booked": 7_200, "measured": 0, "refunded": 0, "cents": 0, "subsidy_cents": 0, "own_cents": 0,
         "operator": "north", "funder": None, "team": "team", "resource": World.DATASET, "subsidy_percent": 0,
         "cents_per_unit_hour": 0, "kind": "dataset"},
    ]  # fmt: skip
    assert [(one["kind"], one["booked"], one["cents"]) for one in found["totals"]] == [
        ("pool", 57_600, 16_000), ("dataset", 7_200, 0),
    ]  # fmt: skip
    assert found["total"] == {"cents": 16_000, "subsidy_cents": 6_400, "own_cents": 9_600}
    assert program.get("/settlements?month=2026-03", who="funder").json["totals"] == found["totals"][:1]
    assert program.get("/settlements?month=2026-03", who="rival").json["items"] == []
    assert program.get("/settlements?month=2026-03", who="stranger").status_code == 404

    assert program.post("/settlements/2026-03/close", None, who="operator").status_code == 403
    assert program.post("/settlements/2026-03/close", None, who="admin").status_code == 409
    traveller.shift(timedelta(days=31))
    closed = program.post("/settlements/2026-03/close", None, who="admin")
    assert (closed.status_code, closed.json["total"]["cents"]) == (200, 16_000)
    assert closed.json["closed_at"] is not None


def test_what_cannot_be_meant_is_refused_with_its_field(app: Flask) -> None:
    program = Program(app, build_world(app, policy={"opening": "paid"}))
    for wrong in (-1, 1.5, "10", True, 10**30, None):
        answer = program.post(f"/resources/{World.POOL}/rates", {"cents_per_unit_hour": wrong}, who="operator")
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "cents_per_unit_hour"), wrong
    assert (
        program.post(f"/resources/{World.POOL}/rates", {"cents_per_unit_hour": 1}, who="other_operator").status_code
        == 403
    )
    for wrong in ("2026-13", "2026", "-", "０00000"):
        assert program.get(f"/settlements?month={wrong}", who="lead").status_code == 422
