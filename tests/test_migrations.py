"""The migrations lead from nothing to exactly the tables that the code describes, on both databases."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, inspect

from booking import create_app
from booking.db import Base, db
from booking.services.audit import verify_log


@pytest.fixture
def bare_app(empty_database_url: str) -> Iterator[Flask]:
    """The application on a database without any table."""
    app = create_app({"DATABASE_URL": empty_database_url, "SECRET_KEY": "x", "TESTING": True})
    with app.app_context():
        yield app
        db.engine.dispose()


def test_from_an_empty_database_to_head_equals_the_models(bare_app: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_constraint_of_the_models_is_in_the_database_by_its_name(bare_app: Flask) -> None:
    upgrade()
    inspector = inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        said = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
        found = {check["name"] for check in inspector.get_check_constraints(table.name)}
        assert said == found, table.name


def test_down_again_leaves_nothing_behind(bare_app: Flask) -> None:
    upgrade()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version", "sqlite_sequence"}


def test_a_log_that_was_kept_before_there_was_a_chain_is_chained(bare_app: Flask) -> None:
    upgrade(revision="0001")
    kept = (
        "INSERT INTO audit_entries (at, by, act, subject, details)"
        " VALUES ('2026-03-02 08:00:00.250000', 'a@example.org', 'pool.create', 'pool:a', '{\"name\": \"北\"}')"
    )
    with db.engine.begin() as connection:
        for _ in range(2):
            connection.exec_driver_sql(kept)
    upgrade()

    found = verify_log()
    assert (found.is_whole, found.head.entries) == (True, 2)
