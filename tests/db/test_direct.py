"""The hot path's way to the database does what the ordinary way does, sooner."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from booking.changes.steps import UPSERT
from booking.db import db, direct, quick_transaction, transaction
from booking.models.audit import AuditEntry
from booking.models.capacity import HeldStep
from booking.models.resources import Resource
from booking.models.users import User
from booking.queries.capacity import HELD
from booking.queries.resources import READ
from tests.support.world import build_world

HOUR = timedelta(hours=1)
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
ADD = insert(AuditEntry).inline()
RENAME = update(AuditEntry).where(AuditEntry.by == bindparam("who")).values(act="renamed")
BY = select(AuditEntry.id, AuditEntry.at, AuditEntry.by, AuditEntry.details, AuditEntry.act).order_by(AuditEntry.id)
NAMED = BY.where(AuditEntry.by.in_(bindparam("names", expanding=True)), AuditEntry.at >= bindparam("since"))
EVERYTHING = delete(AuditEntry).where(AuditEntry.id > bindparam("id_above"))
OWN_PROCESS = select(func.pg_backend_pid().label("pid"))
INCOMPLETE = insert(User).inline()


def row(by: str) -> dict[str, object]:
    """An entry that is in no chain."""
    words = {"at": AT, "by": by, "act": "made", "subject": "x", "details": {"number": 1}}
    return words | {"previous": "", "hash": uuid.uuid4().hex}


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_rows_are_what_the_ordinary_way_answers(app: Flask) -> None:
    build_world(app)
    with app.app_context():
        with db.engine.connect() as ordinary:
            expected = [tuple(row) for row in ordinary.execute(READ, {"ids": [1, 2, 3]})]
        with direct.one_question(db.engine) as connection:
            found = connection.execute(READ, {"ids": [1, 2, 3]}).all()
    assert expected
    assert [tuple(row) for row in found] == expected
    assert found[0].slug == expected[0][3]


def test_what_is_written_is_read_back_with_its_types_for_any_number_of_rows(app: Flask) -> None:
    with app.app_context():
        with quick_transaction() as connection:
            connection.execute(ADD, [row("one")])
            connection.execute(ADD, [row("two"), row("three")])
            connection.execute(RENAME, {"who": "two"})
        with direct.one_question(db.engine) as connection:
            found = connection.execute(NAMED, {"names": ["two", "three"], "since": AT}).all()
            alone = connection.scalars(NAMED, {"names": ["one"], "since": AT})
    assert [(one.by, one.act, one.at, one.details) for one in found] == [
        ("two", "renamed", AT, {"number": 1}),
        ("three", "made", AT, {"number": 1}),
    ]
    assert len(alone) == 1


def test_many_rows_by_one_call_are_all_written_once_and_in_their_order(app: Flask) -> None:
    names = [f"row {number}" for number in range(100)]
    with app.app_context():
        with quick_transaction() as connection:
            connection.execute(ADD, [row(name) for name in names])
        with direct.one_question(db.engine) as connection:
            found = connection.execute(NAMED, {"names": names, "since": AT}).all()
    assert [(one.by, one.at, one.details) for one in found] == [(name, AT, {"number": 1}) for name in names]


def test_many_rows_take_the_place_of_those_that_are_there(app: Flask) -> None:
    world = build_world(app)
    with app.app_context():
        upsert = UPSERT[db.engine.dialect.name]
        for level in (1, 2):
            with quick_transaction() as connection:
                steps = [{"of": world.pool, "since": AT + timedelta(hours=n), "level": level + n} for n in range(50)]
                connection.execute(upsert, steps)
        held = db.session.scalars(select(HeldStep.held).order_by(HeldStep.at)).all()
    assert held == [2 + n for n in range(50)]


def test_a_later_write_to_a_table_meets_what_an_earlier_one_wrote_there(app: Flask) -> None:
    world = build_world(app)
    with app.app_context():
        with quick_transaction() as connection:
            connection.execute(ADD, [row("one"), row("two")])
            connection.execute(UPSERT[db.engine.dialect.name], [{"of": world.pool, "since": AT, "level": 3}])
            connection.execute(RENAME, [{"who": "one"}, {"who": "two"}])
            connection.execute(EVERYTHING, {"id_above": 1})
        found = db.session.execute(select(AuditEntry.by, AuditEntry.act)).all()
        held = db.session.scalars(select(HeldStep.held)).all()
    assert [tuple(one) for one in found] == [("one", "renamed")]
    assert held == [3]


def test_no_list_changes_a_row_twice_where_the_second_change_would_be_lost(app: Flask) -> None:
    def twice() -> None:
        with quick_transaction() as connection:
            connection.execute(RENAME, [{"who": "one"}, {"who": "one"}])

    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            return  # one row after the other
        with pytest.raises(ValueError, match="audit_entries twice"):
            twice()


def test_an_error_undoes_the_whole_unit_of_work(app: Flask) -> None:
    def fail() -> None:
        with quick_transaction() as connection:
            connection.execute(ADD, [row("lost")])
            raise RuntimeError("on the way")

    with app.app_context(), pytest.raises(RuntimeError):
        fail()
    assert count(app) == 0


def test_what_the_database_forbids_is_the_ordinary_error_and_the_connection_goes_on(app: Flask) -> None:
    world = build_world(app)
    no_grid = update(Resource).where(Resource.id == bindparam("of")).values(grid_minutes=bindparam("minutes"))

    def overstep() -> None:
        with quick_transaction() as connection:
            connection.execute(ADD, [row("lost")])
            connection.execute(no_grid, {"of": world.pool, "minutes": 0})

    with app.app_context():
        for _ in range(3):
            with pytest.raises(IntegrityError, match="grid"):
                overstep()
        with quick_transaction() as connection:
            connection.execute(ADD, [row("kept")])
    assert count(app) == 1


def test_answers_that_were_sent_for_ahead_are_not_sent_for_again_and_may_be_taken_in_any_order(app: Flask) -> None:
    with app.app_context(), quick_transaction() as connection:
        connection.execute(ADD, [row("one"), row("two")])
        first, second = {"names": ["one"], "since": AT}, {"names": ["two"], "since": AT}
        direct.send_ahead(connection, [(NAMED, first), (NAMED, second)])
        connection.execute(EVERYTHING, {"id_above": 0})
        assert [one.by for one in connection.execute(NAMED, second)] == ["two"]
        assert [one.by for one in connection.execute(NAMED, first)] == ["one"]
        assert connection.execute(NAMED, first).all() == []
    assert count(app) == 0


def test_one_question_for_many_rows_answers_each_with_its_own_in_order(app: Flask) -> None:
    world = build_world(app)
    asked = [{"resource_id": pool, "since": AT, "until": AT + HOUR} for pool in (world.pool, 0, world.other_pool)]
    levels = [{"of": pool, "since": AT + n * HOUR / 8, "level": n} for pool in (1, 2) for n in range(20)]
    with app.app_context(), quick_transaction() as connection:
        connection.execute(UPSERT[db.engine.dialect.name], levels)
        direct.send_ahead(connection, [(HELD, parameters) for parameters in asked])
        found = [[(one.at, one.held) for one in connection.execute(HELD, parameters)] for parameters in asked]
    own = [(AT + n * HOUR / 8, n) for n in range(9)]
    assert found == [own, [], own]


def test_an_instant_without_a_zone_is_not_written(app: Flask) -> None:
    with (
        app.app_context(),
        pytest.raises((ValueError, StatementError), match="naive"),
        quick_transaction() as connection,
    ):
        connection.execute(ADD, [row("one") | {"at": AT.replace(tzinfo=None)}])


def test_a_column_with_a_default_must_be_said(app: Flask) -> None:
    incomplete = {"email": "a@example.org", "name": "a", "password_hash": "", "session_key": "", "created_at": AT}
    with app.app_context(), pytest.raises(ValueError, match="default"), quick_transaction() as connection:
        connection.execute(INCOMPLETE, [incomplete])


def test_units_of_work_do_not_nest_whichever_way_they_go(app: Flask) -> None:
    with app.app_context():
        with transaction(), pytest.raises(RuntimeError, match="already under way"), quick_transaction():
            pass
        with quick_transaction(), pytest.raises(RuntimeError, match="already under way"), transaction():
            pass


def write_on_a_closed_connection() -> None:
    with quick_transaction() as connection:
        (own,) = connection.scalars(OWN_PROCESS, {})
        with db.engine.connect() as other:
            other.execute(select(func.pg_terminate_backend(own, 5000)))
        connection.execute(ADD, [row("lost")])


def test_a_connection_that_the_server_has_closed_is_an_ordinary_error_and_the_next_is_whole(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            return  # a file closes no connections
        with pytest.raises(DBAPIError) as failed:
            write_on_a_closed_connection()
        assert failed.value.connection_invalidated
        with quick_transaction() as connection:
            connection.execute(ADD, [row("kept")])
    assert count(app) == 1
