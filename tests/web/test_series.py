"""Series in the browser: a list of dates to choose from, their page, changing and cancelling; all by plain forms."""

import re
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.services.bookings import request_booking
from tests.support.filling import browser, fields_of
from tests.support.lives import NOW, at, window
from tests.support.pages import said_of, text_of
from tests.support.series import begin, series_found
from tests.support.world import World


@pytest.fixture(autouse=True)
def _at_eight(clock: time_machine.Traveller) -> None:
    """The time stands at NOW."""


@pytest.fixture
def client(app: Flask, world: World) -> FlaskClient:
    """A browser of the team's lead."""
    return browser(app, "lead")


ORDER = {
    "claims-0-resource": World.POOL,
    "claims-0-units": "8",
    "starts_at": "2026-03-03T10:00",
    "hours": "2",
    "purpose": "Train the crossing model",
    "repeat": "daily",
    "count": "4",
}


def send(client: FlaskClient, address: str, button: str, page: str = "", **typed: Any) -> TestResponse:
    """Type into the form as it stands on the page, the new order where none is said, and press one of its buttons."""
    known = fields_of(page or client.get("/bookings/new").text)
    return client.post(address, data={**known, **({} if page else ORDER), **typed, button: "1"})


def test_a_repeated_order_becomes_a_list_with_a_tick_or_the_reasons_for_each_date(
    app: Flask, client: FlaskClient, world: World
) -> None:
    with app.app_context():
        order = world.order(window(42, 43), 60, team=world.rival_team)
        request_booking(order, actor=world.rival, now=NOW)
    page = send(client, "/series/new", "preview")
    assert page.status_code == 200
    text = text_of(page.text)
    assert "every day, 4 times" in text
    assert "No: NORTH-A100 has 4 units free at 4 Mar 2026 10:00 (Asia/Shanghai)" in text
    assert fields_of(page.text)["dates"] == ["2026-03-03", "2026-03-05", "2026-03-06"]

    booked = client.post("/series/new", data={**fields_of(page.text), "dates": ["2026-03-03", "2026-03-06"],
                                              "book_dates": "1"})  # fmt: skip
    assert booked.status_code == 303
    shown = text_of(client.get(booked.location).text)
    assert "2 bookings were made." in shown
    assert "3 Mar 2026 10:00 – 12:00" in shown
    with app.app_context():
        assert [booking.window.start.day for booking in series_found(1).bookings] == [3, 6]


def test_the_list_that_follows_what_is_typed_keeps_the_ticks_that_somebody_took_away(
    app: Flask, client: FlaskClient
) -> None:
    live = {"HX-Request": "true"}
    page = fields_of(send(client, "/series/new", "preview").text)
    page["dates"] = page["dates"][1:]
    asked = client.post("/series/new", data={**page, "purpose": "Train it anew", "count": "5"}, headers=live)
    days = [f"2026-03-0{day}" for day in range(3, 8)]
    assert re.findall(r'name="listed" value="([^"]+)"', asked.text) == days
    assert re.findall(r'name="dates" value="([^"]+)"[^>]* checked>', asked.text) == days[1:]

    missing = client.post("/series/new", data={**page, "count": ""}, headers=live)
    assert missing.status_code == 200
    assert "Still to be said" in text_of(missing.text)
    assert "is-invalid" not in missing.text


def test_pressing_book_on_what_is_repeated_leads_to_the_list_first(app: Flask, client: FlaskClient) -> None:
    for button in ("book", "check"):
        answer = send(client, "/bookings/new", button)
        assert (answer.status_code, answer.location) == (307, "/series/new")
    assert "Nothing is booked." in client.get("/bookings").text


def test_a_button_that_is_pressed_twice_books_once(app: Flask, client: FlaskClient) -> None:
    page = fields_of(send(client, "/series/new", "preview").text)
    first, second = (client.post("/series/new", data={**page, "book_dates": "1"}) for _ in range(2))
    assert first.location == second.location == "/series/1"


def test_what_was_taken_meanwhile_is_refused_and_the_list_shown_anew(
    app: Flask, client: FlaskClient, world: World
) -> None:
    page = fields_of(send(client, "/series/new", "preview").text)
    with app.app_context():
        request_booking(world.order(window(42, 43), 60, team=world.rival_team), actor=world.rival, now=NOW)
    answer = client.post("/series/new", data={**page, "book_dates": "1"})
    assert answer.status_code == 409
    assert "nothing was booked" in text_of(answer.text)
    again = client.post("/series/new", data={**fields_of(answer.text), "book_dates": "1"})
    assert again.status_code == 303


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"count": ""}, "until", "Say until which date"),
    ({"count": "", "until": "2026-03-02"}, "until", "lies before the first date"),
    ({"until": "2026-03-09"}, "count", "not both"),
    ({"count": "371"}, "count", "between 1 and 370"),
    ({"interval": "0"}, "interval", "between 1 and 99"),
    ({"also": "tomorrow"}, "also", "Write dates such as"),
    ({"repeat": "hourly"}, "repeat", "Not a valid choice"),
    ({"ends_at": "2026-03-03T09:00", "hours": ""}, "ends_at", "before the start"),
]


def test_what_cannot_be_meant_is_said_beside_its_field(client: FlaskClient) -> None:
    for typed, place, words in WRONG:
        answer = send(client, "/series/new", "preview", **typed)
        assert answer.status_code == 422, typed
        assert words in said_of(answer.text, place), typed


RULES = [
    ({"repeat": "weekly", "interval": "2", "weekdays": ["TU", "TH"]}, "every 2 weeks on Tuesday, Thursday, 4 times"),
    ({"repeat": "monthly", "count": "", "until": "2026-06-01"}, "every month on day 3, until the end of 2026-06-01"),
    ({"repeat": "nth", "count": "2"}, "every month on Tuesday number 1, 2 times"),
    ({"repeat": "last", "count": "2"}, "every month on the last Tuesday, 2 times"),
]


def test_rules_read_as_people_say_them(client: FlaskClient) -> None:
    for typed, words in RULES:
        assert words in text_of(send(client, "/series/new", "preview", **typed).text)


def test_a_series_is_changed_from_a_date_on_after_a_look_at_what_that_means(
    app: Flask, client: FlaskClient, world: World
) -> None:
    with app.app_context():
        begin(world, zone="Asia/Shanghai")
    page = client.get("/series/1/edit").text
    typed = {"since": "2026-03-05", "start": "14:00", "end": "15:00"}
    checked = send(client, "/series/1/edit", "check", page, **typed)
    assert "5 Mar 2026 10:00 – 12:00 (Asia/Shanghai) 5 Mar 2026 14:00 – 15:00 (Asia/Shanghai)" in text_of(checked.text)
    saved = send(client, "/series/1/edit", "save", checked.text)
    assert (saved.status_code, saved.location) == (303, "/series/1")
    with app.app_context():
        assert [one.window.start.hour for one in series_found(1).bookings] == [2, 2, 6, 6]
    stale = send(client, "/series/1/edit", "save", page, start="09:00")
    assert stale.status_code == 422
    refused = send(client, "/series/1/edit", "save", client.get("/series/1/edit").text, **{"claims-0-units": "65"})
    assert refused.status_code == 422
    assert "6 Mar 2026 NORTH-A100 has 64 units free" in text_of(refused.text)


def test_dates_move_by_days_and_what_is_left_alone_stays_as_each_booking_has_it(
    app: Flask, client: FlaskClient, world: World
) -> None:
    with app.app_context():
        begin(world, zone="Asia/Shanghai")
    page = client.get("/series/1/edit").text
    send(client, "/series/1/edit", "save", page, since="2026-03-05", **{"claims-0-units": "16"})
    send(client, "/series/1/edit", "save", client.get("/series/1/edit").text, days="1")
    with app.app_context():
        bookings = series_found(1).bookings
    assert [one.window.start.day for one in bookings] == [4, 5, 6, 7]
    assert [one.claims[0].units for one in bookings] == [8, 8, 16, 16]


def test_a_series_is_cancelled_from_a_date_on_at_the_price_that_was_said(
    app: Flask, client: FlaskClient, world: World, clock: time_machine.Traveller
) -> None:
    with app.app_context():
        begin(world)
    page = client.get("/series/1").text
    answer = send(client, "/series/1/cancel", "send", page, since="2026-03-05", reason="no data")
    assert (answer.status_code, answer.location) == (303, "/series/1")
    shown = client.get("/series/1").text
    assert text_of(shown).count("cancelled") >= 2
    assert "Series 1" in client.get("/bookings/1").text
    clock.move_to(at(200))
    later = browser(app, "lead").get("/series/1").text
    assert "Cancel what is to come" not in later
    assert "Change what is to come" not in later


def test_another_teams_series_is_unknown_and_members_cannot_change_the_leads(
    app: Flask, client: FlaskClient, world: World
) -> None:
    with app.app_context():
        begin(world)
    rival, member = browser(app, "rival"), browser(app, "member")
    for path in ("/series/1", "/series/1/edit", "/series/x"):
        assert rival.get(path).status_code == 404
    assert "Cancel what is to come" not in member.get("/series/1").text
    page = member.get("/series/1/edit").text
    assert send(member, "/series/1/edit", "save", page, start="09:00").status_code in (403, 422)
    assert app.test_client().get("/series/1").status_code == 303
