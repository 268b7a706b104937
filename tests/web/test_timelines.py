"""The timeline of a pool, a dataset and a facility, as pages draw and say it."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.db import transaction
from booking.models.bookings import Booking, Claim
from booking.models.capacity import CapacityChange, HeldStep
from tests.support.booking_form import change_row
from tests.support.lives import NOW, at
from tests.support.pages import text_of
from tests.support.statements import counted_statements
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("clock")
Book = Callable[..., int]


@pytest.mark.parametrize(("view", "rows"), [("day", 24), ("week", 7), ("month", 28), ("year", 7), ("", 7)])
def test_each_view_says_its_parts_in_a_table(client: FlaskClient, world: World, view: str, rows: int):
    page = client.get(f"/pools/north-a100?view={view}").text
    words = page.split('aria-label="Free, in words"')[1].split("</table>")[0]
    assert words.count("<tr>") == rows + 1


@pytest.mark.parametrize("day", ["2026-02-30", "x", "0001-01-01", "9999-12-31", "2026-03-02T00:00"])
def test_a_day_that_cannot_be_meant_is_today(client: FlaskClient, world: World, day: str):
    page = client.get("/pools/north-a100", query_string={"day": day, "view": "day"})
    assert page.status_code == 200
    assert 'href="/pools/north-a100?view=day&amp;day=2026-03-03#timeline"' in page.text


def test_it_leads_to_the_period_before_and_after(client: FlaskClient, world: World):
    page = client.get("/pools/north-a100?view=month&day=2026-03-02").text
    assert 'rel="prev" href="/pools/north-a100?view=month&amp;day=2026-02-02#timeline"' in page
    assert 'rel="next" href="/pools/north-a100?view=month&amp;day=2026-03-30#timeline"' in page


def test_ones_own_bookings_are_named_and_those_of_others_are_not(
    client: FlaskClient, world: World, book: Book, as_: Callable[[str], FlaskClient]
):
    number = book(24, 30, 8)
    for who in ("lead", "operator", "admin"):
        page = as_(who).get("/pools/north-a100").text
        assert f'<a href="/bookings/{number}" aria-label="8 · Team, ' in page, who
        assert "busy:" not in page, "it is drawn once"
    for page in (client.get("/pools/north-a100").text, as_("rival").get("/pools/north-a100").text):
        assert "busy: 8 GPUs" in page
        assert f"/bookings/{number}" not in page
        assert "8 · Team" not in page


def test_the_live_chart_gets_the_same_levels(client: FlaskClient, world: World, book: Book):
    book(24, 30, 8)
    page = client.get("/pools/north-a100").text
    script = re.search(r'<script type="application/json" nonce="[^"]+">(.*?)</script>', page)
    assert script
    series = json.loads(script[1])
    assert series["held"] == [0, 8, 0, 0]
    assert series["offered"] == [64, 64, 64, 64]
    assert series["at"][1] == at(24).timestamp()


def test_an_outage_is_hatched_and_said_with_its_reason(app: Flask, client: FlaskClient, world: World):
    with app.app_context(), transaction() as session:
        change = {"kind": "closed", "starts_at": at(30), "ends_at": at(40), "reason": "Cooling", "created_at": NOW}
        session.add(CapacityChange(resource_id=world.pool, **change))
    change_row(app, world.pool)
    for path in ("/pools/north-a100", "/facilities/north-centre"):
        assert "Cooling" in client.get(path).text
    assert 'class="chart-outage"' in client.get("/pools/north-a100").text


def test_what_is_free_is_read_in_ones_own_zone_where_one_wants_it(client: FlaskClient, world: World):
    client.set_cookie("zone", "Europe/Paris")
    page = text_of(client.get("/pools/north-a100?view=day&day=2026-03-29").text)
    assert "Times of Europe/Paris" in page
    assert "01:00 64 of 64" in page
    assert "02:00 64 of 64" not in page


def test_a_chosen_window_leads_to_the_form_filled_in(client: FlaskClient, world: World):
    chosen = {"resource": "north-a100", "units": "8", "zone": "Asia/Shanghai"}
    answer = client.get(
        "/timeline/window", query_string={**chosen, "starts_at": "2026-03-03T09:00", "ends_at": "2026-03-03T13:00"}
    )
    address = urlsplit(answer.location)
    assert address.path == "/bookings/new"
    assert parse_qs(address.query) == {
        "resource": ["north-a100"],
        "units": ["8"],
        "starts_at": ["2026-03-03T01:00:00Z"],
        "ends_at": ["2026-03-03T05:00:00Z"],
    }


@pytest.mark.parametrize("asked", ["", "?starts_at=x&zone=UTC", "?starts_at=2026-03-03T09:00&zone=Mars", "?zone="])
def test_a_window_that_cannot_be_read_leads_to_the_form_as_it_begins(client: FlaskClient, world: World, asked: str):
    answer = client.get(f"/timeline/window{asked}")
    assert answer.status_code == 303
    assert "starts_at" not in answer.location


def test_the_page_of_a_facility_draws_all_its_pools_with_a_fixed_number_of_questions(
    app: Flask, client: FlaskClient, world: World, book: Book
):
    book(24, 30, 8)
    page = client.get("/facilities/north-centre").text
    assert "In this time 56 free throughout, 64 at most." in text_of(page)
    with counted_statements(app) as statements:
        client.get("/facilities/north-centre")
    assert len(statements) == 7


@pytest.mark.parametrize("bookings", [20_000, pytest.param(100_000, marks=pytest.mark.prove)])
def test_a_pool_with_very_many_bookings_is_a_small_page_with_as_many_questions(
    app: Flask, client: FlaskClient, world: World, bookings: int
):
    fill(app, world, bookings)
    client.get("/pools/north-a100")
    for view in ("day", "week", "month"):
        with counted_statements(app) as statements:
            answer = client.get(f"/pools/north-a100?view={view}")
        assert len(statements) == 6
        assert len(answer.data) < 150_000
        assert "more bookings than can be drawn" in answer.text
    assert "Each step is 2 hours" in answer.text


def fill(app: Flask, world: World, count: int) -> None:
    """So many bookings of a quarter of an hour, eight of them at once, and levels that change with each."""
    first = at(-24)
    usual = {"purpose": "", "unit_seconds": 900, "version": 1, "created_at": first, "state": "confirmed"}
    claim = {
        "resource_id": world.pool, "unit_seconds": 900, "weight_percent": 100, "cancel_cutoff_minutes": 0,
        "late_cancel_percent": 0, "charge": "booked", "min_charge_percent": 0, "approval": "none",
    }  # fmt: skip
    with app.app_context(), transaction() as session:
        for start in range(0, count, 10_000):
            numbers = range(start, min(count, start + 10_000))
            windows = [quarter(first, number // 8) for number in numbers]
            session.execute(
                Booking.__table__.insert(),
                [
                    {**usual, "id": number + 1, "team_id": world.rival_team, "starts_at": begin, "ends_at": end}
                    for number, (begin, end) in zip(numbers, windows, strict=True)
                ],
            )
            session.execute(
                Claim.__table__.insert(),
                [
                    {
                        **claim,
                        "booking_id": number + 1,
                        "units": 1 + number // 8 % 2,
                        "starts_at": begin,
                        "ends_at": end,
                    }
                    for number, (begin, end) in zip(numbers, windows, strict=True)
                ],
            )
        session.execute(
            HeldStep.__table__.insert(),
            [
                {"resource_id": world.pool, "at": quarter(first, number)[0], "held": 8 - number % 2}
                for number in range(count // 8)
            ],
        )


def quarter(first: datetime, number: int) -> tuple[datetime, datetime]:
    start = first + number * timedelta(minutes=15)
    return start, start + timedelta(minutes=15)
