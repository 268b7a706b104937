"""People take part in a browser: refused for a course, they find its session, take a place, complete it and book."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_accessibility import looking
from tests.support.hands import Mouse
from tests.support.web_server import WebServer
from tests.support.world import build_world

pytestmark = pytest.mark.browser

HANDS = Mouse()
COURSE = {"name": "Safety", "slug": "safety"}
SESSION = {"name": "Safety, Monday", "slug": "safety-1", "place": "Room 2", "region": "Beijing", "places": "1"}


def test_who_is_refused_for_a_course_takes_a_place_completes_it_and_books(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer]
):
    build_world(app, policy={"requires_course": "safety"})
    url = live_server().url

    def as_(who: str):
        return looking(browser, app, url, who, ("en-GB", "light", 1280))

    with as_("operator") as operator, as_("lead") as lead:
        operator.goto(f"{url}/courses/new")
        fill(operator, COURSE)
        press(operator, "Open the course")
        operator.get_by_role("link", name="Announce a session").click()
        fill(operator, SESSION)
        operator.fill("[name=starts_at]", "2039-03-07T10:00")
        operator.fill("[name=ends_at]", "2039-03-07T12:00")
        press(operator, "Announce it")

        lead.goto(f"{url}/bookings/new?resource=north-a100&units=8&hours=1")
        lead.get_by_role("link", name="See the next sessions of the course").click()
        lead.get_by_role("region", name="Next sessions").get_by_role("link").click()
        press(lead, "Take a place")
        expect(lead.get_by_role("status").first).to_contain_text("You have a place.")
        expect(lead.get_by_role("main")).to_contain_text("0 of 1 free, 0 waiting")

        operator.goto(f"{url}/activities/safety-1/people")
        expect(operator.get_by_role("main")).to_contain_text("lead@example.org")
        operator.goto(f"{url}/courses/safety")
        fill(operator, {"email": "lead@example.org"})
        press(operator, "Note a completion")

        lead.goto(f"{url}/bookings/new?resource=north-a100&units=8&hours=1")
        expect(lead.locator("#answer")).to_contain_text("It would be confirmed at once.")
        fill(lead, {"purpose": "Train the crossing model"})
        press(lead, "Book")
        expect(lead.get_by_role("status").first).to_contain_text("Your booking is confirmed.")


def fill(page: Page, fields: dict[str, str]) -> None:
    for name, text in fields.items():
        HANDS.write(page.locator(f"main [name={name}]").first, text)


def press(page: Page, words: str) -> None:
    HANDS.press(page.get_by_role("main").get_by_role("button", name=words, exact=True).first)
