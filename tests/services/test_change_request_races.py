"""Several who ask for one gap, or answer one change request, in processes of their own: one wins, others hear 409."""

import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask

from booking.domain.bookings import Booking
from booking.domain.lifecycle import State
from booking.domain.orders import Claim
from booking.domain.permissions import Actor
from booking.domain.windows import Window
from booking.services.booking_edits import change_booking
from booking.services.bookings import request_booking
from booking.services.change_requests import expire_due
from tests.support.api import text
from tests.support.lives import check, entries, found
from tests.support.load import Answer, Client, at_once
from tests.support.web_server import WebServer
from tests.support.world import World, build_world

ROUNDS = 4
TWO, FOUR = timedelta(hours=2), timedelta(hours=4)


@pytest.fixture
def world(app: Flask) -> World:
    """Bookings of eight units over two hours are confirmed at once, one every other week; what is larger waits."""
    return build_world(app, units=8, policy={"auto_approve_unit_hours": 16, "horizon_days": None})


def confirmed(world: World, who: Actor, team: int, start: datetime) -> Booking:
    """Asked for long ago, so that each is under the threshold of its own week."""
    asked = datetime.now(UTC) - timedelta(days=8)
    booking = request_booking(world.order(Window(start, start + TWO), 8, team=team), actor=who, now=asked)
    assert booking.state is State.CONFIRMED
    return booking


def day(number: int) -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=number)


def confirmed_apart(world: World, number: int) -> Booking:
    asked = datetime.now(UTC) - timedelta(days=8 * (ROUNDS + 1 - number))
    order = world.order(Window(day(number), day(number) + TWO), 8)
    booking = request_booking(order, actor=world.lead, now=asked)
    assert booking.state is State.CONFIRMED
    return booking


def test_of_two_additions_into_one_gap_one_is_held(
    app: Flask, world: World, live_server: Callable[..., WebServer]
) -> None:
    server = live_server(workers=2)
    with ExitStack() as stack, app.app_context():
        lead, rival = (stack.enter_context(closing(Client(server.url, world.tokens[who]))) for who in ("lead", "rival"))
        first = confirmed(world, world.lead, world.team, day(1))
        last = confirmed(world, world.rival, world.rival_team, day(1) + FOUR)
        asked = [
            lead.prepared("PATCH", f"/api/v1/bookings/{first.id}", {"ends_at": text(day(1) + FOUR)}, If_Match='"1"'),
            rival.prepared("PATCH", f"/api/v1/bookings/{last.id}", {"starts_at": text(day(1) + TWO)}, If_Match='"1"'),
        ]
        answers = at_once([partial(lead.send, asked[0]), partial(rival.send, asked[1])])
        assert sorted(answer.status for answer in answers if isinstance(answer, Answer)) == [200, 409]
        assert [bool(found(one.id).change_request) for one in (first, last)].count(True) == 1
        check()


def test_of_approve_decline_withdraw_and_the_clock_at_once_one_wins(
    app: Flask, world: World, live_server: Callable[..., WebServer]
) -> None:
    server = live_server(workers=2)
    people = {"approve": "operator", "decline": "operator", "withdraw": "lead"}
    with ExitStack() as stack, app.app_context():
        clients = {v: stack.enter_context(closing(Client(server.url, world.tokens[who]))) for v, who in people.items()}
        for number in range(1, ROUNDS + 1):
            booking = confirmed_apart(world, number)
            longer = Window(booking.window.start, booking.window.end + TWO)
            request = change_booking(
                booking.id, window=longer, claims=(Claim(world.pool, 8),), actor=world.lead, now=datetime.now(UTC),
                version=1,
            ).change_request  # fmt: skip
            assert request is not None
            clock = threading.Thread(target=_expire, args=(app, request.hold_until))
            paths = {verb: f"/api/v1/change-requests/{request.id}/{verb}" for verb in clients}
            asked = {verb: client.prepared("POST", paths[verb]) for verb, client in clients.items()}
            clock.start()
            answers = at_once([partial(clients[verb].send, asked[verb]) for verb in clients])
            clock.join()
            statuses = [answer.status for answer in answers if isinstance(answer, Answer)]
            assert set(statuses) <= {200, 409}
            assert statuses.count(200) <= 1
            after = found(booking.id)
            is_grown = statuses[0] == 200
            assert (after.window, after.version) == ((longer, 2) if is_grown else (booking.window, 1))
            lines = [("hold", 16), ("hold", 16), ("release", 16)] + [("hold", 16)] * is_grown
            assert entries(booking.id) == lines
        check()


def _expire(app: Flask, at: datetime) -> None:
    with app.app_context():
        expire_due(at)
