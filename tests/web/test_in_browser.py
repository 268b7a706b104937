"""Accounts in a real browser: by keyboard, without scripts, and under the content policy."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.support.databases import PostgresqlDatabases, SqliteFiles
from tests.support.visitors import PASSWORD
from tests.support.web_server import WebServer
from tests.support.world import build_world

pytestmark = pytest.mark.browser


@pytest.fixture
def database_url(sources: dict[str, SqliteFiles | PostgresqlDatabases], tmp_path: Path) -> str:
    """How pages behave in a browser does not depend on the database; the main job is tried on both."""
    return sources["sqlite"].fresh(tmp_path)


def test_a_newcomer_registers_and_signs_in_by_keyboard_without_scripts(
    browser: Browser, live_server: Callable[..., WebServer]
):
    url = live_server(CONFIRM_EMAIL="0").url
    with browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{url}/register")
        for field, value in (("email", "ana@example.org"), ("name", "Ana"), ("password", PASSWORD)):
            page.focus(f"#{field}")
            page.keyboard.type(value)
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Sign in now.")

        page.focus("#email")
        page.keyboard.type("ana@example.org")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")

        page.get_by_role("button", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh")
        expect(page).to_have_url(f"{url}/account")
        page.get_by_role("button", name="退出").click()
        expect(page).to_have_url(f"{url}/sign-in")


def test_the_first_tab_leads_past_the_bar(browser: Browser, live_server: Callable[..., WebServer]):
    url = live_server().url
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{url}/sign-in")
        page.keyboard.press("Tab")
        link = page.get_by_role("link", name="Skip to the content")
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()


def test_the_policy_stops_a_script_that_is_not_ours_and_only_that(
    browser: Browser, live_server: Callable[..., WebServer]
):
    url = live_server().url
    with browser.new_context() as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda line: complaints.append(line.text))
        page.goto(f"{url}/sign-in")
        assert not complaints
        page.evaluate(
            """() => { const script = document.createElement("script"); script.text = "window.ran = true";
                       document.body.append(script); }"""
        )
        assert page.evaluate("window.ran") is None
        assert any("Content Security Policy" in complaint for complaint in complaints)


def test_a_page_fits_every_window_by_day_and_by_night(browser: Browser, live_server: Callable[..., WebServer]):
    url = live_server().url
    for width, scheme in itertools.product((320, 1280), ("light", "dark")):
        with browser.new_context(viewport={"width": width, "height": 640}, color_scheme=scheme) as context:
            page = context.new_page()
            page.goto(f"{url}/register")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert lightness(page) < 0.3 if scheme == "dark" else lightness(page) > 0.9


def lightness(page: Page) -> float:
    """How light the page's background is as it is painted, from 0 to 1."""
    painted = """() => { const pen = document.createElement("canvas").getContext("2d");
                         pen.fillStyle = getComputedStyle(document.body).backgroundColor;
                         pen.fillRect(0, 0, 1, 1);
                         return Math.max(...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)) / 255; }"""
    return float(page.evaluate(painted))


def test_colours_and_times_are_chosen_by_one_press_without_scripts(
    browser: Browser, live_server: Callable[..., WebServer]
):
    url = live_server().url
    with browser.new_context(java_script_enabled=False, color_scheme="light", locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{url}/register?next=/catalogue")
        page.get_by_role("button", name="Dark").click()
        expect(page).to_have_url(f"{url}/register?next=/catalogue")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("link", name="My own").click()
        page.select_option("#zone", "Europe/Paris")
        page.get_by_role("button", name="Show times so").click()
        expect(page.get_by_role("button", name="Europe/Paris")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="As my system").click()
        expect(page.locator("html")).not_to_have_attribute("data-bs-theme", "dark")


def test_on_a_phone_the_parts_of_the_site_open_by_a_button_without_scripts(
    browser: Browser, live_server: Callable[..., WebServer]
):
    url = live_server().url
    with browser.new_context(
        java_script_enabled=False, viewport={"width": 320, "height": 640}, locale="en-GB"
    ) as context:
        page = context.new_page()
        page.goto(f"{url}/sign-in")
        link = page.get_by_role("navigation").get_by_role("link", name="Catalogue")
        expect(link).not_to_be_visible()
        page.get_by_role("button", name="Menu").press("Enter")
        link.press("Enter")
        expect(page).to_have_url(f"{url}/catalogue")


def test_a_search_follows_what_is_typed_and_keeps_its_address(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer]
):
    build_world(app)
    url = live_server().url
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{url}/catalogue")
        page.locator("#q").press_sequentially("southern")
        expect(page.get_by_role("main")).not_to_contain_text("NORTH-A100")
        expect(page.get_by_role("main")).to_contain_text("SOUTH-H100")
        expect(page.locator("#q")).to_be_focused()
        assert "q=southern" in page.url
