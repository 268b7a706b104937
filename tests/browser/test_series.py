"""A booking is repeated in a real browser without scripts: the list of dates, their page, a change, an end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.support.visitors import PASSWORD
from tests.support.web_server import WebServer
from tests.support.world import World, build_world

pytestmark = pytest.mark.browser


def test_a_booking_is_repeated_and_what_follows_is_changed(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer]
) -> None:
    build_world(app)
    url = live_server().url
    first = (datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=2)).strftime("%Y-%m-%d")
    with browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{url}/sign-in")
        page.fill("#email", "lead@example.org")
        page.fill("#password", PASSWORD)
        page.click("main button[type=submit]")

        page.goto(f"{url}/bookings/new?resource={World.POOL}&units=8")
        page.fill("main [name=starts_at]", f"{first}T10:00")
        page.fill("main [name=purpose]", "Train the crossing model")
        page.get_by_text("Repeat on more dates").click()
        page.select_option("main [name=repeat]", "daily")
        page.fill("main [name=count]", "3")
        page.get_by_role("button", name="Book", exact=True).click()  # leads to the list, and books nothing yet
        expect(page).to_have_url(f"{url}/series/new")
        ticks = page.get_by_role("checkbox", name="Book 2")
        expect(ticks).to_have_count(3)
        ticks.nth(1).uncheck()
        page.get_by_role("button", name="Book the chosen dates").click()
        expect(page.get_by_role("status")).to_contain_text("2 bookings were made.")

        page.get_by_role("link", name="Change what is to come").click()
        page.select_option("main [name=since]", index=1)
        page.fill("main [name=start]", "14:00")
        page.fill("main [name=end]", "15:00")
        page.get_by_role("button", name="Check").click()
        expect(page.get_by_role("heading", name="The change fits")).to_be_visible()
        page.get_by_role("button", name="Change the bookings").click()
        expect(page.get_by_role("table", name="Dates")).to_contain_text("14:00 – 15:00")
        expect(page.get_by_role("table", name="Dates")).to_contain_text("10:00 – 14:00")

        page.get_by_text("Cancel what is to come").click()
        page.get_by_role("button", name="Cancel these bookings").click()
        expect(page.get_by_role("status")).to_contain_text("The bookings have been cancelled.")
