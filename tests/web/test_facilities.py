"""The pages of those who operate: what they look after, and the forms of facilities, pools and datasets."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from booking.db import db
from booking.domain.facilities import Facility
from booking.domain.listings import Listing
from booking.queries.facilities import find_facility
from booking.queries.listings import find_listing
from tests.support.filling import browser, fields_of, fill
from tests.support.pages import said_of, text_of
from tests.support.publishing import NOW
from tests.support.visitors import send
from tests.support.world import PEOPLE, World, build_world


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def listing(app: Flask, world: World, slug: str) -> Listing:
    with app.app_context():
        return find_listing(db.session(), slug, actor=world.admin)


def facility(app: Flask, slug: str) -> Facility:
    with app.app_context():
        return find_facility(db.session(), slug)


NEW_FACILITY = {"name": "东部 Centre", "slug": "east", "region": "Shandong", "timezone": "Asia/Shanghai"}
NEW_POOL = {"name": "T4", "slug": "north-t4", "gpu_model": "T4", "gpu_memory_gib": "16"}
NEW_DATASET = {"name": "Lidar", "slug": "lidar", "licence": "CC0", "seats": "3"}


@pytest.mark.parametrize("who", PEOPLE)
def test_who_operates_something_sees_it_and_nobody_else(app: Flask, world: World, who: str) -> None:
    page = browser(app, who).get("/operate")
    shown = {
        "admin": {"北方计算中心", "Southern Centre", "NORTH-A100", "SOUTH-H100", "Radar pictures"},
        "operator": {"北方计算中心", "NORTH-A100"},
        "other_operator": {"Southern Centre", "SOUTH-H100"},
        "steward": {"Radar pictures"},
    }.get(who, set())
    assert page.status_code == (200 if shown else 403)
    for name in ("北方计算中心", "Southern Centre", "NORTH-A100", "SOUTH-H100", "Radar pictures"):
        assert (f">{name}</a>" in page.text) is (name in shown)
    assert ("Operate" in page.text) is bool(shown)


def test_the_list_says_what_is_free_now(app: Flask, world: World) -> None:
    assert "64 of 64 GPUs free" in text_of(browser(app, "operator").get("/operate").text)
    assert "2 of 2 seats free" in text_of(browser(app, "steward").get("/operate").text)


def test_an_operator_opens_a_facility(app: Flask, world: World) -> None:
    client = browser(app, "operator")
    answer = fill(client, "/operate/facilities/new", **NEW_FACILITY)
    assert (answer.status_code, answer.location) == (303, "/operate")
    opened = facility(app, "east")
    assert (opened.name, opened.organisation, opened.timezone) == ("东部 Centre", "north", "Asia/Shanghai")
    assert "东部 Centre" in client.get("/operate").text


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("name", "", "required"),
        ("slug", "East Side", "a–z"),
        ("slug", "north-centre", "already"),
        ("timezone", "Mars/Olympus", "no time zone"),
        ("region", "r" * 81, "longer than 80"),
        ("place", "\u202eevil", "not seen"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    app: Flask, world: World, name: str, value: str, said: str
) -> None:
    client = browser(app, "operator")
    typed = {**NEW_FACILITY, "description": "Rows of racks.", name: value}
    answer = fill(client, "/operate/facilities/new", **typed)
    assert answer.status_code == 422
    assert said in said_of(answer.text, name)
    kept = fields_of(answer.text)
    assert {each: kept[each] for each in typed} == typed


def test_an_operator_opens_facilities_of_its_own_organisation_only(app: Flask, world: World) -> None:
    answer = fill(browser(app, "operator"), "/operate/facilities/new", **NEW_FACILITY, organisation="south")
    assert answer.status_code == 422
    assert browser(app, "steward").get("/operate/facilities/new").status_code == 403
    assert browser(app, "other_operator").get("/operate/facilities/north-centre/edit").status_code == 403
    assert browser(app, "other_operator").get("/operate/facilities/north-centre/pools/new").status_code == 403
    assert browser(app, "lead").get("/operate/facilities/north-centre/edit").status_code == 403


def test_the_words_of_a_facility_are_changed(app: Flask, world: World) -> None:
    client = browser(app, "operator")
    assert fields_of(client.get("/operate/facilities/north-centre/edit").text)["region"] == "Beijing"
    assert fill(client, "/operate/facilities/north-centre/edit", place="Haidian").status_code == 303
    assert facility(app, "north-centre").place == "Haidian"
    assert facility(app, "north-centre").name == "北方计算中心"


def test_a_pool_is_added_as_a_draft_with_the_usual_policy_and_published_later(app: Flask, world: World) -> None:
    client = browser(app, "operator")
    answer = fill(client, "/operate/facilities/north-centre/pools/new", **NEW_POOL)
    assert (answer.status_code, answer.location) == (303, "/operate/resources/north-t4/capacity")
    pool = listing(app, world, "north-t4")
    assert (pool.state, pool.gpu_model, pool.gpu_memory_gib, pool.grid_minutes) == ("draft", "T4", 16, 15)
    assert pool.policy == listing(app, world, "north-a100").policy
    assert browser(app, "lead").get("/pools/north-t4").status_code == 404

    assert send(client, "/operate/resources/north-t4/publish").status_code == 303
    assert browser(app, "lead").get("/pools/north-t4").status_code == 200
    assert send(client, "/operate/resources/north-t4/retire").status_code == 303
    assert listing(app, world, "north-t4").state == "retired"
    assert send(client, "/operate/resources/north-t4/publish").status_code == 409
    assert send(browser(app, "other_operator"), "/operate/resources/north-a100/retire").status_code == 403
    assert listing(app, world, "north-a100").state == "published"


def test_every_rule_of_a_policy_can_be_set_and_is_shown_again(app: Flask, world: World) -> None:
    client = browser(app, "operator")
    typed = {
        "policy-min_minutes": "30",
        "policy-max_minutes": "",
        "policy-notice_minutes": "60",
        "policy-horizon_days": "90",
        "policy-max_units": "32",
        "policy-unit_step": "8",
        "policy-max_units_per_team": "48",
        "policy-max_concurrent_bookings": "2",
        "policy-eligible_kinds": ["university", "institute"],
        "policy-eligible_regions": "Beijing\r\n Hebei \r\n",
        "policy-auto_approve_unit_hours": "0",
        "policy-hold_minutes": "120",
        "policy-check_in_minutes": "15",
        "policy-cancel_cutoff_minutes": "1440",
        "policy-late_cancel_percent": "50",
        "policy-charge": "measured",
        "policy-min_charge_percent": "20",
        "policy-weight_percent": "300",
        "policy-quota": "none",
        "policy-requires_course": "safety",
        "how_to_use": "ssh gate\r\nthen wait",
    }
    assert fill(client, "/operate/pools/north-a100/edit", **typed).status_code == 303

    changed = listing(app, world, "north-a100")
    assert changed.how_to_use == "ssh gate\nthen wait"
    assert changed.policy.as_mapping() == {
        "min_minutes": 30, "max_minutes": None, "notice_minutes": 60, "horizon_days": 90, "max_units": 32,
        "unit_step": 8, "max_units_per_team": 48, "max_concurrent_bookings": 2,
        "eligible_kinds": ["university", "institute"], "eligible_regions": ["Beijing", "Hebei"],
        "auto_approve_unit_hours": 0, "hold_minutes": 120, "check_in_minutes": 15, "cancel_cutoff_minutes": 1440,
        "late_cancel_percent": 50, "charge": "measured", "min_charge_percent": 20, "weight_percent": 300,
        "quota": "none", "requires_course": "safety",
    }  # fmt: skip
    shown = fields_of(client.get("/operate/pools/north-a100/edit").text)
    assert shown["policy-eligible_regions"] == "Beijing\nHebei"
    assert shown["policy-eligible_kinds"] == ["university", "institute"]
    assert (shown["policy-charge"], shown["policy-quota"], shown["policy-max_minutes"]) == ("measured", "none", "")

    assert fill(client, "/operate/pools/north-a100/edit").status_code == 303
    assert listing(app, world, "north-a100").policy == changed.policy


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("policy-weight_percent", "7", "multiple of 5"),
        ("policy-weight_percent", "", "required"),
        ("policy-late_cancel_percent", "101", "0 to 100"),
        ("policy-max_minutes", "14", "shorter than the shortest"),
        ("policy-max_units", "1.5", "integer"),
        ("policy-max_units", "2147483648", "whole number"),
        ("policy-max_units", "4", "less than one step of 8"),
        ("policy-eligible_regions", "r" * 81, "longer than 80"),
        ("name", " ", "cannot be blank"),
        ("gpu_memory_gib", "0", "whole number"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_said_beside_it(
    app: Flask, world: World, name: str, value: str, said: str
) -> None:
    client = browser(app, "operator")
    before = listing(app, world, "north-a100")
    answer = fill(client, "/operate/pools/north-a100/edit", **{"policy-unit_step": "8", name: value})
    assert answer.status_code == 422
    assert said in said_of(answer.text, name)
    assert fields_of(answer.text)["policy-unit_step"] == "8"
    assert listing(app, world, "north-a100") == before


def test_a_steward_adds_a_dataset_without_a_place(app: Flask, world: World) -> None:
    client = browser(app, "steward")
    answer = fill(client, "/operate/datasets/new", **NEW_DATASET, state="published", access="open", facility="")
    assert answer.status_code == 303
    dataset = listing(app, world, "lidar")
    assert (dataset.organisation, dataset.facility, dataset.seats, dataset.access) == ("north", None, 3, "open")
    assert browser(app, "lead").get("/datasets/lidar").status_code == 200

    again = fill(client, "/operate/datasets/new", **NEW_DATASET)
    assert "already" in said_of(again.text, "slug")
    onsite = fill(client, "/operate/datasets/new", **{**NEW_DATASET, "slug": "x"}, access="onsite", facility="")
    assert "needs the facility" in said_of(onsite.text, "facility")
    link = fill(client, "/operate/datasets/new", **{**NEW_DATASET, "slug": "x"}, url="javascript:alert(1)")
    assert "no address" in said_of(link.text, "url")
    assert browser(app, "operator").get("/operate/datasets/new").status_code == 403
    assert browser(app, "operator").get("/operate/datasets/north-radar/edit").status_code == 403


def test_a_dataset_without_seats_is_used_without_booking(app: Flask, world: World) -> None:
    client = browser(app, "steward")
    assert fill(client, "/operate/datasets/north-radar/edit", seats="", url="https://example.org").status_code == 303
    changed = listing(app, world, "north-radar")
    assert (changed.seats, changed.url, changed.needs_booking) == (None, "https://example.org", False)
    assert "used without booking" in text_of(client.get("/operate").text)


def test_words_with_markup_are_shown_as_they_were_typed(app: Flask, world: World) -> None:
    client = browser(app, "operator")
    fill(client, "/operate/facilities/north-centre/edit", name="<script>alert(1)</script>")
    page = client.get("/operate").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
