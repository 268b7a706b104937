"""Scenario lists in a browser: one is announced, takes an entry, is published, and two departments vote on a team."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from booking.services.editions import keep_times
from booking.services.roles import give_role
from tests.browser.test_main_job import ZONE, People, done, fill, local, press
from tests.support.web_server import WebServer
from tests.support.world import build_world

pytestmark = pytest.mark.browser


def test_an_entry_is_published_and_a_team_is_approved_once_two_departments_agree(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer]
):
    world, now = build_world(app), datetime.now(UTC).replace(microsecond=0)
    with app.app_context():
        stranger = world.people["stranger"].user_id
        give_role(stranger, "reviewer", department="Data", actor=world.admin, now=now)
    with ExitStack() as stack:
        people = People(browser, live_server().url, stack, scripts=True)
        page = people("admin", "/editions")
        page.get_by_role("link", name="Announce the next list").click()
        times = {"opens_at": now, "publishes_at": now, "closes_at": now + timedelta(days=60)}
        fill(page, title="Spring list", quorum="2", **{name: local(at) for name, at in times.items()})
        page.select_option("main [name=zone]", ZONE.key)
        press(page, "Announce it")
        done(page, "The list is announced")

        page = people("owner", "/editions/1")
        page.get_by_role("link", name="Write an entry").click()
        fill(page, name="Harbour checks", slug="harbour", region="Beijing", description="No queues.", gpu_hours="500")
        press(page, "Keep it as a draft")
        page.get_by_role("button", name="Hand it in").click()
        done(page, "The entry is on its way to the reviewers.")
        page = people("reviewer", "/scenarios/harbour")
        press(page, "Accept")
        with app.app_context():
            keep_times(datetime.now(UTC))

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
