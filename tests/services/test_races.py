"""Promises under load: many clients over HTTP against several web processes, and processes that are killed."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking import clock
from booking.db import db
from booking.domain.windows import Window, floor_to_grid
from booking.models.activities import Enrolment
from booking.models.bookings import Booking, History
from booking.models.grants import LedgerEntry
from booking.models.outbox import OutboxItem
from booking.services.bookings import request_booking
from booking.services.fsck import check_rules
from tests.support.load import Client
from tests.support.races import last_hour, last_place, last_unit, race
from tests.support.web_server import WebServer
from tests.support.world import World, build_world

Servers = Callable[..., WebServer]
SHORT = {"clients": 16, "rounds": 6}
LONG = {"clients": 64, "rounds": 200}
UNLIMITED = {"API_RATE_LIMIT": ""}
HALF_AN_HOUR = timedelta(minutes=30)
PATIENCE_SECONDS = 60


def breaches(app: Flask) -> list[Any]:
    with app.app_context():
        return [finding for finding in check_rules(clock.now()) if finding.breaches]


def race_for_the_last_unit(app: Flask, live_server: Servers, size: dict[str, int]) -> None:
    world, asked = last_unit(app)
    server = live_server(workers=2, **UNLIMITED)
    outcome = race([server.url], [world.tokens["lead"], world.tokens["rival"]], asked, **size)
    assert outcome.winners == {1: size["rounds"]}
    assert outcome.statuses == {"201": size["rounds"], "409": size["rounds"] * (size["clients"] - 1)}
    assert breaches(app) == []


def race_for_the_last_place(app: Flask, live_server: Servers, size: dict[str, int]) -> None:
    world, asked, path = last_place(app, size["rounds"])
    server = live_server(workers=2, **UNLIMITED)
    people = list(world.tokens.values())
    outcome = race([server.url], people, asked, path=path, **size)
    with app.app_context():
        taken = db.session.execute(select(Enrolment.activity_id, func.count()).group_by(Enrolment.activity_id)).all()
    assert [number for _, number in taken] == [1] * size["rounds"]
    # Whoever has the place already is told so, once more.
    assert set(outcome.statuses) == {"201", "409"}


def race_for_the_last_hour(app: Flask, live_server: Servers, size: dict[str, int]) -> None:
    world, asked = last_hour(app, size["rounds"])
    server = live_server(workers=2, **UNLIMITED)
    outcome = race([server.url], [world.tokens["lead"]], asked, **size)
    assert outcome.winners == {1: size["rounds"]}
    assert outcome.statuses == {"201": size["rounds"], "409": size["rounds"] * (size["clients"] - 1)}
    assert breaches(app) == []


def test_the_last_unit_goes_to_exactly_one_of_many(app: Flask, live_server: Servers) -> None:
    race_for_the_last_unit(app, live_server, SHORT)


def test_the_last_hour_of_a_voucher_is_spent_once_on_two_pools(app: Flask, live_server: Servers) -> None:
    race_for_the_last_hour(app, live_server, SHORT)


def test_the_last_place_of_an_activity_is_given_once(app: Flask, live_server: Servers) -> None:
    race_for_the_last_place(app, live_server, SHORT)


@pytest.mark.prove
def test_the_last_place_is_given_once_in_two_hundred_rounds(app: Flask, live_server: Servers) -> None:
    race_for_the_last_place(app, live_server, LONG)


@pytest.mark.prove
def test_the_last_unit_goes_to_exactly_one_of_sixty_four_in_two_hundred_rounds(
    app: Flask, live_server: Servers
) -> None:
    race_for_the_last_unit(app, live_server, LONG)


@pytest.mark.prove
def test_the_last_hour_of_a_voucher_is_spent_once_in_two_hundred_rounds(app: Flask, live_server: Servers) -> None:
    race_for_the_last_hour(app, live_server, LONG)


def test_killed_web_processes_and_leaders_lose_nothing_and_do_nothing_twice(app: Flask, live_server: Servers) -> None:
    kill_in_the_middle_of_the_load(app, live_server, kills=3)


@pytest.mark.prove
def test_thirty_kills_lose_nothing_and_do_nothing_twice(app: Flask, live_server: Servers) -> None:
    kill_in_the_middle_of_the_load(app, live_server, kills=30)


def kill_in_the_middle_of_the_load(app: Flask, live_server: Servers, *, kills: int) -> None:
    """Every worker may lead the scheduler, which has a backlog of due bookings to do while others are made."""
    world = build_world(app, units=1_000, grid_minutes=1)
    due = backlog(app, world, 60)
    server = live_server(workers=2, SCHEDULER="1", **UNLIMITED)
    acknowledged: list[str] = []
    stop = threading.Event()
    threads = [
        threading.Thread(target=book_until, args=(stop, server.url, world, number, acknowledged)) for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for _ in range(kills):
        time.sleep(0.7)
        with suppress(ProcessLookupError, IndexError):
            os.kill(server.workers()[0], signal.SIGKILL)
    wait_for(lambda: states(app, due) == {"completed": len(due)})
    stop.set()
    for thread in threads:
        thread.join()

    assert acknowledged, "nothing was booked at all"
    assert breaches(app) == []
    with app.app_context():
        found = set(db.session.scalars(select(Booking.id)))
        assert {int(booking_id) for booking_id in acknowledged} <= found
    assert done_per_item(app, due) == {(1, 1, 1, 1): len(due)}


def backlog(app: Flask, world: World, number: int) -> list[int]:
    """Bookings whose start and end are past, though nobody has started them yet."""
    first = floor_to_grid(clock.now(), 1) - timedelta(hours=3)
    with app.app_context():
        made = [
            request_booking(world.order(Window(start, start + HALF_AN_HOUR), 1), actor=world.lead, now=start)
            for start in (first + timedelta(minutes=index) for index in range(number))
        ]
    return [booking.id for booking in made]


def book_until(stop: threading.Event, url: str, world: World, number: int, acknowledged: list[str]) -> None:
    """A client that goes on booking, over a new connection where a server died, and notes what it was promised."""
    client = Client(url, world.tokens["lead"])
    start = floor_to_grid(clock.now(), 1) + timedelta(days=1 + number)
    while not stop.is_set():
        start += timedelta(minutes=1)
        body = {
            "team": World.TEAM,
            "starts_at": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "ends_at": f"{start + HALF_AN_HOUR:%Y-%m-%dT%H:%M:%SZ}",
            "claims": [{"resource": World.POOL, "units": 1}],
            "purpose": "load",
        }
        with suppress(ConnectionError):
            answer = client.post("/api/v1/bookings", body)
            if answer.status == 201:
                acknowledged.append(answer.json()["id"])
    client.close()


def wait_for(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not there():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def states(app: Flask, ids: list[int]) -> Counter[str]:
    with app.app_context():
        return Counter(db.session.scalars(select(Booking.state).where(Booking.id.in_(ids))))


def done_per_item(app: Flask, ids: list[int]) -> Counter[tuple[int, ...]]:
    """How often each booking was started, completed, charged, and its end told."""
    with app.app_context():
        counted = [
            Counter(db.session.scalars(select(column).where(*where)))
            for column, where in (
                (History.booking_id, (History.to_state == "active",)),
                (History.booking_id, (History.to_state == "completed",)),
                (LedgerEntry.booking_id, (LedgerEntry.kind == "charge",)),
                (OutboxItem.booking_id, (OutboxItem.destination == "notices", OutboxItem.event == "completed")),
            )
        ]
    return Counter(tuple(times[booking_id] for times in counted) for booking_id in ids)
