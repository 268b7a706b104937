"""Outcomes in a real browser: a booking is over, its team reports, a reviewer publishes, everybody reads the case."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser.test_main_job import People, done, fill, press
from tests.support.outcomes import asked
from tests.support.web_server import WebServer
from tests.support.world import build_world

pytestmark = pytest.mark.browser


def test_what_came_of_a_booking_becomes_a_case_on_the_page_of_its_scenario(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer]
):
    world = build_world(app)
    with app.app_context():
        asked(world, datetime.now(UTC))
    with ExitStack() as stack:
        people = People(browser, live_server().url, stack, scripts=True)
        page = people("member", "/outcomes")
        page.get_by_role("main").get_by_role("link", name="Write the report").click()
        expect(page.locator("main [name=hours_used]")).to_have_value("16")
        fill(page, title="Lights that see", results="Delays fell by a fifth.", links="https://example.org/paper")
        press(page, "Submit the report")
        done(page, "The reviewers have your report.")

        page = people("reviewer", "/outcomes")
        page.get_by_role("main").get_by_role("link", name="Review").click()
        expect(page.get_by_role("main")).to_contain_text("Delays fell by a fifth.")
        press(page, "Publish as a case")
        done(page, "The report is published as a case.")

        page = people("rival", "/scenarios/traffic")
        page.get_by_role("main").get_by_role("link", name="Lights that see").click()
        expect(page.get_by_role("link", name="https://example.org/paper")).to_be_visible()

        page.get_by_role("link", name="Regions").click()
        page.get_by_role("main").get_by_role("link", name="Beijing").click()
        expect(page.get_by_role("main")).to_contain_text("Utilisation of the last four weeks")
        expect(page.get_by_role("main").get_by_role("link", name="Lights that see", exact=True)).to_be_visible()
