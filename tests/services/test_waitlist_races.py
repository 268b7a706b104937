"""Many at once where somebody waits: what is freed is his, and is offered once."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.domain.waitlist import EntryState, Wish
from booking.domain.windows import Window, ceil_to_grid
from booking.models.bookings import Booking
from booking.models.waitlist import WaitlistEntry
from booking.services.booking_moves import accept_booking, cancel_booking
from booking.services.bookings import request_booking
from booking.services.fsck import check_rules
from booking.services.waitlist import join_waitlist, serve_due
from tests.support import waiting
from tests.support.api import body, text
from tests.support.lives import NOW, at
from tests.support.load import Answer, Client, at_once
from tests.support.processes import application, meet, together
from tests.support.web_server import WebServer
from tests.support.world import World, build_world

Servers = Callable[..., WebServer]
HOUR = timedelta(hours=1)
SHORT = {"newcomers": 16, "rounds": 3}
LONG = {"newcomers": 64, "rounds": 200}


def test_a_freed_unit_goes_to_who_waits_and_never_to_one_of_many_newcomers(app: Flask, live_server: Servers) -> None:
    race_for_a_freed_unit(app, live_server, **SHORT)


@pytest.mark.prove
def test_a_freed_unit_goes_to_who_waits_in_two_hundred_rounds(app: Flask, live_server: Servers) -> None:
    race_for_a_freed_unit(app, live_server, **LONG)


def race_for_a_freed_unit(app: Flask, live_server: Servers, *, newcomers: int, rounds: int) -> None:
    world = build_world(app, units=1)
    server = live_server(workers=2, API_RATE_LIMIT="")
    with ExitStack() as stack, app.app_context():
        clients = [
            stack.enter_context(closing(Client(server.url, world.tokens[("lead", "rival")[number % 2]])))
            for number in range(newcomers + 1)
        ]
        for turn in range(rounds):
            start = ceil_to_grid(clock.now(), 60) + timedelta(days=1) + turn * HOUR
            booked, entry_id = _waited_for(world, Window(start, start + HOUR))
            cancel = partial(clients[-1].send, clients[-1].prepared("POST", f"/api/v1/bookings/{booked}/cancel"))
            asked = [partial(one.send, one.prepared("POST", "/api/v1/bookings", _body(number, start)))
                     for number, one in enumerate(clients[:-1])]  # fmt: skip
            cancelled, *answers = at_once([cancel, *asked])
            assert isinstance(cancelled, Answer)
            assert cancelled.status == 200
            assert {one.status for one in answers if isinstance(one, Answer)} == {409}
            serve_due(clock.now())
            assert waiting.entry(entry_id).state is EntryState.OFFERED
            # One of a team's few places on the list is free again for the next round.
            accept_booking(waiting.offer_of(entry_id).id, actor=world.rival, now=clock.now())
        assert [str(one) for one in check_rules(clock.now()) if not one.is_kept] == []


def _waited_for(world: World, window: Window) -> tuple[int, int]:
    """Whoever sends the cancellation has booked the only unit of an hour for which the team waits."""
    now = datetime.now(UTC)
    order = world.order(window, 1, team=world.team)
    booked = request_booking(order, actor=world.lead, now=now)
    wish = Wish(world.rival_team, 1, window.seconds, window.seconds, window, resource_id=world.pool, purpose="race")
    entry = join_waitlist(wish, actor=world.rival, now=now)
    assert entry.state is EntryState.WAITING
    return booked.id, entry.id


def _body(number: int, start: datetime) -> dict[str, Any]:
    team = (World.TEAM, World.RIVAL_TEAM)[number % 2]
    return body((World.POOL, 1), team=team, start=start, ends_at=text(start + HOUR))


def serve_the_list(database_url: str) -> list[str]:
    with application(database_url):
        meet()
        return list(serve_due(NOW).errors)


def test_two_processes_that_serve_one_list_make_each_offer_once(app: Flask, database_url: str) -> None:
    world = build_world(app, units=8, other_units=8)
    with app.app_context():
        taken = waiting.take(world, 24, 26)
        entries = [waiting.join(world, units, team_id=world.rival_team).id for units in (3, 2, 1, 8)]
        entries.append(waiting.join(world, 2).id)
        cancel_booking(taken.id, actor=world.lead, now=at(1))

    assert together(serve_the_list, database_url) == [[], []]

    with app.app_context():
        offers = db.session.execute(select(Booking.id, WaitlistEntry.id).outerjoin(
            WaitlistEntry, WaitlistEntry.booking_id == Booking.id).where(Booking.state == "offered")).all()  # fmt: skip
        assert sorted(entry_id for _, entry_id in offers) == [entries[0], entries[1], entries[2], entries[4]]
        assert [str(one) for one in check_rules(at(1)) if not one.is_kept] == []
