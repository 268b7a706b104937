"""The docking board in a real browser: refused, looked for by one click, proposed, accepted, booked."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser.test_main_job import People, done, fill, local, press
from tests.support.web_server import WebServer
from tests.support.world import build_world

pytestmark = pytest.mark.browser


def test_what_is_refused_becomes_a_booking_by_way_of_the_board(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer]
):
    build_world(app, units=4)
    with ExitStack() as stack:
        people = People(browser, live_server().url, stack, scripts=True)
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        page = people("lead", "/bookings/new?resource=north-a100&units=8")
        fill(page, starts_at=local(start), hours="2", purpose="Night buses")
        press(page, "Check")
        press(page, "Look for it on the docking board")
        done(page, "It stands on the board now")
        expect(page.get_by_role("main")).to_contain_text("Nothing that is free or offered serves it.")
        demand = page.url.removeprefix(people.url)

        page = people("operator", "/docking")
        page.get_by_role("link", name="Publish capacity of NORTH-A100").click()
        expect(page.locator("main [name=units]")).to_have_value("8")
        page = people("operator", demand)
        page.get_by_role("main").get_by_role("link", name="Propose a window").click()
        fill(page, units="4", reason="All that we have")
        press(page, "Propose it")
        done(page, "It is held for the team")

        page = people("lead", "/docking")
        page.get_by_role("link", name="Demand 1").click()
        page.get_by_role("link", name="Answer the proposal").click()
        expect(page.get_by_role("main")).to_contain_text("4 GPUs")
        press(page, "Accept the offer")
        done(page, "You have taken the offer.")
        expect(people("lead", demand).get_by_role("main")).to_contain_text("fulfilled")
        expect(people("lead", "/bookings").get_by_role("main")).to_contain_text("Night buses")
