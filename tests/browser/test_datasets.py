"""Data in a real browser: described in Croissant, restricted, asked for, permitted, and deleted after its window."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from booking.services import attestations
from booking.services.resources import change_resource
from tests.browser.test_main_job import People, done, fill, press
from tests.support.commands import DATA
from tests.support.outcomes import used
from tests.support.web_server import WebServer
from tests.support.world import World, build_world

pytestmark = pytest.mark.browser


def test_a_steward_describes_and_restricts_data_and_a_team_asks_for_it_and_attests_its_deletion(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer]
):
    world, now = build_world(app), datetime.now(UTC)
    with app.app_context():
        used(world, now, seats=1)
        change_resource(World.DATASET, {"deletion_days": 3}, actor=world.steward, now=now)
        assert attestations.ask_due(now).items == 1
    with ExitStack() as stack:
        people = People(browser, live_server().url, stack, scripts=True)
        page = people("steward", "/operate")
        page.get_by_role("link", name="Import a dataset").click()
        described = (DATA / "croissant.json").read_text(encoding="utf-8")
        broken = described.replace('"City Radar"', '""', 1)
        page.set_input_files(
            "main [name=file]", {"name": "radar.json", "mimeType": "application/json", "buffer": broken.encode()}
        )
        press(page, "Import it")
        expect(page.get_by_role("main")).to_contain_text("name: This cannot be blank.")
        expect(page.locator("main [name=text]")).to_have_value(broken)
        fill(page, text=described)
        press(page, "Import it")
        done(page, "City Radar is added.")

        page = people("steward", "/operate/datasets/north-radar/edit")
        page.check("main [name=sensitivity][value=restricted]")
        press(page, "Save")
        done(page, "is changed.")
        page = people("lead", "/bookings/new?resource=north-radar&units=1&hours=1")
        page.get_by_role("link", name="Ask for a permit").first.click()
        fill(page, purpose="Night crossings")
        press(page, "Ask")
        done(page, "have your wish.")
        page = people("steward", "/permits")
        page.get_by_text("Decide", exact=True).click()
        press(page, "Grant")
        expect(page.get_by_role("main")).to_contain_text("granted")
        page = people("lead", "/bookings/new?resource=north-radar&units=1&hours=1")
        expect(page.locator("#answer")).to_contain_text("It would be confirmed at once.")

        page = people("lead", "/attestations")
        page.get_by_role("main").get_by_role("link", name="Attest the deletion").click()
        fill(page, statement="Both copies are gone")
        press(page, "Attest the deletion")
        done(page, "The deletion is attested")
        expect(people("steward", "/attestations?given=1").get_by_role("main")).to_contain_text("Both copies are gone")
