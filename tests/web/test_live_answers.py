"""What the booking form answers while somebody types: the same evaluator, asked by a script at every change."""

import html
import re

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.booking_form import bookings, typed
from tests.support.filling import fields_of
from tests.support.pages import text_of
from tests.support.series import begin
from tests.support.visitors import enter, send
from tests.support.world import build_world


@pytest.fixture(autouse=True)
def _at_seven_past_nine_in_shanghai():
    with time_machine.travel("2026-03-02T01:07:00Z", tick=False):
        yield


def asked(client: FlaskClient, **fields: str) -> TestResponse:
    """The form as a script sends it: every field, and no button."""
    return send(client, "/bookings/new", typed(**fields), headers={"HX-Request": "true"})


def test_what_is_missing_is_said_and_nothing_is_called_wrong(app: Flask, client: FlaskClient):
    build_world(app)
    enter(client, "lead@example.org")
    answer = asked(client, claims__0__units="")
    assert answer.status_code == 200
    assert "Still to be said GPUs: Say how many." in text_of(answer.text)
    assert "is-invalid" not in answer.text


def test_what_fits_is_drawn_and_says_what_is_left_of_the_limit_and_nothing_is_booked(app: Flask, client: FlaskClient):
    build_world(app, cap_hours=40, timezone="Asia/Shanghai")
    enter(client, "lead@example.org")
    answer = asked(client)
    said = text_of(answer.text)
    assert "NORTH-A100: at the tightest moment 64 of 64 are free, and you ask for 8." in said
    assert "Of the limit of that time 8 GPU-hours are left then; it begins anew on 9 Mar 2026 00:00" in said
    assert 'class="chart-block"' in answer.text
    assert "<select" not in answer.text, "only what changes is sent"
    assert bookings(app) == []


def test_what_does_not_fit_is_listed_with_the_way_to_its_field_and_with_what_would(app: Flask, client: FlaskClient):
    build_world(app, units=4)
    enter(client, "lead@example.org")
    answer = asked(client)
    assert answer.status_code == 422
    assert re.search(r'<a href="#claims-0-units">NORTH-A100 has 4 units free', answer.text)
    assert "at the tightest moment only 4 of 4 are free, and you ask for 8." in text_of(answer.text)
    assert "chart-block-over" in answer.text
    assert "The same window with 4 GPUs" in text_of(answer.text)


def test_a_change_that_does_not_fit_leads_to_the_form_filled_with_what_would(app: Flask, client: FlaskClient):
    build_world(app)
    enter(client, "lead@example.org")
    send(client, "/bookings/new", {**typed(), "book": "1"})
    form = fields_of(client.get("/bookings/1/edit").text)

    answer = send(client, "/bookings/1/edit", {**form, "claims-0-units": "65"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "What is possible instead The same window with 64 GPUs" in text_of(answer.text)
    address = re.search(r'href="(/bookings/1/edit[^"]+)"', answer.text)
    assert address
    begins = fields_of(client.get(html.unescape(address[1])).text)
    assert (begins["claims-0-units"], begins["starts_at"]) == ("64", "2026-03-02T10:00")
    assert client.get("/bookings/1/edit?resource=nothing&units=x").status_code == 200


def test_a_change_of_a_series_is_answered_while_somebody_types_and_changes_nothing(app: Flask, client: FlaskClient):
    world = build_world(app, timezone="Asia/Shanghai")
    with app.app_context():
        begin(world, zone="Asia/Shanghai")
    enter(client, "lead@example.org")
    form = fields_of(client.get("/series/1/edit").text)

    def said(**typed: str) -> str:
        answer = send(client, "/series/1/edit", {**form, **typed}, headers={"HX-Request": "true"})
        assert "<select" not in answer.text, "only what changes is sent"
        return text_of(answer.text)

    assert "The change fits" not in said(), "nothing is different"
    assert "3 Mar 2026 10:00 – 12:00 (Asia/Shanghai) 3 Mar 2026 14:00 – 15:00" in said(start="14:00", end="15:00")
    assert "Still to be said" in said(start="")
    assert "6 Mar 2026 NORTH-A100 has 64 units free" in said(**{"claims-0-units": "65"})
    assert "It does not fit It was changed meanwhile" in said(start="14:00", version="9")
    assert {one.version for one in bookings(app)} == {1}
