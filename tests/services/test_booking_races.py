"""Several who move one booking at once, in processes of their own: one wins, the others hear that it is too late."""

import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask

from booking.domain.bookings import Booking
from booking.domain.lifecycle import State
from booking.domain.permissions import Actor
from booking.domain.windows import Window
from booking.services import due_bookings
from booking.services.bookings import request_booking
from tests.support.api import body, text
from tests.support.lives import check, entries, found
from tests.support.load import Answer, Client, at_once
from tests.support.web_server import WebServer
from tests.support.world import World, build_world

ROUNDS = 8
WON = {"approve": State.CONFIRMED, "decline": State.DECLINED, "cancel": State.CANCELLED}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app, policy={"auto_approve_unit_hours": 0})


def waiting(world: World) -> Booking:
    """A booking that waits for its owner, by the clock on the wall, which the servers read."""
    return _booked(world, world.lead, world.team, _tomorrow(), 8)


def test_of_approve_decline_and_cancel_at_once_one_wins(
    app: Flask, world: World, live_server: Callable[..., WebServer]
) -> None:
    server = live_server(workers=2)
    people = {"approve": "operator", "decline": "operator", "cancel": "lead"}
    with ExitStack() as stack, app.app_context():
        clients = {
            verb: stack.enter_context(closing(Client(server.url, world.tokens[who]))) for verb, who in people.items()
        }
        for _ in range(ROUNDS):
            booking = waiting(world)
            asked = {verb: client.prepared("POST", _path(booking, verb)) for verb, client in clients.items()}
            answers = dict(zip(clients, at_once([partial(clients[v].send, asked[v]) for v in clients]), strict=True))
            _one_won(booking, answers)
        check()


def test_of_the_clock_and_a_cancellation_at_once_one_wins(
    app: Flask, world: World, live_server: Callable[..., WebServer]
) -> None:
    server = live_server()
    with closing(Client(server.url, world.tokens["lead"])) as client, app.app_context():
        for _ in range(ROUNDS):
            booking = waiting(world)
            expiry = threading.Thread(target=_expire, args=(app, booking.hold_until))
            cancel = client.prepared("POST", _path(booking, "cancel"))
            expiry.start()
            answer = client.send(cancel)
            expiry.join()
            won = State.CANCELLED if answer.status == 200 else State.EXPIRED
            assert (found(booking.id).state, answer.status) == (won, 200 if won is State.CANCELLED else 409)
            assert entries(booking.id) == [("hold", 16), ("release", 16)]
        check()


def test_of_two_extensions_into_one_gap_one_wins(app: Flask, live_server: Callable[..., WebServer]) -> None:
    world = build_world(app, units=8)
    server = live_server(workers=2)
    with ExitStack() as stack, app.app_context():
        lead, rival = (stack.enter_context(closing(Client(server.url, world.tokens[who]))) for who in ("lead", "rival"))
        for day in range(1, ROUNDS + 1):
            start = _tomorrow() + timedelta(days=day)
            first = _booked(world, world.lead, world.team, start, 8)
            last = _booked(world, world.rival, world.rival_team, start + timedelta(hours=4), 8)
            asked = [
                lead.prepared("PATCH", _path(first), {"ends_at": text(start + timedelta(hours=3))}, If_Match='"1"'),
                rival.prepared("PATCH", _path(last), {"starts_at": text(start + timedelta(hours=2))}, If_Match='"1"'),
            ]
            answers = at_once([partial(lead.send, asked[0]), partial(rival.send, asked[1])])
            assert sorted(answer.status for answer in answers if isinstance(answer, Answer)) == [200, 409]
        check()


def test_claims_in_opposite_order_neither_wait_for_each_other_nor_book_by_halves(
    app: Flask, live_server: Callable[..., WebServer]
) -> None:
    world = build_world(app, units=1, other_units=1)
    server = live_server(workers=2)
    with ExitStack() as stack, app.app_context():
        clients = [stack.enter_context(closing(Client(server.url, world.tokens["lead"]))) for _ in range(8)]
        for day in range(1, ROUNDS + 1):
            start = _tomorrow() + timedelta(days=day)
            asked = [
                client.prepared("POST", "/api/v1/bookings", _both(start, backwards=bool(number % 2)))
                for number, client in enumerate(clients)
            ]
            answers = at_once([partial(client.send, one) for client, one in zip(clients, asked, strict=True)])
            statuses = sorted(answer.status for answer in answers if isinstance(answer, Answer))
            assert statuses == [201] + [409] * 7
        check()


def _both(start: datetime, *, backwards: bool) -> dict[str, object]:
    claims = [(World.POOL, 1), (World.OTHER_POOL, 1)]
    return body(*(claims[::-1] if backwards else claims), start=start)


def _booked(world: World, actor: Actor, team: int, start: datetime, units: int) -> Booking:
    order = world.order(Window(start, start + timedelta(hours=2)), units, team=team)
    return request_booking(order, actor=actor, now=datetime.now(UTC))


def _tomorrow() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)


def _expire(app: Flask, at: datetime) -> None:
    with app.app_context():
        due_bookings.expire_due(at)


def _path(booking: Booking, verb: str = "") -> str:
    return f"/api/v1/bookings/{booking.id}" + (f"/{verb}" if verb else "")


def _one_won(booking: Booking, answers: dict[str, Answer | ConnectionError]) -> None:
    """A cancellation may follow an approval; all else excludes each other."""
    statuses = {verb: answer.status for verb, answer in answers.items() if isinstance(answer, Answer)}
    winners = {verb for verb, status in statuses.items() if status == 200}
    assert winners in ({"approve"}, {"decline"}, {"cancel"}, {"approve", "cancel"}), statuses
    assert all(status in (200, 409) for status in statuses.values()), statuses
    after = found(booking.id)
    assert after.state is (State.CANCELLED if "cancel" in winners else WON[next(iter(winners))])
    assert len(after.history) == 1 + len(winners)
    released = [("hold", 16)] if after.state is State.CONFIRMED else [("hold", 16), ("release", 16)]
    assert entries(booking.id) == released
