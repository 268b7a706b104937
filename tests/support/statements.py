"""Counts what is asked of the database, so that a page's number of questions can be stated."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from booking.db import db


@contextmanager
def counted_statements(app: Flask) -> Iterator[list[str]]:
    """The statements that run meanwhile, as they are sent."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):  # SQLite's begin is a statement to the driver, PostgreSQL's is not
            found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
