"""Change requests in the browser: asked for by the form, answered in the inbox, withdrawn on the booking's page."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support import lives
from tests.support.filling import fill
from tests.support.lives import window
from tests.support.pages import text_of
from tests.support.visitors import send
from tests.support.world import World, build_world

Clients = Callable[[str], FlaskClient]
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def world(app: Flask) -> World:
    """Eight units over two hours are confirmed at once, and what is larger waits."""
    return build_world(app, policy={"auto_approve_unit_hours": 20})


@pytest.fixture
def asked(app: Flask, as_: Clients, book: Callable[..., int]) -> tuple[int, int]:
    """A booking, and the request that its form became."""
    booking_id = book()
    address = f"/bookings/{booking_id}/edit"
    preview = fill(as_("lead"), address, hours="", ends_at="2026-03-03T20:00", check="1")
    assert "has to approve what this adds" in text_of(preview.text)
    assert fill(as_("lead"), address, hours="", ends_at="2026-03-03T20:00", save="1").status_code == 303
    with app.app_context():
        request = lives.found(booking_id).change_request
    assert request is not None
    return booking_id, request.id


def test_the_booking_shows_what_is_asked_for_and_its_team_withdraws_it(
    app: Flask, as_: Clients, asked: tuple[int, int]
) -> None:
    booking_id, request_id = asked
    page = text_of(as_("lead").get(f"/bookings/{booking_id}").text)
    assert "More is asked for" in page
    assert "Withdraw it" in page
    assert send(as_("lead"), f"/change-requests/{request_id}/withdraw").status_code == 303
    assert "More is asked for" not in as_("lead").get(f"/bookings/{booking_id}").text


def test_the_owner_finds_it_in_the_inbox_and_approves(app: Flask, as_: Clients, asked: tuple[int, int]) -> None:
    booking_id, request_id = asked
    page = as_("operator").get("/approvals").text
    assert f'id="request-{request_id}"' in page
    assert "It fits now." in text_of(page)
    assert send(as_("operator"), f"/change-requests/{request_id}/approve").status_code == 303
    with app.app_context():
        assert lives.found(booking_id).window == window(24, 28)
    late = send(as_("operator"), f"/change-requests/{request_id}/decline", {"reason": "too late"})
    assert late.status_code == 409
    assert "This is approved" in text_of(late.text)


def test_a_no_needs_a_reason(as_: Clients, asked: tuple[int, int]) -> None:
    answer = send(as_("operator"), f"/change-requests/{asked[1]}/decline", {"reason": ""})
    assert answer.status_code == 422
    assert "Say why; the team reads it." in text_of(answer.text)
    assert send(as_("rival"), f"/change-requests/{asked[1]}/withdraw").status_code == 404
