"""How pages are shown: the choices of a browser, and what they change."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.windows import Window
from booking.http.words import day, instant_text, span
from tests.support.visitors import send

AT = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)


def test_a_choice_of_colours_is_on_the_page_itself_so_that_nothing_flashes(client: FlaskClient):
    assert "data-bs-theme" not in client.get("/sign-in").text
    send(client, "/display/scheme", {"scheme": "dark"})
    assert '<html lang="en" data-bs-theme="dark">' in client.get("/sign-in").text
    send(client, "/display/scheme", {"scheme": ""})
    assert "data-bs-theme" not in client.get("/sign-in").text


@pytest.mark.parametrize(("path", "form"), [("scheme", {"scheme": '"><script>'}), ("zone", {"zone": "../etc"})])
def test_what_is_no_choice_changes_nothing(client: FlaskClient, path: str, form: dict[str, str]):
    assert send(client, f"/display/{path}", form).status_code == 303
    assert client.get_cookie(path) is None


def test_a_choice_leads_back_to_the_page_it_was_made_on_and_nowhere_else(client: FlaskClient):
    assert send(client, "/display/zone", {"zone": "UTC", "next": "/pools/a?b=1"}).location == "/pools/a?b=1"
    assert send(client, "/display/zone", {"zone": "UTC", "next": "//evil.example"}).location == "/display"


def test_a_zone_of_ones_own_wins_over_every_place(app: Flask):
    window = Window(AT, AT.replace(hour=22))
    with app.test_request_context("/", headers={"Cookie": "zone=Europe/Paris"}):
        assert instant_text(AT, "Asia/Shanghai") == "2 Mar 2026 21:00 (Europe/Paris)"
        assert day(AT, "Asia/Shanghai") == "Mon 2 Mar"
        assert "21:00" in span(window, "Asia/Shanghai")


def test_a_zone_that_nobody_knows_and_a_programs_cookie_count_for_nothing(app: Flask):
    for path, cookie in (("/", "zone=Mars/Olympus"), ("/api/v1/pools", "zone=Europe/Paris")):
        with app.test_request_context(path, headers={"Cookie": cookie}):
            assert instant_text(AT, "Asia/Shanghai") == "3 Mar 2026 04:00 (Asia/Shanghai)"
