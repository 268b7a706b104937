"""Booking and finding on the command line: what is printed can be run."""

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from click.testing import Result
from flask import Flask

from booking.db import db
from booking.queries.bookings import find_booking
from tests.support.commands import run
from tests.support.world import World, build_world

BOOK = "--team team --resource north-a100=8 --start 2026-03-03T00:00:00Z --hours 2 --purpose training"


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """On the Monday before the window that is asked for."""
    with time_machine.travel(datetime(2026, 3, 2, 8, tzinfo=UTC), tick=False):
        yield build_world(app)


def book(app: Flask, options: str, status: int = 0) -> Result:
    return run(app, "book", *shlex.split(options), status=status)


def test_a_booking_is_made_for_the_team_by_its_lead_and_its_id_is_printed_alone(app: Flask, world: World) -> None:
    printed = book(app, BOOK + " --resource north-radar=1").stdout
    with app.app_context(), db.engine.connect() as connection:
        booking = find_booking(connection, int(printed))
    assert (booking.team, booking.created_by) == (World.TEAM, world.lead.user_id)
    assert {claim.resource: claim.units for claim in booking.claims} == {World.POOL: 8, World.DATASET: 1}


def test_somebody_else_can_be_named(app: Flask, world: World) -> None:
    printed = book(app, BOOK + " --as MEMBER@example.org").stdout
    with app.app_context(), db.engine.connect() as connection:
        assert find_booking(connection, int(printed)).created_by == world.member.user_id
    assert "not_a_member" in book(app, BOOK + " --as rival@example.org", 1).stderr


def test_a_dry_run_books_nothing(app: Flask, world: World) -> None:
    assert "16 hours of quota" in book(app, BOOK + " --dry-run").stdout
    assert book(app, BOOK).stdout == "1\n"


def test_a_refusal_says_every_reason_with_numbers_and_what_can_be_run_instead(app: Flask, world: World) -> None:
    book(app, BOOK.replace("=8", "=60"))
    wanted = BOOK.replace("=8", "=8 --as lead@example.org").replace("--hours 2", "--end 2026-03-03T02:00:00Z")
    refused = book(app, wanted, 1)
    assert refused.stdout == ""
    reason, *alternatives = refused.stderr.splitlines()
    assert reason.startswith("capacity_exceeded: north-a100 has 4 units free at 2026-03-03T00:00:00Z")
    lines = dict(line.split(": ", 1) for line in alternatives)
    assert lines.keys() == {"earliest", "fewer_units"}
    for line in lines.values():
        assert line.startswith("flask --app wsgi book ")
        assert "--as lead@example.org" in line
        book(app, line.removeprefix("flask --app wsgi book "))


WRONG = [
    ("--team team", "--team nobody", 1, "no such team"),
    ("north-a100", "nothing", 1, "no such resource"),
    ("=8", "=0", 2, "north-a100=0"),
    ("=8", "=8 --resource north-a100=1", 2, "twice"),
    ("--hours 2", "", 2, "either --hours or --end"),
    ("--hours 2", "--hours NaN", 2, "NaN"),
    ("--hours 2", "--end 2026-03-02T00:00:00Z", 2, "not after the start"),
    ("00:00Z", "00:00", 2, "no zone"),
    ("--purpose", "--as nobody@example.org --purpose", 1, "no active account"),
]


def test_what_cannot_be_meant_is_said(app: Flask, world: World) -> None:
    for old, new, status, said in WRONG:
        assert said in book(app, BOOK.replace(old, new), status).stderr
