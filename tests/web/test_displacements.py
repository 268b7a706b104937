"""Displaced bookings in the browser: all that wait, and a click for each way out."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.lifecycle import State
from tests.support import lives, publishing
from tests.support.lives import window
from tests.support.pages import buttons_of, text_of
from tests.support.publishing import LATER, hours
from tests.support.visitors import send
from tests.support.world import World

Clients = Callable[[str], FlaskClient]
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def displaced(app: Flask, world: World, book: Callable[..., int]) -> int:
    """A booking of 48 GPUs where only 32 are left until five hours from now."""
    booking_id = book(1, 2, 48)
    with app.app_context():
        publishing.cut(world, -32, hours(0, 5), LATER)
    return booking_id


def test_the_lead_moves_it_with_one_click(app: Flask, as_: Clients, displaced: int) -> None:
    lead, page = as_("lead"), f"/bookings/{displaced}/displaced"
    assert page in lead.get(f"/bookings/{displaced}").text
    shown = lead.get(f"{page}?move=2026-03-02T14:00:00Z").text
    assert buttons_of(shown) == [
        "Move it to 2 Mar 2026 21:00 – 22:00 (Asia/Shanghai)",
        "Move it to 2 Mar 2026 22:00 – 23:00 (Asia/Shanghai)",
        "Move it to 2 Mar 2026 23:00 – 3 Mar 2026 00:00 (Asia/Shanghai)",
        "Reduce it to 32 GPUs",
        "Cancel it, at no price",
    ]
    address = next(part for part in shown.split('"') if part.startswith("/displacements/"))
    assert send(lead, address, {"resolution": "revoke"}).status_code == 403
    assert send(lead, address, {"resolution": "keep"}).status_code == 422
    gone = send(lead, address, {"resolution": "move:2026-03-02T09:00:00Z"}, follow_redirects=True)
    assert "cannot be moved to" in text_of(gone.text)
    assert send(lead, address, {"resolution": "move:2026-03-02T14:00:00Z"}).status_code == 303
    with app.app_context():
        assert lives.found(displaced).window == window(6, 7)
    assert "nothing to decide" in text_of(lead.get(page).text)


def test_the_lead_cancels_at_no_price(app: Flask, as_: Clients, displaced: int) -> None:
    shown = as_("lead").get(f"/bookings/{displaced}/displaced").text
    address = next(part for part in shown.split('"') if part.startswith("/displacements/"))
    assert send(as_("lead"), address, {"resolution": "cancel"}).status_code == 303
    with app.app_context():
        assert lives.found(displaced).state is State.CANCELLED


def test_all_of_them_are_listed_for_who_can_do_something(as_: Clients, displaced: int) -> None:
    page = f"/bookings/{displaced}/displaced"
    assert page in as_("operator").get("/displacements").text
    assert page in as_("lead").get("/displacements").text
    assert page not in as_("rival").get("/displacements").text
    assert as_("rival").get(page).status_code == 404
    assert "Revoke it, at no price" in buttons_of(as_("operator").get(page).text)
