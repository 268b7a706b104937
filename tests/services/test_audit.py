"""The audit log grows as one chain, whoever writes at once."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from booking.changes import audit
from booking.db import db, transaction
from booking.domain.organisations import NewOrganisation, OrganisationKind
from booking.services.audit import verify_log
from booking.services.organisations import create_organisation
from tests.support.lives import NOW
from tests.support.processes import application, meet, together
from tests.support.world import World, build_world

TIMES = 5


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    world = build_world(app)
    with app.app_context():
        yield world


def note(by: str) -> None:
    with transaction() as session:
        audit.record(session.connection(), by=by, act="test.note", subject="test:1", details={"值": [1, None]}, now=NOW)


def test_what_is_noted_is_chained(world: World):
    new = NewOrganisation("Uni", "uni", OrganisationKind.UNIVERSITY, "Beijing")
    create_organisation(new, actor=world.admin, now=NOW)
    note("a@example.org")

    found = verify_log()

    assert (found.is_whole, found.head.entries) == (True, 2)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_entries SET details = '{}' WHERE id = 2", (2, False)),
        ("DELETE FROM audit_entries WHERE id = 2", (3, False)),
        ("DELETE FROM audit_entries WHERE id = 3", (None, True)),
        ("UPDATE audit_heads SET entries = 2", (None, True)),
        ("DELETE FROM audit_heads", (None, True)),
    ],
)
def test_what_is_done_behind_the_products_back_shows(world: World, statement: str, said: tuple[int | None, bool]):
    for _ in range(3):
        note("a@example.org")
    with transaction() as session:
        session.execute(text(statement))

    found = verify_log()

    assert (found.broken, found.cut) == said


def write(database_url: str) -> int:
    with application(database_url):
        meet()
        for _ in range(TIMES):
            note("a@example.org")
    return TIMES


def test_processes_that_note_at_once_make_one_chain(world: World, database_url: str):
    written = sum(together(write, database_url))

    db.session.rollback()
    found = verify_log()
    assert (found.is_whole, found.head.entries) == (True, written)
