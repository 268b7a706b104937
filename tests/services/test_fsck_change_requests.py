"""Each rule of change requests is broken in turn behind the product's back, and fsck has to name it."""

import pytest
from flask import Flask

from booking.services.booking_edits import change_booking
from tests.services.test_fsck import breaches
from tests.support.lives import NOW, at, book, window
from tests.support.world import build_world

LEDGER = (
    "INSERT INTO ledger_entries"
    " (grant_id, booking_id, resource_id, change_request_id, kind, unit_seconds, at, by, reason)"
    " SELECT grant_id, booking_id, resource_id, change_request_id, 'charge', 0, at, by, reason FROM ledger_entries"
    " WHERE change_request_id = 1"
)
BREAKS: list[tuple[int, str, str]] = [
    (1, "held steps differ from the claims", "UPDATE change_request_blocks SET units = units + 1"),
    (1, "change requests that hold other units than they would add: 1",
     "UPDATE change_request_claims SET units = units + 1"),
    (1, "change requests that hold units after their end (request/resource): 1/1",
     "UPDATE change_requests SET state = 'declined', ended_at = created_at"),
    (2, "change requests that hold another amount of quota than their price (request/resource): 1/1",
     "UPDATE change_request_claims SET weight_percent = 200"),
    (3, "ledger lines of change requests that are none of their booking's holds", LEDGER),
    (5, "open change requests of bookings that are neither confirmed nor running: 1",
     "UPDATE bookings SET state = 'completed', ended_at = '2026-03-02 08:00:00+00'"),
    (6, "open change requests that wait for nobody's approval: 1",
     "UPDATE change_request_claims SET approval = 'given'"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "said", "statement"), BREAKS, ids=[f"{one[0]}-{one[1][:40]}" for one in BREAKS])
def test_a_broken_request_is_named(app: Flask, rule: int, said: str, statement: str) -> None:
    world = build_world(app, policy={"auto_approve_unit_hours": 20})
    with app.app_context():
        booking = book(world)
        change_booking(booking.id, window=window(24, 28), claims=None, actor=world.lead, now=NOW, version=1)
    assert breaches(app, now=at(0.1)) == {}
    assert said in breaches(app, statement, now=at(0.1))[rule]
