"""A window chosen on a timeline: dragged over the chart, typed, or typed without any script."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_accessibility import looking
from tests.support.web_server import WebServer
from tests.support.world import build_world

pytestmark = pytest.mark.browser

LOOK = ("en-GB", "light", 1280)


@pytest.fixture
def tomorrow() -> str:
    return str((datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)).date())


def test_a_window_is_dragged_or_typed_and_leads_to_the_form_filled_in(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer], tomorrow: str
):
    build_world(app)
    url = live_server().url
    with looking(browser, app, url, "lead", LOOK) as page:
        page.goto(f"{url}/pools/north-a100?view=day&day={tomorrow}")
        drag(page, 6.1 / 24, 11.9 / 24)
        expect(page.locator("#chosen-start")).to_have_value(f"{tomorrow}T06:00")
        expect(page.locator("#chosen-end")).to_have_value(f"{tomorrow}T12:00")

        page.fill("#chosen-start", f"{tomorrow}T18:00")
        page.fill("#chosen-end", f"{tomorrow}T21:00")
        share = page.evaluate(
            "document.querySelector('.u-select').offsetWidth / document.querySelector('.u-over').offsetWidth"
        )
        assert share == pytest.approx(3 / 24, abs=0.01)
        book(page, tomorrow)


def test_without_scripts_the_same_chart_is_there_and_the_window_is_typed(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer], tomorrow: str
):
    build_world(app)
    url = live_server().url
    with browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{url}/pools/north-a100?view=day&day={tomorrow}")
        expect(page.get_by_role("img", name="What NORTH-A100 offers and holds")).to_be_visible()
        page.get_by_role("link", name="Later", exact=True).press("Enter")
        page.get_by_role("link", name="Earlier", exact=True).press("Enter")
        page.fill("#chosen-start", f"{tomorrow}T18:00")
        page.fill("#chosen-end", f"{tomorrow}T21:00")
        page.get_by_role("button", name="Book this window").press("Enter")
        expect(page).to_have_title("Sign in · Scenario computing")


def drag(page: Page, start: float, end: float) -> None:
    """Over the chart, from one share of its width to another."""
    box = page.locator(".u-over").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + (start + end) / 2 * box["width"], middle)
    page.mouse.move(box["x"] + end * box["width"], middle)
    page.mouse.up()


def book(page: Page, day: str) -> None:
    page.fill("#chosen-units", "8")
    page.get_by_role("button", name="Book this window").click()
    expect(page.locator("[name=starts_at]")).to_have_value(f"{day}T18:00")
    expect(page.locator("[name=ends_at]")).to_have_value(f"{day}T21:00")
    expect(page.locator("[name=claims-0-units]")).to_have_value("8")
