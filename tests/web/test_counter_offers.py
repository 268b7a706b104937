"""The inbox's other answers in the browser: something else instead, fewer units, and whom a yes shuts out."""

from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.lifecycle import State
from booking.domain.orders import Claim, Order
from booking.services.bookings import request_booking
from tests.support import lives
from tests.support.filling import fill
from tests.support.lives import NOW, window
from tests.support.pages import said_of, text_of
from tests.support.visitors import send
from tests.support.world import World, build_world

Clients = Callable[[str], FlaskClient]
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def world(app: Flask) -> World:
    """Every booking waits, and holds nothing meanwhile."""
    return build_world(app, units=10, policy={"auto_approve_unit_hours": 0, "hold_minutes": 0})


def test_an_owner_offers_another_window_and_the_team_accepts(
    app: Flask, as_: Clients, book: Callable[..., int], clock: time_machine.Traveller
) -> None:
    booking_id, owner, lead = book(), as_("operator"), as_("lead")
    address = f"/bookings/{booking_id}/counter-offer"
    assert address in owner.get("/approvals").text
    nothing = fill(owner, address, hours="", reason="too hot then", offer_it="1")
    assert nothing.status_code == 422
    assert "This is what was asked for" in text_of(nothing.text)
    assert said_of(fill(owner, address, hours="", reason="", offer_it="1").text, "reason")
    sent = fill(owner, address, hours="", ends_at="2026-03-03T17:00", reason="too hot then", offer_it="1")
    assert sent.status_code == 303
    offered = sent.headers["Location"]
    assert offered in lead.get(f"/bookings/{booking_id}").text
    assert "Offered instead of" in text_of(lead.get(offered).text)
    assert send(lead, f"{offered}/accept").status_code == 303
    with app.app_context():
        taken = lives.found(int(offered.rsplit("/", 1)[1]))
    assert (taken.state, taken.window) == (State.CONFIRMED, window(24, 25))
    assert as_("rival").get(address).status_code == 404


def test_an_owner_approves_fewer_where_fewer_would_do(app: Flask, world: World, as_: Clients) -> None:
    order = Order(world.team, window(24, 26), (Claim(world.pool, 8, 4),), "training")
    with app.app_context():
        booking_id = request_booking(order, actor=world.lead, now=NOW).id
    owner, address = as_("operator"), f"/approvals/{booking_id}/approve"
    assert "Approve so many" in owner.get("/approvals").text
    for wrong in ("3", "x", "", "9" * 30):
        assert send(owner, address, {f"units-{world.pool}": wrong}).status_code == 422, wrong
    assert send(owner, address, {f"units-{world.pool}": "5"}).status_code == 303
    with app.app_context():
        assert [claim.units for claim in lives.found(booking_id).claims] == [5]


def test_the_form_takes_a_least_quantity(world: World, as_: Clients) -> None:
    typed = {
        "claims-0-resource": World.POOL, "claims-0-units": "8", "claims-0-least_units": "9",
        "team": World.TEAM, "starts_at": "2026-03-03T16:00", "hours": "2", "purpose": "training", "book": "1",
    }  # fmt: skip
    wrong = fill(as_("lead"), "/bookings/new", **typed)
    assert "not more than what is asked for" in said_of(wrong.text, "claims-0-least_units")
    sent = fill(as_("lead"), "/bookings/new", **{**typed, "claims-0-least_units": "4"})
    assert "at least 4 GPUs" in text_of(as_("lead").get(sent.headers["Location"]).text)


def test_the_inbox_names_whom_a_yes_would_shut_out(
    app: Flask, world: World, as_: Clients, book: Callable[..., int]
) -> None:
    book()
    order = world.order(window(25, 26), 3, team=world.rival_team)
    with app.app_context():
        rival = request_booking(order, actor=world.rival, now=NOW).id
    page = text_of(as_("operator").get("/approvals").text)
    assert f"A yes would leave no room for: Booking {rival} : NORTH-A100 has 2 units free" in page
