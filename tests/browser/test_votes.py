"""Applying in a real browser: a team applies to an entry, two departments vote, and it is approved."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from booking.domain.editions import Rule
from booking.services.roles import give_role
from tests.browser.test_main_job import People, done, fill, press
from tests.support.editions import publish_entry, published_list
from tests.support.web_server import WebServer
from tests.support.world import build_world

pytestmark = pytest.mark.browser


def test_a_team_applies_and_is_approved_once_two_departments_agree(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer]
):
    world, now = build_world(app), datetime.now(UTC).replace(microsecond=0)
    with app.app_context():
        published_list(world, now, rule=Rule(2))
        publish_entry(world, 1, "harbour", now)
        stranger = world.people["stranger"].user_id
        give_role(stranger, "reviewer", department="Data", actor=world.admin, now=now)
    with ExitStack() as stack:
        people = People(browser, live_server().url, stack, scripts=True)
        page = people("lead", "/editions/1")
        page.get_by_role("link", name="Harbour checks").click()
        page.get_by_role("link", name="Apply with a team").click()
        expect(page.locator("main [name=scenario]")).to_have_value("harbour")
        fill(page, name="Cranes", slug="cranes")
        page.locator("main [name=organisation]").select_option("south")
        press(page, "Apply")
        done(page, "Your application is on its way to the reviewers.")

        page = people("reviewer", "/teams")
        expect(page.get_by_role("main")).to_contain_text("0 of 2 needed approve")
        press(page, "Approve")
        done(page, "Your department's vote is counted.")
        page = people("stranger", "/teams/cranes")
        expect(page.get_by_role("main")).to_contain_text("1 of 2 needed approve")
        press(page, "Approve")
        done(page, "The team is approved.")
        expect(people("lead", "/teams/cranes").get_by_role("main")).to_contain_text("approved")
