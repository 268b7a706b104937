"""What people come for, done with a mouse and with the keys alone, on a desk and on a phone."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_accessibility import looking
from tests.support.hands import Hands, Keys, Mouse
from tests.support.web_server import WebServer
from tests.support.world import build_world

pytestmark = pytest.mark.browser

PHONE, DESK = 360, 1280
WAYS = [
    pytest.param(Mouse(), PHONE, id="a mouse on a phone"),
    pytest.param(Keys(), DESK, id="keys at a desk"),
    pytest.param(Mouse(), DESK, id="a mouse at a desk", marks=pytest.mark.prove),
    pytest.param(Keys(), PHONE, id="keys on a phone", marks=pytest.mark.prove),
]


@pytest.mark.parametrize(("hands", "width"), WAYS)
def test_people_get_what_they_come_for(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer], hands: Hands, width: int
):
    build_world(app, policy={"auto_approve_unit_hours": 40})
    url = live_server().url

    def as_(who: str):
        return looking(browser, app, url, who, ("en-GB", "light", width))

    with as_("lead") as page:
        find_and_book(page, url, hands)
        change_it(page, hands)
        take_what_is_possible_instead(page, url, hands)
    with as_("operator") as page:
        approve(page, url, hands)
        publish_an_outage(page, url, hands)
    with as_("stranger") as page:
        apply_as_a_team(page, url, hands)
    with as_("reviewer") as page:
        page.goto(f"{url}/teams/night-buses")
        hands.press(button(page, "Approve"))
        done(page, "The team is approved.")
    with as_("lead") as page:
        switch_the_language(page, url, hands)


def find_and_book(page: Page, url: str, hands: Hands) -> None:
    """From the first page to a confirmed window; the form says what becomes of it before anything is sent."""
    page.goto(url)
    hands.write(field(page, "units"), "8")
    hands.write(field(page, "hours"), "4")
    hands.press(button(page, "Find windows"))
    found = page.get_by_role("region", name="Windows that are free")
    hands.press(found.get_by_role("link", name="Book").first)
    answer = page.locator("#answer")
    expect(answer).to_contain_text("It would be confirmed at once.")
    expect(answer).to_contain_text("at the tightest moment 64 of 64 are free, and you ask for 8")
    hands.write(field(page, "purpose"), "Follow the buses")
    hands.press(button(page, "Book"))
    done(page, "Your booking is confirmed.")


def change_it(page: Page, hands: Hands) -> None:
    """The answer follows what is typed here too, and what the booking has counts as free."""
    hands.press(page.get_by_role("link", name="Move, extend or change"))
    hands.write(field(page, "claims-0-units"), "64")
    answer = page.locator("#answer")
    expect(answer).to_contain_text("at the tightest moment 64 of 64 are free, and you ask for 64")
    hands.write(field(page, "claims-0-units"), "")
    expect(answer).to_contain_text("Still to be said")
    hands.write(field(page, "claims-0-units"), "6")
    expect(answer).to_contain_text("The change fits")
    hands.press(button(page, "Change the booking"))
    done(page, "The booking has been changed.")


def take_what_is_possible_instead(page: Page, url: str, hands: Hands) -> None:
    """What is too much is said beside its field while one types, and one press asks for what would do."""
    page.goto(f"{url}/bookings/new?resource=north-a100&units=8&hours=1")
    answer = page.locator("#answer")
    hands.write(field(page, "claims-0-units"), "65")
    expect(page.locator("#claims-0-units-error")).to_contain_text("free")
    expect(answer).to_contain_text("It does not fit")
    expect(field(page, "claims-0-units")).to_be_focused()
    hands.press(answer.get_by_role("link", name=re.compile("^The same window with")))
    expect(answer).to_contain_text("It would wait for approval")
    hands.write(field(page, "purpose"), "All of it")
    hands.press(button(page, "Book"))
    done(page, "Your booking is waiting for approval.")


def approve(page: Page, url: str, hands: Hands) -> None:
    page.goto(f"{url}/approvals")
    hands.press(button(page, "Approve"))
    done(page, "Approved.")


def publish_an_outage(page: Page, url: str, hands: Hands) -> None:
    """Those whom it displaces are named before anything is applied, and each gets an answer."""
    page.goto(f"{url}/operate/resources/north-a100/capacity/new")
    hands.pick(page.locator("main [name=kind][value=outage]"))
    hands.write(field(page, "units"), "60")
    if not field(page, "is_open").is_checked():
        hands.tick(field(page, "is_open"))
    hands.write(field(page, "reason"), "New switches")
    hands.press(button(page, "Publish"))
    expect(page.get_by_role("main")).to_contain_text("would have no room for the bookings below")
    hands.choose(page.locator("main select[name^=resolution-]").first, "revoke")
    hands.press(button(page, "Do this with each"))
    done(page, "now offers what you said.")


def apply_as_a_team(page: Page, url: str, hands: Hands) -> None:
    page.goto(f"{url}/teams/new")
    hands.write(field(page, "name"), "Night buses")
    hands.write(field(page, "slug"), "night-buses")
    hands.choose(field(page, "scenario"), "traffic")
    hands.choose(field(page, "organisation"), "north")
    hands.write(field(page, "lead"), "stranger@example.org")
    hands.press(button(page, "Apply"))
    done(page, "on its way to the reviewers")


def switch_the_language(page: Page, url: str, hands: Hands) -> None:
    page.goto(url)
    hands.press(page.get_by_role("button", name="中文"))
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))


def field(page: Page, name: str):
    return page.locator(f"main [name={name}]").first


def button(page: Page, words: str):
    return page.get_by_role("main").get_by_role("button", name=words, exact=True).first


def done(page: Page, words: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(words)
