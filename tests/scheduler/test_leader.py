"""The lead: one at most holds it, and it ends with its holder."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from booking.db import db
from booking.scheduler.leader import Lead, lead_of


@pytest.fixture
def contender(app: Flask) -> Iterator[Callable[[], Lead]]:
    """Makes contenders for the lead on the test's database."""
    leads: list[Lead] = []
    with app.app_context():
        url = db.engine.url

    def contend() -> Lead:
        leads.append(lead_of(url))
        return leads[-1]

    yield contend
    for lead in leads:
        lead.release()


def test_one_leads_until_it_lets_go(contender: Callable[[], Lead]):
    first, second, third = contender(), contender(), contender()

    assert [first.hold(), second.hold(), third.hold()] == [True, False, False]
    assert [second.hold(), first.hold(), third.hold()] == [False, True, False]

    first.release()
    assert [third.hold(), second.hold(), first.hold()] == [True, False, False]


def test_a_lead_that_was_held_for_long_ends_at_once(contender: Callable[[], Lead]):
    first, second = contender(), contender()
    for _ in range(5):
        assert first.hold()

    first.release()

    assert second.hold()


def test_letting_go_twice_or_without_a_lead_is_nothing(contender: Callable[[], Lead]):
    first, second = contender(), contender()
    first.hold()

    second.release()
    second.release()

    assert first.hold()
    assert not second.hold()


def hold_and_wait(url: str, pipe: Connection) -> None:
    lead = lead_of(make_url(url))
    pipe.send(lead.hold())
    signal.pause()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_holder_is_followed_within_a_second(app: Flask, contender: Callable[[], Lead], how: signal.Signals):
    ours, theirs = get_context("forkserver").Pipe()
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    holder = get_context("forkserver").Process(target=hold_and_wait, args=(url, theirs))
    holder.start()
    assert ours.recv(), "it holds the lead"
    heir = contender()
    assert not heir.hold()

    os.kill(holder.pid, how)
    killed = time.monotonic()
    while not heir.hold():
        assert time.monotonic() - killed < 1
    holder.join()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_lead_whose_connection_was_cut_is_lost_and_can_be_won_again(app: Flask, contender: Callable[[], Lead]):
    first, second = contender(), contender()
    assert first.hold()
    with app.app_context():
        holders = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        db.session.execute(text(holders))
        db.session.rollback()

    with pytest.raises(SQLAlchemyError):
        first.hold()
    assert second.hold()
    assert not first.hold()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_lead_whose_file_was_removed_is_lost(app: Flask, contender: Callable[[], Lead]):
    first, second = contender(), contender()
    assert first.hold()
    with app.app_context():
        Path(f"{db.engine.url.database}.scheduler.lock").unlink()

    assert second.hold()
    assert not first.hold()


def test_a_database_in_memory_has_no_lead():
    with pytest.raises(ValueError, match="memory"):
        lead_of(make_url("sqlite://"))
