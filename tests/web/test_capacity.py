"""The pages on which owners say what they offer, and decide about who loses their place."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from booking.db import db, transaction
from booking.domain.bookings import Booking
from booking.domain.capacity_changes import PublishedChange
from booking.models.facilities import Facility
from booking.queries.capacity_changes import changes_of
from tests.support import publishing
from tests.support.filling import browser, fields_of, fill
from tests.support.pages import said_of, text_of
from tests.support.publishing import HOUR, LATER, NOW, displacements, free, hours
from tests.support.visitors import send
from tests.support.world import World, build_world

NEW = "/operate/resources/north-a100/capacity/new"
LIST = "/operate/resources/north-a100/capacity"


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def operator(app: Flask, world: World) -> FlaskClient:
    return browser(app, "operator")


def local(hour: float) -> str:
    """So many hours after NOW, as clocks in Shanghai show it."""
    return f"{NOW + (hour + 8) * HOUR:%Y-%m-%dT%H:%M}"


def outage(start: float, end: float, units: int = 32) -> dict[str, Any]:
    return {
        "kind": "outage",
        "units": str(units),
        "starts_at": local(start),
        "ends_at": local(end),
        "reason": "cooling repair",
    }


def published(app: Flask, world: World) -> list[PublishedChange]:
    """The changes of the pool beside its first supply."""
    with app.app_context():
        return list(changes_of(db.session(), world.pool))[1:]


def book(app: Flask, world: World, start: float, end: float, units: int) -> Booking:
    with app.app_context():
        return publishing.book(world, hours(start, end), units)


def again(app: Flask, booking: Booking) -> Booking:
    with app.app_context():
        return publishing.again(booking)


def displaced(app: Flask) -> list[tuple[int, str | None]]:
    with app.app_context():
        return displacements()


def test_times_are_typed_as_clocks_at_the_facility_show_them(app: Flask, world: World, operator: FlaskClient) -> None:
    page = operator.get(NEW)
    assert "Times are those of Asia/Shanghai." in text_of(page.text)
    assert fields_of(page.text)["starts_at"] == "2026-03-02T16:00"

    answer = fill(operator, NEW, units="16", starts_at="2026-03-03T00:00", ends_at="", is_open="y")
    assert (answer.status_code, answer.location) == (303, LIST)
    (change,) = published(app, world)
    assert (change.kind, change.units, change.ends_at) == ("supply", 16, None)
    assert change.starts_at == datetime(2026, 3, 2, 16, tzinfo=UTC)
    listed = text_of(operator.get(LIST).text)
    assert "from 3 Mar 2026 00:00 until further notice +16 GPUs" in listed
    assert "The next four weeks" in listed
    assert "In this time 64 free throughout, 80 at most." in listed


@pytest.mark.parametrize(
    ("kind", "units", "offered"), [("supply", "8", 72), ("outage", "8", 56), ("closed", "", 0), ("closed", "8", 0)]
)
def test_each_kind_of_change_is_published(
    app: Flask, world: World, operator: FlaskClient, kind: str, units: str, offered: int
) -> None:
    assert fill(operator, NEW, **{**outage(1, 2), "kind": kind, "units": units}).status_code == 303
    with app.app_context():
        assert free(world.pool, hours(0, 3)) == [(0, 64), (1, offered), (2, 64)]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("units", "", "how many"),
        ("units", "0", "how many"),
        ("units", "-8", "how many"),
        ("units", "1.5", "integer"),
        ("units", "2147483648", "at most"),
        ("starts_at", "", "required"),
        ("starts_at", "soon", "Not a valid"),
        ("starts_at", "0001-01-01T00:00", "too far away"),
        ("ends_at", "", "until when"),
        ("ends_at", local(1), "before it begins"),
        ("ends_at", "2199-01-01T00:00", "100 years"),
        ("reason", "", "why"),
    ],
)
def test_what_cannot_be_meant_is_said_beside_its_field(
    app: Flask, world: World, operator: FlaskClient, name: str, value: str, said: str
) -> None:
    answer = fill(operator, NEW, **{**outage(1, 2), name: value})
    assert answer.status_code == 422
    assert said in said_of(answer.text, name)
    assert fields_of(answer.text)["kind"] == "outage"
    assert published(app, world) == []


def test_an_end_and_no_end_contradict_each_other(world: World, operator: FlaskClient) -> None:
    answer = fill(operator, NEW, **outage(1, 2), is_open="y")
    assert "until further notice" in said_of(answer.text, "ends_at")


def test_a_time_that_clocks_show_twice_means_the_first_and_one_they_skip_is_refused(
    app: Flask, world: World, operator: FlaskClient
) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Facility).where(Facility.id == world.facility).values(timezone="Europe/Paris"))

    skipped = fill(operator, NEW, **{**outage(1, 2), "starts_at": "2026-03-29T02:30", "ends_at": "2026-03-29T04:00"})
    assert skipped.status_code == 422
    assert "does not exist" in said_of(skipped.text, "starts_at")

    twice = fill(operator, NEW, **{**outage(1, 2), "starts_at": "2026-10-25T02:30", "ends_at": "2026-10-25T03:30"})
    assert twice.status_code == 303
    (change,) = published(app, world)
    assert change.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert change.ends_at == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)


def test_an_outage_that_displaces_names_each_booking_and_does_nothing_yet(
    app: Flask, world: World, operator: FlaskClient
) -> None:
    kept, late = book(app, world, 1, 3, 32), book(app, world, 2, 4, 24)
    answer = fill(operator, NEW, **outage(0, 6))

    assert answer.status_code == 409
    assert f"/bookings/{late.id}" in answer.text
    assert f"/bookings/{kept.id}" not in answer.text
    text = text_of(answer.text)
    assert "2 Mar 2026 18:00 – 20:00" in text
    assert "24 GPUs" in text
    assert "Asia/Shanghai" in text
    asked = fields_of(answer.text)
    assert asked[f"resolution-{late.id}"] == "later"
    assert asked["reason"] == "cooling repair"
    assert published(app, world) == []
    assert displaced(app) == []


@pytest.mark.parametrize("verb", ["move", "reduce", "revoke", "later"])
def test_the_page_does_with_each_what_was_chosen(app: Flask, world: World, operator: FlaskClient, verb: str) -> None:
    booking = book(app, world, 1, 3, 48)
    asked = fields_of(fill(operator, NEW, **outage(0, 6)).text)
    answer = operator.post(NEW, data={**asked, f"resolution-{booking.id}": verb})

    assert answer.status_code == 303
    assert displaced(app) == [(booking.id, None if verb == "later" else verb)]
    assert [change.units for change in published(app, world)] == [32]
    stands = again(app, booking)
    assert (stands.state, stands.window, stands.claims[0].units) == {
        "move": ("confirmed", hours(6, 8), 48),
        "reduce": ("confirmed", hours(1, 3), 32),
        "revoke": ("revoked", hours(1, 3), 48),
        "later": ("confirmed", hours(1, 3), 48),
    }[verb]


def test_the_page_says_beforehand_what_a_move_and_a_reduction_would_give(
    app: Flask, world: World, operator: FlaskClient
) -> None:
    booking = book(app, world, 1, 3, 48)
    page = fill(operator, NEW, **outage(0, 6))
    said = text_of(page.text)
    assert "move to 2 Mar 2026 22:00 – 3 Mar 2026 00:00" in said
    assert "reduce to 32 GPUs" in said
    later = {**fields_of(page.text), f"resolution-{booking.id}": "move:2026-03-02T16:00:00Z"}
    assert operator.post(NEW, data=later).status_code == 303
    assert again(app, booking).window == hours(8, 10)


def test_one_click_leaves_all_for_later(app: Flask, world: World, operator: FlaskClient) -> None:
    bookings = [book(app, world, each, each + 1, 48) for each in range(1, 4)]
    asked = fields_of(fill(operator, NEW, **outage(0, 6)).text)
    asked[f"resolution-{bookings[0].id}"] = "revoke"
    assert operator.post(NEW, data={**asked, "otherwise": "later"}).status_code == 303
    assert displaced(app) == [(booking.id, None) for booking in bookings]


def test_what_cannot_be_done_is_said_beside_the_booking_and_the_choices_stay(
    app: Flask, world: World, operator: FlaskClient
) -> None:
    first, second = book(app, world, 1, 3, 48), book(app, world, 3, 4, 48)
    asked = fields_of(fill(operator, NEW, **{**outage(0, 6), "kind": "closed"}).text)
    chosen = {f"resolution-{first.id}": "reduce", f"resolution-{second.id}": "revoke"}
    answer = operator.post(NEW, data={**asked, **chosen})

    assert answer.status_code == 409
    assert "cannot be reduced: 0 units are left" in text_of(answer.text)
    assert f'id="reason-{first.id}"' in answer.text
    assert {name: fields_of(answer.text)[name] for name in chosen} == chosen
    assert displaced(app) == []
    assert again(app, second).state == "confirmed"


def test_who_is_displaced_since_the_page_was_shown_is_asked_about_too(
    app: Flask, world: World, operator: FlaskClient
) -> None:
    first = book(app, world, 1, 3, 48)
    asked = fields_of(fill(operator, NEW, **outage(0, 6)).text)
    second = book(app, world, 4, 5, 48)
    answer = operator.post(NEW, data={**asked, f"resolution-{first.id}": "revoke"})
    assert answer.status_code == 409
    shown = fields_of(answer.text)
    assert (shown[f"resolution-{first.id}"], shown[f"resolution-{second.id}"]) == ("revoke", "later")
    assert again(app, first).state == "confirmed"


def test_open_displacements_stand_on_the_page_until_they_are_decided(
    app: Flask, world: World, operator: FlaskClient
) -> None:
    booking = book(app, world, 1, 3, 48)
    with app.app_context():
        publishing.cut(world, -32, hours(0, 6), LATER)
    assert "Bookings without room: 1" in text_of(operator.get("/operate").text)
    page = operator.get(LIST)
    assert "Bookings without room" in text_of(page.text)

    address = next(part for part in page.text.split('"') if "/displacements/" in part)
    assert send(browser(app, "other_operator"), address, {"resolution": "move"}).status_code == 403
    assert send(operator, address, {"resolution": "keep"}).status_code == 422
    assert send(operator, address, {"resolution": "move"}).status_code == 303
    assert again(app, booking).window == hours(6, 8)
    assert "Bookings without room" not in text_of(operator.get(LIST).text)
    assert send(operator, address, {"resolution": "move"}).status_code == 404


def test_a_decision_that_is_not_possible_is_explained(app: Flask, world: World, operator: FlaskClient) -> None:
    book(app, world, 1, 3, 48)
    with app.app_context():
        publishing.cut(world, "closed", hours(0, 6), LATER)
    page = operator.get(LIST)
    address = next(part for part in page.text.split('"') if "/displacements/" in part)
    answer = send(operator, address, {"resolution": "reduce"}, follow_redirects=True)
    assert "cannot be reduced" in text_of(answer.text)


def test_a_change_is_ended_early_or_taken_back(app: Flask, world: World, operator: FlaskClient) -> None:
    with app.app_context():
        running = publishing.cut(world, 16, hours(-2, 20))
        coming = publishing.cut(world, -16, hours(3, 9))
    page = operator.get(LIST)
    assert "Take back" in text_of(page.text)

    assert fill(operator, f"{LIST}/{running.id}/end", ends_at=local(5)).status_code == 303
    assert fill(operator, f"{LIST}/{coming.id}/end").status_code == 303
    changes = published(app, world)
    assert changes[0].ends_at == NOW + 5 * HOUR
    assert changes[1].ends_at == changes[1].starts_at

    late = fill(operator, f"{LIST}/{running.id}/end", ends_at=local(6))
    assert late.status_code == 422
    assert "ends at 2 Mar 2026 21:00 (Asia/Shanghai) already" in said_of(late.text, "ends_at")
    assert operator.get(f"{LIST}/999/end").status_code == 404
    assert operator.get(f"/operate/resources/south-h100/capacity/{running.id}/end").status_code == 403


def test_an_early_end_asks_about_whom_it_displaces(app: Flask, world: World, operator: FlaskClient) -> None:
    with app.app_context():
        more = publishing.cut(world, 16, hours(0, 20))
    booking = book(app, world, 6, 8, 80)
    asked = fill(operator, f"{LIST}/{more.id}/end", ends_at=local(5))
    assert asked.status_code == 409
    decided = {**fields_of(asked.text), f"resolution-{booking.id}": "reduce"}
    assert operator.post(f"{LIST}/{more.id}/end", data=decided).status_code == 303
    assert again(app, booking).claims[0].units == 64


def test_fewer_seats_ask_about_whom_they_displace_and_keep_what_was_typed(app: Flask, world: World) -> None:
    steward, address = browser(app, "steward"), "/operate/datasets/north-radar/edit"
    with app.app_context():
        booking = publishing.book(world, hours(1, 3), 0, seats=2)
    asked = fill(steward, address, seats="1", description="Fewer seats.", **{"policy-eligible_kinds": ["institute"]})
    assert asked.status_code == 409
    assert "2 seats" in text_of(asked.text)
    kept = fields_of(asked.text)
    assert (kept["seats"], kept["description"], kept["policy-eligible_kinds"]) == ("1", "Fewer seats.", "institute")

    assert steward.post(address, data={**kept, f"resolution-{booking.id}": "reduce"}).status_code == 303
    assert again(app, booking).claims[0].units == 1
    shown = fields_of(steward.get(address).text)
    assert (shown["seats"], shown["description"], shown["policy-eligible_kinds"]) == ("1", "Fewer seats.", "institute")


@pytest.mark.parametrize("who", ["other_operator", "steward", "lead", "funder"])
def test_nobody_else_sees_these_pages(app: Flask, world: World, who: str) -> None:
    client = browser(app, who)
    for address in (LIST, NEW, f"{LIST}/1/end"):
        assert client.get(address).status_code == 403
    assert app.test_client().get(LIST).status_code == 303


def test_a_form_without_the_word_against_forgery_is_refused(app: Flask, world: World, operator: FlaskClient) -> None:
    assert operator.post(NEW, data=outage(0, 6)).status_code in (400, 422)
    assert operator.post("/operate/resources/north-a100/retire").status_code == 400
    assert published(app, world) == []
