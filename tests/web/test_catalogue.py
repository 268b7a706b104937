"""The public catalogue: facilities with their pools, datasets, and a page for each."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.db import transaction
from booking.domain.windows import Window
from booking.models.capacity import CapacityChange
from booking.models.facilities import Facility
from booking.models.resources import Resource
from booking.services.bookings import request_booking
from tests.support.booking_form import change_row
from tests.support.pages import text_of
from tests.support.statements import counted_statements
from tests.support.visitors import enter
from tests.support.world import SINCE, World, build_world

NOW = datetime(2026, 3, 2, 1, 7, tzinfo=UTC)  # 09:07 in Shanghai
HOUR = timedelta(hours=1)
NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_seven_past_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def book(app: Flask, world: World, start: datetime, hours: int, units: int, **more: Any) -> int:
    with app.app_context():
        order = world.order(Window(start, start + hours * HOUR), units, **more)
        return request_booking(order, actor=world.lead, now=NOW).id


class TestTheListOfPools:
    def test_a_visitor_reads_what_of_each_pool_is_free_now(self, app: Flask, client: FlaskClient, world: World):
        book(app, world, NINE, 4, 8)
        page = text_of(client.get("/catalogue").text)
        assert "56 of 64 GPUs free" in page
        assert "16 of 16 GPUs free" in page

    def test_regions_are_named_in_the_readers_language_and_asked_for_as_they_were_typed(
        self, client: FlaskClient, world: World
    ):
        page = client.get("/catalogue?region=Beijing", headers={"Accept-Language": "zh"}).text
        assert '<option value="Beijing" selected>北京' in page
        assert "北方计算中心 北京" in text_of(page)

    def test_what_is_remembered_of_a_pool_counts_until_something_is_booked_or_time_passes(
        self, app: Flask, client: FlaskClient, world: World
    ):
        assert "64 of 64 GPUs free now 8 GPUs for 3 days: at once" in text_of(client.get("/catalogue").text)
        book(app, world, NINE, 4, 60)
        assert "4 of 64 GPUs free now 8 GPUs for 3 days: Mon 2 Mar 13:00" in text_of(client.get("/catalogue").text)
        with time_machine.travel(NINE + 4 * HOUR, tick=False):
            assert "64 of 64 GPUs free now 8 GPUs for 3 days: at once" in text_of(client.get("/catalogue").text)

    def test_a_booking_that_begins_later_takes_nothing_now(self, app: Flask, client: FlaskClient, world: World):
        book(app, world, NINE + HOUR, 4, 8)
        assert "64 of 64 GPUs free" in text_of(client.get("/catalogue").text)

    @pytest.mark.parametrize(
        ("asked", "seen", "not_seen"),
        [
            ("q=north-a", "NORTH-A100", "SOUTH-H100"),
            ("q=southern", "SOUTH-H100", "NORTH-A100"),
            ("q=计算中心", "NORTH-A100", "SOUTH-H100"),
            ("region=Beijing", "NORTH-A100", "SOUTH-H100"),
            ("gpu_model=H100", "SOUTH-H100", "NORTH-A100"),
        ],
    )
    def test_a_search_narrows_it(self, client: FlaskClient, world: World, asked: str, seen: str, not_seen: str):
        page = client.get(f"/catalogue?{asked}").text
        assert seen in page
        assert not_seen not in page

    def test_pools_are_found_by_how_they_are_opened(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.other_pool, policy={"opening": "voucher"})
        pools = ("NORTH-A100", "SOUTH-H100")
        found = {
            opening: [name for name in pools if name in text_of(client.get(f"/catalogue?opening={opening}").text)]
            for opening in ("free", "paid", "voucher", "")
        }
        assert found == {"free": ["NORTH-A100"], "paid": [], "voucher": ["SOUTH-H100"], "": list(pools)}
        page = text_of(client.get("/catalogue").text)
        assert "H100 · 80 GiB · with a voucher" in page
        assert "free of charge (1)" in page

    @pytest.mark.parametrize("asked", ["q=%25", "q=_", "q=nobody%20has%20this", "gpu_model=A10"])
    def test_a_search_without_a_match_says_so(self, client: FlaskClient, world: World, asked: str):
        answer = client.get(f"/catalogue?{asked}")
        assert answer.status_code == 200
        assert "Nothing here fits" in answer.text
        assert "NORTH-A100" not in answer.text

    @pytest.mark.parametrize("asked", ["page=0", "page=-1", "page=x", "page=99999999999999999999", "page=²"])
    def test_a_page_that_cannot_be_meant_is_no_error(self, client: FlaskClient, world: World, asked: str):
        assert client.get(f"/catalogue?{asked}").status_code == 200

    def test_drafts_and_what_is_retired_are_not_in_it(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.pool, state="draft")
        change_row(app, world.other_pool, state="retired")
        page = client.get("/catalogue").text
        assert "NORTH-A100" not in page
        assert "SOUTH-H100" not in page
        assert page.count("No pools yet.") == 2

    def test_names_are_text_whatever_is_in_them(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.pool, name="<script>alert(1)</script>", gpu_model='"><img src=x>')
        page = client.get("/catalogue").text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page

    def test_it_is_read_a_page_at_a_time_with_a_fixed_number_of_questions(
        self, app: Flask, client: FlaskClient, world: World
    ):
        client.get("/catalogue")
        with counted_statements(app) as few:
            client.get("/catalogue")
        many_pools(app, world, 1_000)

        client.get("/catalogue")
        with counted_statements(app) as many:
            first = client.get("/catalogue?region=Beijing")
        assert len(many) == len(few) == 2
        assert first.text.count("of 8 GPUs free") == 50
        following = re.search(r'rel="next" href="([^"]+)"', first.text)
        assert following
        second = client.get(following[1].replace("&amp;", "&"))
        assert second.text.count("of 8 GPUs free") == 50
        assert 'href="/catalogue?region=Beijing"' in second.text
        last = client.get("/catalogue?region=Beijing&page=21")
        assert last.text.count("GPUs free now") == 1
        assert 'rel="next"' not in last.text
        enter(client, "lead@example.org")
        others = [client.get(each) for each in ("/bookings/new?resource=pool-0007", "/utilisation?from=2026-03-02")]
        enter(client, "operator@example.org")
        others += [client.get(each) for each in ("/regions/beijing", "/operate", "/operate?page=26", "/operate?q=0999")]
        assert [each.text.count('/capacity"') for each in others[3:]] == [40, 1, 1]
        assert 'href="/operate?page=2"' in others[3].text
        assert max(len(each.data) for each in (first, second, last, *others)) < 150_000
        assert 'href="/utilisation?from=2026-03-02&amp;page=2"' in others[1].text

    def test_a_page_of_fifty_asks_for_offers_once_where_they_are_not_known_yet(
        self, app: Flask, client: FlaskClient, world: World
    ):
        many_pools(app, world, 60)
        with counted_statements(app) as statements:
            client.get("/catalogue")
        assert len(statements) == 5


def many_pools(app: Flask, world: World, count: int) -> None:
    """So many more pools of eight GPUs, in as many facilities."""
    usual = {"organisation_id": world.north, "created_at": SINCE}
    with app.app_context(), transaction() as session:
        facilities = [
            Facility(
                name=f"Centre {number:04}", slug=f"centre-{number}", region="Beijing", timezone="Asia/Shanghai", **usual
            )
            for number in range(count)
        ]
        session.add_all(facilities)
        session.flush()
        pools = [
            Resource(
                kind="pool", name=f"Pool {number:04}", slug=f"pool-{number}", facility_id=facility.id, gpu_model="A10",
                state="published", **usual,
            )
            for number, facility in enumerate(facilities)
        ]  # fmt: skip
        session.add_all(pools)
        session.flush()
        session.add_all(
            CapacityChange(resource_id=pool.id, kind="supply", units=8, starts_at=SINCE, created_at=SINCE)
            for pool in pools
        )


class TestTheListOfDatasets:
    def test_a_visitor_reads_licence_access_and_free_seats(self, app: Flask, client: FlaskClient, world: World):
        book(app, world, NINE, 4, 0, seats=1)
        page = text_of(client.get("/catalogue?kind=dataset").text)
        assert "Radar pictures" in page
        assert "CC-BY-4.0" in page
        assert "through the gateway" in page
        assert "1 of 2 seats free" in page

    def test_a_dataset_without_seats_needs_no_booking(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.dataset, seats=None)
        page = client.get("/catalogue?kind=dataset").text
        assert "no booking needed" in page
        assert "/bookings/new" not in page

    @pytest.mark.parametrize(("asked", "found"), [("radar", True), ("CC-BY", True), ("nothing", False)])
    def test_a_search_narrows_it(self, client: FlaskClient, world: World, asked: str, found: bool):
        assert ("Radar pictures" in client.get(f"/catalogue?kind=dataset&q={asked}").text) is found

    def test_it_is_read_with_a_fixed_number_of_questions(self, app: Flask, client: FlaskClient, world: World):
        client.get("/catalogue?kind=dataset")
        with counted_statements(app) as statements:
            client.get("/catalogue?kind=dataset")
        assert len(statements) == 2


class TestThePageOfAFacility:
    def test_it_lists_what_can_be_booked_there(self, client: FlaskClient, world: World):
        page = text_of(client.get("/facilities/north-centre").text)
        assert "北方计算中心" in page
        assert "64 of 64 GPUs free" in page
        assert "2 of 2 seats free" in page
        assert "SOUTH-H100" not in page

    def test_an_unknown_one_is_not_found(self, client: FlaskClient, world: World):
        assert client.get("/facilities/nowhere").status_code == 404


class TestThePageOfAPool:
    def test_it_says_the_policy_in_plain_words(self, app: Flask, client: FlaskClient, world: World):
        policy = {
            "min_minutes": 60,
            "max_minutes": 2880,
            "notice_minutes": 90,
            "max_units": 32,
            "unit_step": 8,
            "auto_approve_unit_hours": 0,
            "hold_minutes": 0,
            "check_in_minutes": 30,
            "cancel_cutoff_minutes": 1440,
            "late_cancel_percent": 50,
            "weight_percent": 300,
            "eligible_kinds": ["university", "institute"],
        }
        change_row(app, world.pool, policy=policy)
        page = text_of(client.get("/pools/north-a100").text)
        for sentence in (
            "From 1 hour to 2 days, in steps of 15 minutes.",
            "From 180 days to 90 minutes before the start.",
            "At most 32 GPUs in a booking. In multiples of 8 GPUs.",
            "Every booking waits for the owner's approval. What waits is not held for you meanwhile.",
            "From 30 minutes before the start until 30 minutes after it",
            "Free of charge until 1 day before the start; then at least 50 % of the booking.",
            "Each hour of a unit takes 3 hours of quota. What is booked is charged.",
            "universities, research institutes",
        ):
            assert sentence in page

    def test_a_policy_without_limits_says_that_there_are_none(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.pool, policy={"max_minutes": None, "horizon_days": None, "quota": "none"})
        page = text_of(client.get("/pools/north-a100").text)
        assert "without a longest time" in page
        assert "as early as you like" in page
        assert "None is needed." in page

    def test_it_tables_the_levels_of_the_next_days_in_the_time_of_the_place(
        self, app: Flask, client: FlaskClient, world: World
    ):
        book(app, world, NINE + 2 * HOUR, 3, 24)
        page = text_of(client.get("/pools/north-a100").text)
        assert "64 of 64 GPUs free now" in page
        assert "2 Mar 2026 00:00 64 0 64" in page
        assert "2 Mar 2026 11:00 64 24 40" in page
        assert "2 Mar 2026 14:00 64 0 64" in page
        assert "Mon 2 Mar 40 of 64 64" in page
        assert "Tue 3 Mar 64 of 64 64" in page
        assert "Sun 8 Mar 64 of 64 64" in page
        assert "Mon 9 Mar" not in page

    def test_an_outage_is_announced_with_its_reason_and_changes_the_levels(
        self, app: Flask, client: FlaskClient, world: World
    ):
        with app.app_context(), transaction() as session:
            for kind, units, start in (("outage", 16, NINE + 24 * HOUR), ("closed", None, NINE + 48 * HOUR)):
                session.add(
                    CapacityChange(
                        resource_id=world.pool, kind=kind, units=units, starts_at=start, ends_at=start + HOUR,
                        reason=f"<b>{kind}</b> for repair", created_at=NOW,
                    )
                )  # fmt: skip
        change_row(app, world.pool)
        page = client.get("/pools/north-a100").text
        assert "&lt;b&gt;outage&lt;/b&gt; for repair" in page
        text = text_of(page)
        assert "3 Mar 2026 09:00 – 3 Mar 2026 10:00 (Asia/Shanghai) −16 GPUs" in text
        assert "3 Mar 2026 09:00 48 0 48" in text
        assert "4 Mar 2026 09:00 0 0 0" in text

    def test_what_was_over_before_the_period_is_not_announced_in_it(
        self, app: Flask, client: FlaskClient, world: World
    ):
        with app.app_context(), transaction() as session:
            session.add(
                CapacityChange(
                    resource_id=world.pool, kind="outage", units=1, starts_at=NINE - 24 * HOUR, ends_at=NINE - 9 * HOUR,
                    reason="long ago", created_at=SINCE,
                )
            )  # fmt: skip
        change_row(app, world.pool)
        assert "long ago" not in client.get("/pools/north-a100").text
        assert "long ago" in client.get("/pools/north-a100?day=2026-03-01").text

    def test_more_changes_than_a_page_holds_go_on_at_an_instant(self, app: Flask, client: FlaskClient, world: World):
        for number in range(60):
            book(app, world, NINE + 2 * number * HOUR, 1, 8)
        first = client.get("/pools/north-a100").text
        following = re.search(r'rel="next" href="([^"#]+)#changes"', first)
        assert following
        second = client.get(following[1].replace("&amp;", "&"))
        assert second.status_code == 200
        rows = [
            re.findall(r"<tr>", text.split('id="changes"')[1].split("</details>")[0]) for text in (first, second.text)
        ]
        assert [len(each) for each in rows] == [101, 22]

    @pytest.mark.parametrize("since", ["never", "2026-03-02", "9999-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00"])
    def test_an_instant_that_cannot_be_meant_is_no_error(self, client: FlaskClient, world: World, since: str):
        assert client.get("/pools/north-a100", query_string={"from": since}).status_code == 200

    def test_a_draft_is_seen_by_who_looks_after_it_alone(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.pool, state="draft")
        assert client.get("/pools/north-a100").status_code == 404
        enter(client, "other_operator@example.org")
        assert client.get("/pools/north-a100").status_code == 404
        owner = app.test_client()
        enter(owner, "operator@example.org")
        page = owner.get("/pools/north-a100")
        assert page.status_code == 200
        assert "cannot be booked" in page.text

    def test_a_retired_one_stays_to_be_read_and_is_not_booked(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.pool, state="retired")
        page = client.get("/pools/north-a100").text
        assert "cannot be booked" in page
        assert "/bookings/new" not in page

    @pytest.mark.parametrize("path", ["/pools/north-radar", "/pools/nothing", "/datasets/north-a100", "/pools/%00"])
    def test_what_is_not_there_is_not_found(self, client: FlaskClient, world: World, path: str):
        assert client.get(path).status_code == 404

    def test_its_number_of_questions_does_not_grow_with_bookings(self, app: Flask, client: FlaskClient, world: World):
        client.get("/pools/north-a100")
        with counted_statements(app) as few:
            client.get("/pools/north-a100")
        for number in range(10):
            book(app, world, NINE + number * HOUR, 1, 8)
        with counted_statements(app) as many:
            client.get("/pools/north-a100")
        assert len(many) == len(few) == 6


class TestThePageOfADataset:
    def test_it_says_how_to_use_and_how_to_cite_it(self, app: Flask, client: FlaskClient, world: World):
        described = {"citeAs": "@misc{radar}", "name": "radar"}
        change_row(
            app, world.dataset, description="Two years.\nTen minutes apart.", croissant=described, source_version="2"
        )
        page = text_of(client.get("/datasets/north-radar").text)
        for words in ("CC-BY-4.0", "through the gateway", "2 of 2 seats free now", "Two years. Ten minutes apart."):
            assert words in page
        assert "@misc{radar}" in page

    def test_an_address_that_is_no_web_address_is_not_linked(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.dataset, source_url="javascript:alert(1)")
        page = client.get("/datasets/north-radar").text
        assert "javascript:alert(1)" in page
        assert 'href="javascript' not in page

    def test_one_without_seats_needs_no_booking(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.dataset, seats=None)
        page = client.get("/datasets/north-radar").text
        assert "No booking needed" in page
        assert "/bookings/new" not in page
