"""Browser tests run on one database: what a page does with either is tested without a browser."""

from pathlib import Path

import pytest

from tests.support.databases import PostgresqlDatabases, SqliteFiles


@pytest.fixture
def database_url(sources: dict[str, SqliteFiles | PostgresqlDatabases], tmp_path: Path) -> str:
    """A SQLite file of the test's own; a module that needs both defines a fixture of this name."""
    return sources["sqlite"].fresh(tmp_path)
