"""The main job from end to end in a real browser: published, approved, granted, booked, used, charged."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.support.databases import PostgresqlDatabases, SqliteFiles
from tests.support.visitors import PASSWORD
from tests.support.web_server import WebServer
from tests.support.world import build_world

pytestmark = pytest.mark.browser

ZONE = ZoneInfo("Asia/Shanghai")
QUARTER = timedelta(minutes=15)


class People:
    """Everybody who has a part in it, each with a browser of their own."""

    def __init__(self, browser: Browser, url: str, stack: ExitStack, scripts: bool) -> None:
        self.browser, self.url, self.stack, self.scripts = browser, url, stack, scripts
        self.pages: dict[str, Page] = {}

    def __call__(self, name: str, path: str) -> Page:
        """The page of a person who has signed in, gone to `path`."""
        if name not in self.pages:
            self.pages[name] = self._sign_in(name)
        self.pages[name].goto(self.url + path)
        return self.pages[name]

    def _sign_in(self, name: str) -> Page:
        context = self.stack.enter_context(
            self.browser.new_context(
                locale="en-GB", java_script_enabled=self.scripts, viewport={"width": 1280, "height": 900}
            )
        )
        page = context.new_page()
        page.goto(f"{self.url}/sign-in")
        page.fill("#email", f"{name}@example.org")
        page.fill("#password", PASSWORD)
        page.click("main button[type=submit]")
        expect(page).to_have_url(f"{self.url}/account")
        return page


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.prove)])
def database_url(
    request: pytest.FixtureRequest, sources: dict[str, SqliteFiles | PostgresqlDatabases], tmp_path: Path
) -> str:
    """What a page does with the database is tested without a browser on both; here the quicker one will do."""
    return sources[request.param].fresh(tmp_path)


@pytest.fixture
def people(app: Flask, browser: Browser, live_server: Callable[..., WebServer], database_url: str) -> Iterator[People]:
    """Operators, stewards, a reviewer, a funder, and somebody who is in no team yet.

    Browsers run no scripts where the database is SQLite, and run them where it is PostgreSQL: no page needs them, and
    to do the whole job four times would prove nothing more.
    """
    build_world(app)
    url = live_server().url
    with ExitStack() as stack:
        yield People(browser, url, stack, scripts=database_url.startswith("postgresql"))


def fill(page: Page, **fields: str) -> None:
    """Type into inputs by their names; a double underscore stands for a hyphen."""
    for name, value in fields.items():
        page.fill(f"main [name={name.replace('__', '-')}]", value)


def press(page: Page, button: str) -> None:
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def done(page: Page, words: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(words)


def local(instant: datetime) -> str:
    """As a browser sends a local time."""
    return instant.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def running_quarter() -> datetime:
    now = datetime.now(UTC)
    return now - timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)


def test_a_team_gets_from_nothing_to_a_window_that_it_uses_and_pays_for(people: People):
    publish_a_pool(people)
    publish_a_dataset(people)
    form_a_team(people)
    grant_hours(people)
    booking = book_both_together(people)
    approve(people)
    check_in(people, booking)
    use_and_finish_another(people)
    read_the_balance(people)


def publish_a_pool(people: People) -> None:
    """The operator opens a facility, adds a pool whose bookings wait, says what it offers, and announces an outage."""
    page = people("operator", "/operate/facilities/new")
    fill(page, name="River Centre", slug="river-centre", region="Beijing", timezone="Asia/Shanghai")
    press(page, "Open the facility")
    done(page, "River Centre is open.")

    page = people("operator", "/operate/facilities/river-centre/pools/new")
    fill(page, name="River A800", slug="river-a800", gpu_model="A800", how_to_use="ssh river.example")
    fill(page, policy__auto_approve_unit_hours="0", policy__check_in_minutes="2000")
    page.check("main [name=state][value=published]")
    press(page, "Add the pool")
    done(page, "River A800 is added.")

    publish_change(people, "supply", "16", running_quarter())
    publish_change(people, "outage", "12", running_quarter() + timedelta(days=3), "New switches")
    public = people("operator", "/pools/river-a800")
    expect(public.get_by_role("main")).to_contain_text("16 of 16 GPUs free now")
    expect(public.get_by_role("region", name="Outages")).to_contain_text("New switches")
    expect(public.get_by_role("region", name="Free, in words")).to_contain_text("4 of 16")


def publish_change(people: People, kind: str, units: str, start: datetime, reason: str = "") -> None:
    page = people("operator", "/operate/resources/river-a800/capacity/new")
    page.check(f"main [name=kind][value={kind}]")
    fill(page, units=units, starts_at=local(start), ends_at="", reason=reason)
    if kind == "outage":
        fill(page, ends_at=local(start + timedelta(hours=6)))
        page.uncheck("main [name=is_open]")
    else:
        page.check("main [name=is_open]")
    press(page, "Publish")
    done(page, "River A800 now offers what you said.")


def publish_a_dataset(people: People) -> None:
    page = people("steward", "/operate/datasets/new")
    fill(
        page, name="River levels", slug="river-levels", licence="CC0-1.0", seats="1", description="Ten years of levels."
    )
    fill(page, how_to_use="Open the gateway.")
    page.check("main [name=state][value=published]")
    press(page, "Add the dataset")
    done(page, "River levels")
    expect(people("steward", "/datasets/river-levels").get_by_role("main")).to_contain_text("1 of 1 seat free now")


def form_a_team(people: People) -> None:
    """Somebody applies, cannot book yet, and is approved."""
    page = people("stranger", "/teams/new")
    fill(page, name="Night buses", slug="night-buses", lead="stranger@example.org")
    page.select_option("main [name=scenario]", "traffic")
    page.select_option("main [name=organisation]", "north")
    press(page, "Apply")
    done(page, "on its way to the reviewers")
    page = people("stranger", "/bookings/new?resource=river-a800")
    press(page, "Check")
    expect(page.locator("#team-error")).to_contain_text("Night buses is not approved")

    page = people("reviewer", "/teams/night-buses")
    press(page, "Approve")
    done(page, "The team is approved.")


def grant_hours(people: People) -> None:
    for scope in ("kind:pool", "kind:dataset"):
        page = people("funder", "/grants/new?team=night-buses")
        page.select_option("main [name=scope]", scope)
        fill(page, unit_hours="100", starts_at=local(running_quarter() - timedelta(days=1)))
        press(page, "Give the grant")
        done(page, "The grant is given.")


def book_both_together(people: People) -> str:
    """From the first page: find a window, check it, hear of a mistake beside its field, and book; its address."""
    page = people("stranger", "/")
    fill(page, units="8", hours="4", earliest=local(running_quarter() + timedelta(hours=2)))
    page.select_option("main [name=gpu_model]", "A800")
    page.select_option("main [name=dataset]", "river-levels")
    press(page, "Find windows")
    found = page.get_by_role("region", name="Windows that are free")
    expect(found).to_contain_text("River A800")
    found.get_by_role("link", name="Book").click()

    fill(page, claims__0__units="80", purpose="Follow the buses <b>at night</b>")
    press(page, "Check")
    expect(page.locator("#claims-0-units-error")).to_contain_text("River A800 has 16 units free")
    expect(page.locator("main [name=purpose]")).to_have_value("Follow the buses <b>at night</b>")

    fill(page, claims__0__units="8")
    press(page, "Check")
    main = page.get_by_role("main")
    expect(main).to_contain_text("It would wait for approval by the owner of River A800")
    expect(main).to_contain_text("100 GPU-hours → 68 GPU-hours")
    expect(main).to_contain_text("100 access-hours → 96 access-hours")

    press(page, "Book")
    done(page, "Your booking is waiting for approval.")
    expect(main).to_contain_text("Follow the buses <b>at night</b>")
    expect(main).not_to_contain_text("ssh river.example")
    return page.url.removeprefix(people.url)


def approve(people: People) -> None:
    page = people("operator", "/")
    page.get_by_role("link", name="1 booking waits for your answer.").click()
    expect(page.get_by_role("main")).to_contain_text("It fits now.")
    press(page, "Approve")
    done(page, "Approved.")
    expect(page.get_by_role("main")).to_contain_text("Nothing waits for your answer.")


def check_in(people: People, booking: str) -> None:
    """Confirmed, the booking says how to use what it claims; its team checks in."""
    page = people("stranger", booking)
    main = page.get_by_role("main")
    for words in ("confirmed", "ssh river.example", "Open the gateway."):
        expect(main).to_contain_text(words)
    press(page, "Check in")
    done(page, "You are checked in.")
    expect(people("stranger", "/bookings").get_by_role("main")).to_contain_text("8 GPUs of River A800")
    expect(people("rival", booking)).to_have_title("Not found · Scenario computing")


def use_and_finish_another(people: People) -> None:
    """A window that has begun is finished early, and is charged what it was used."""
    page = people("stranger", "/bookings/new?resource=north-a100&units=4")
    fill(page, starts_at=local(running_quarter()), hours="6", purpose="Try it out")
    press(page, "Book")
    done(page, "Your booking is confirmed.")
    main = page.get_by_role("main")
    expect(main).to_contain_text("open now")
    page.get_by_role("link", name="Move, extend or change").click()
    fill(page, ends_at="", hours="8")
    press(page, "Check")
    expect(main).to_contain_text("The change fits")
    expect(main).to_contain_text("44 GPU-hours → 36 GPU-hours")
    press(page, "Change the booking")
    done(page, "The booking has been changed.")
    press(page, "Finish now")
    done(page, "The booking is finished")
    expect(main).to_contain_text("completed")


def read_the_balance(people: People) -> None:
    """What the first booking holds is held, what the second used is charged, and the rest is back."""
    page = people("stranger", "/teams/night-buses")
    pools = page.get_by_role("region", name="Balance").get_by_role("row").filter(has_text="all pools")
    expect(pools).to_contain_text("32 GPU-hours")
    expect(pools).to_contain_text("100 GPU-hours")
    expect(pools).not_to_contain_text("36 GPU-hours")
