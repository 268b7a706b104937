"""The outbox with several processes, killed ones among them, and a real mail server."""

import os
import signal
from collections import Counter
from concurrent.futures.process import BrokenProcessPool

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.changes.outbox import row, tell_all
from booking.db import db, transaction
from booking.domain.notices import Letter
from booking.domain.outbox import LEASE
from booking.domain.windows import Window
from booking.models.outbox import OutboxItem
from booking.services.bookings import request_booking
from booking.services.outbox import address_notices, deliver_due
from tests.domain.examples import at
from tests.support.mail import MailServer
from tests.support.processes import application, meet, together
from tests.support.world import build_world

LETTERS = 24


def write_letters(number: int) -> None:
    """Two letters about each of several bookings, so that order matters as well."""
    with transaction() as session:
        rows = [
            row(f"mail:reader{letter % 4}@example.org", f"booking:{letter // 2}", "changed",
                {"audience": "member", "reason": str(letter)}, now=clock.now())
            for letter in range(number)
        ]  # fmt: skip
        tell_all(session.connection(), rows)


def deliver(database_url: str, smtp_url: str) -> int:
    with application(database_url, smtp_url) as app:
        meet()
        return deliver_due(clock.now(), mail=app.extensions["booking.connectors"]["mail"]).items


def test_two_processes_that_deliver_at_once_send_each_letter_once(
    app: Flask, database_url: str, smtp_server: MailServer
):
    with app.app_context():
        write_letters(LETTERS)

    shares = together(deliver, database_url, smtp_server.url)

    assert sum(shares) == LETTERS
    assert min(shares) > 0, "both took part"
    assert set(Counter(message["Message-ID"] for message in smtp_server.messages).values()) == {1}


def send_and_die(database_url: str, smtp_url: str) -> None:
    with application(database_url, smtp_url) as app:
        real = app.extensions["booking.connectors"]["mail"]

        class Dying:
            def send(self, letter: Letter) -> None:
                real.send(letter)
                os.kill(os.getpid(), signal.SIGKILL)

        deliver_due(clock.now(), mail=Dying())


def test_a_letter_whose_sender_was_killed_is_sent_again_under_the_same_id(
    app: Flask, database_url: str, smtp_server: MailServer
):
    with app.app_context():
        write_letters(1)
    with pytest.raises(BrokenProcessPool):
        together(send_and_die, database_url, smtp_server.url, processes=1)

    with application(database_url, smtp_server.url) as heir:
        mail = heir.extensions["booking.connectors"]["mail"]
        assert deliver_due(clock.now(), mail=mail).items == 0, "the lease of the dead one holds"
        assert deliver_due(clock.now() + LEASE, mail=mail).items == 1
        assert deliver_due(clock.now() + 2 * LEASE, mail=mail).items == 0

    first, second = smtp_server.messages
    assert first["Message-ID"] == second["Message-ID"]


BOOKINGS = 20
EVENTS = ("changed", "displaced", "deadline_moved", "active", "revoked", "completed")


def address(database_url: str) -> int:
    with application(database_url):
        meet()
        return address_notices(at(9)).items


def test_two_processes_that_address_at_once_write_to_each_reader_once_and_in_order(app: Flask, database_url: str):
    world = build_world(app)
    with app.app_context():
        ids = [
            request_booking(world.order(Window(at(20 + hour), at(21 + hour)), 1), actor=world.lead, now=at(9)).id
            for hour in range(BOOKINGS)
        ]
        with transaction() as session:
            rows = [
                row("notices", f"booking:{booking_id}", event, {}, now=at(9), booking_id=booking_id)
                for event in EVENTS
                for booking_id in ids
            ]
            tell_all(session.connection(), rows)

    shares = together(address, database_url)

    assert sum(shares) == BOOKINGS * (1 + len(EVENTS))
    with app.app_context():
        for booking_id in ids:
            for reader in ("mail:lead@example.org", "mail:member@example.org"):
                assert _told(reader, f"booking:{booking_id}") == ["confirmed", *EVENTS]


def _told(destination: str, subject: str) -> list[str]:
    chosen = select(OutboxItem.event).filter_by(destination=destination, subject=subject).order_by(OutboxItem.id)
    return list(db.session.scalars(chosen))
