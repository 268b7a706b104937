"""Two schedulers at once, as after a lead that was lost unnoticed: every item is done once all the same."""

from collections import Counter

from flask import Flask
from sqlalchemy import select

from booking import scheduler
from booking.db import db
from booking.domain.windows import Window
from booking.models.bookings import Booking, History
from booking.models.grants import LedgerEntry
from booking.models.outbox import OutboxItem
from booking.services.bookings import request_booking
from tests.domain.examples import at
from tests.support.mail import MailServer
from tests.support.processes import application, meet, together
from tests.support.world import World, build_world

EACH = 6


def run_all(database_url: str, smtp_url: str) -> int:
    with application(database_url, smtp_url) as app:
        meet()
        runs = scheduler.run_once(app, at(12))
        assert not [error for run in runs for error in run.errors]
        return sum(run.items for run in runs)


def test_two_schedulers_at_once_do_each_item_once(app: Flask, database_url: str, smtp_server: MailServer):
    world = build_world(app, policy={"check_in_minutes": 15}, seats=2 * EACH)
    with app.app_context():
        ended = [_book(world, Window(at(9), at(11)), seats=1) for _ in range(EACH)]
        running = [_book(world, Window(at(11), at(20)), seats=1) for _ in range(EACH)]
        missed = [_book(world, Window(at(10), at(14)), units=2) for _ in range(EACH)]

    together(run_all, database_url, smtp_server.url)

    with app.app_context():
        states = {row.id: row.state for row in db.session.scalars(select(Booking))}
        assert {states[each] for each in ended} == {"completed"}
        assert {states[each] for each in running} == {"active"}
        assert {states[each] for each in missed} == {"no_show"}
        moves = Counter((row.booking_id, row.to_state) for row in db.session.scalars(select(History)))
        assert set(moves.values()) == {1}
        settled = select(LedgerEntry).where(LedgerEntry.kind.in_(("charge", "release")))
        entries = Counter((row.booking_id, row.kind) for row in db.session.scalars(settled))
        assert set(entries.values()) == {1}
        told = Counter((row.destination, row.subject, row.event) for row in db.session.scalars(select(OutboxItem)))
        assert set(told.values()) == {1}
    assert set(Counter(message["Message-ID"] for message in smtp_server.messages).values()) == {1}


def _book(world: World, window: Window, *, units: int = 0, seats: int = 0) -> int:
    order = world.order(window, units, seats=seats)
    return request_booking(order, actor=world.lead, now=at(8)).id
