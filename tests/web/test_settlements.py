"""The pages of rates and settlements."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from booking.domain.grants import NewGrant, Scope
from booking.domain.windows import Window
from booking.services import due_bookings
from booking.services.bookings import request_booking
from booking.services.grants import create_grant
from tests.support import pages, visitors
from tests.support.visitors import signed_in
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_an_owner_sets_a_rate_and_everybody_reads_who_pays_what(app: Flask, traveller: time_machine.Traveller) -> None:
    world = build_world(app, policy={"opening": "voucher"})
    operator, address = signed_in(app, "operator@example.org"), f"/operate/resources/{World.POOL}/rates"
    for wrong in ("", "-1", "1.005", "1e3", "NaN", "١٢", "9" * 400):
        assert visitors.send(operator, address, {"price": wrong, "starts_at": ""}).status_code == 422, wrong
    assert visitors.send(operator, address, {"price": "10.00", "starts_at": ""}).status_code == 303
    assert "CN¥10.00" in operator.get(address).text
    pool = pages.text_of(app.test_client().get(f"/pools/{World.POOL}").text)
    assert "CN¥10.00 for each charged hour." in pool
    assert "Only vouchers cover a booking" in pool

    with app.app_context():
        voucher = NewGrant(world.team, Scope("pool"), 360_000, Window(NOW, NOW + 9 * HOUR), subsidy_percent=40)
        create_grant(voucher, actor=world.people["funder"], now=NOW)
        request_booking(world.order(Window(NOW, NOW + 2 * HOUR)), actor=world.lead, now=NOW)
        due_bookings.start_due(NOW)
        due_bookings.complete_due(NOW + 2 * HOUR)
    traveller.shift(2 * HOUR)
    for who in ("lead", "operator", "funder"):
        text = pages.text_of(signed_in(app, f"{who}@example.org").get("/settlements?month=2026-03").text)
        assert all(said in text for said in ("CN¥160.00", "CN¥64.00", "CN¥96.00", "40 %")), who
    rival = signed_in(app, "rival@example.org")
    assert "CN¥160.00" not in rival.get("/settlements").text
    assert rival.get("/exports/settlement.csv?month=2026-03").text.count("\n") == 1
    (_, line) = operator.get("/exports/settlement.csv?month=2026-03").text.splitlines()
    assert line.startswith("2026-03,,north,north,team,")
    assert line.endswith(",57600,0,0,16000,6400,9600")
    assert signed_in(app, "stranger@example.org").get("/settlements").status_code == 404

    admin = signed_in(app, "admin@example.org")
    assert "Close this month" not in admin.get("/settlements?month=2026-03").text
    traveller.shift(timedelta(days=31))
    admin = signed_in(app, "admin@example.org")
    assert visitors.send(admin, "/settlements/2026-03/close", {}).status_code == 303
    assert "This month was closed" in admin.get("/settlements?month=2026-03").text
