"""The market in a real browser: a voucher issued, a pool booked on it, and who pays what."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from booking.domain.settlements import month_of, name_of
from booking.services import due_bookings
from tests.browser.test_main_job import People, done, fill, local, press
from tests.support.web_server import WebServer
from tests.support.world import build_world

pytestmark = pytest.mark.browser


def test_a_voucher_is_issued_booked_on_and_settled(app: Flask, browser: Browser, live_server: Callable[..., WebServer]):
    build_world(app, policy={"opening": "voucher"})
    with ExitStack() as stack:
        people = People(browser, live_server().url, stack, scripts=True)
        page = people("operator", "/operate/resources/north-a100/rates")
        fill(page, price="10.00")
        press(page, "Set the rate")
        done(page, "The rate is set.")

        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        order = f"/bookings/new?resource=north-a100&units=8&starts_at={start:%Y-%m-%dT%H:%M:%SZ}"
        page = people("lead", order)
        fill(page, starts_at=local(start), hours="2", purpose="Night buses")
        press(page, "Check")
        expect(page.get_by_role("main")).to_contain_text("open to vouchers only")

        page = people("funder", "/grants/new?team=team")
        fill(page, unit_hours="100", subsidy_percent="40")
        press(page, "Give the grant")
        expect(page.get_by_role("main")).to_contain_text("pays 40 %")

        page = people("lead", order)
        fill(page, starts_at=local(start), hours="2", purpose="Night buses")
        press(page, "Book")
        expect(page.get_by_role("main")).to_contain_text("Night buses")
        with app.app_context():
            due_bookings.start_due(start)
            due_bookings.complete_due(start + timedelta(hours=2))

        month = name_of(month_of(start + timedelta(hours=2)))
        for who in ("funder", "lead", "operator"):
            page = people(who, f"/settlements?month={month}")
            for said in ("CN¥160.00", "CN¥64.00", "CN¥96.00"):
                expect(page.get_by_role("main")).to_contain_text(said)
