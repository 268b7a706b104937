"""Transactions and locks: each trap of the two engines, sprung."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from booking.db import db, transaction
from booking.models.audit import AuditEntry
from booking.models.resources import Resource
from booking.queries.resources import lock_resources
from tests.support.world import build_world

NOW = datetime(2026, 12, 1, tzinfo=UTC)
THREADS, TIMES = 8, 25


def entry(by: str) -> AuditEntry:
    """An entry that is in no chain."""
    return AuditEntry(at=NOW, by=by, act="test", subject="test", details={}, previous="", hash=uuid.uuid4().hex)


def names(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry.by).order_by(AuditEntry.id)))


def test_what_raises_inside_a_transaction_leaves_nothing(app: Flask) -> None:
    def fail() -> None:
        with transaction() as session:
            session.add(entry("lost"))
            session.flush()
            raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        fail()
    assert names(app) == []


def test_transactions_do_not_nest(app: Flask) -> None:
    with app.app_context(), transaction(), pytest.raises(RuntimeError, match="already under way"), transaction():
        raise AssertionError("a unit of work began inside another")


def test_a_naive_instant_does_not_reach_the_database(app: Flask) -> None:
    naive = insert(AuditEntry).values(
        at=NOW.replace(tzinfo=None), by="x", act="x", subject="x", details={}, previous="", hash="x"
    )
    with app.app_context(), pytest.raises(StatementError, match="naive datetime"), transaction() as session:
        session.execute(naive)


def test_an_instant_comes_back_in_utc_whatever_zone_it_went_in(app: Flask) -> None:
    from_shanghai = datetime.fromisoformat("2026-12-01T08:00:00+08:00")
    with app.app_context(), transaction() as session:
        session.add(AuditEntry(at=from_shanghai, by="x", act="x", subject="x", details={}, previous="", hash="x"))
    with app.app_context():
        stored = db.session.scalars(select(AuditEntry.at)).one()
        assert (stored, stored.tzinfo) == (NOW, UTC)


def test_a_read_before_a_write_does_not_freeze_what_the_write_sees(app: Flask) -> None:
    """A deferred transaction of SQLite that has read an older state can never write: "database is locked"."""
    with app.app_context():
        assert db.session.scalars(select(AuditEntry)).all() == []  # a read transaction is open from here on

        other = threading.Thread(target=write, args=(app, "other"))
        other.start()
        other.join()

        with transaction() as session:
            assert session.scalars(select(AuditEntry.by)).all() == ["other"]
            session.add(entry("own"))
    assert names(app) == ["other", "own"]


def write(app: Flask, by: str) -> None:
    with app.app_context(), transaction() as session:
        session.add(entry(by))


def test_many_writing_threads_all_get_their_turn(app: Flask) -> None:
    errors: list[BaseException] = []

    def work(by: str) -> None:
        try:
            for _ in range(TIMES):
                write(app, by)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(names(app)) == THREADS * TIMES


def test_who_waited_for_a_lock_reads_what_was_written_before_it(app: Flask) -> None:
    """The lock is a statement of its own: what is read after it is from after the wait."""
    world = build_world(app)
    seen: list[str] = []
    locked, waiting = threading.Event(), threading.Event()

    def second() -> None:
        locked.wait()
        waiting.set()
        with app.app_context(), transaction() as session:
            seen.append(lock_resources(session.connection(), [world.pool])[0].name)

    thread = threading.Thread(target=second)
    thread.start()
    with app.app_context(), transaction() as session:
        lock_resources(session.connection(), [world.pool])
        locked.set()
        waiting.wait()
        session.execute(update(Resource).where(Resource.id == world.pool).values(name="renamed"))
    thread.join()
    assert seen == ["renamed"]


def test_locks_are_taken_in_the_order_of_the_ids_however_they_are_named(app: Flask) -> None:
    world = build_world(app)
    with app.app_context(), transaction() as session:
        rows = lock_resources(session.connection(), [world.dataset, world.pool, world.other_pool, world.pool])
        assert [row.id for row in rows] == sorted({world.dataset, world.pool, world.other_pool})


def test_overspending_is_forbidden_by_the_database_too(app: Flask) -> None:
    world = build_world(app)
    with app.app_context(), pytest.raises(IntegrityError, match="never_overspent"), transaction() as session:
        session.execute(text("UPDATE grants SET held = amount + 1 WHERE id = :id"), {"id": world.pool_grant})


def test_a_window_that_ends_before_its_start_is_forbidden_by_the_database_too(app: Flask) -> None:
    world = build_world(app)
    with app.app_context(), pytest.raises(IntegrityError, match="window"), transaction() as session:
        session.execute(
            text(
                "INSERT INTO bookings (team_id, state, starts_at, ends_at, purpose, version, unit_seconds, created_at)"
                " VALUES (:team, 'confirmed', :late, :early, '', 1, 1, :early)"
            ),
            {"team": world.team, "late": NOW + timedelta(hours=1), "early": NOW},
        )
