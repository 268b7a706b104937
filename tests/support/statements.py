"""Counts what is asked of the database, so that a page's number of questions can be stated."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event

from booking.db import db
from booking.db.direct import Direct


@contextmanager
def counted_statements(app: Flask) -> Iterator[list[str]]:
    """The statements that run meanwhile, as they are sent, by the ordinary way and by the hot path's."""
    found: list[str] = []
    send = Direct._send

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):  # SQLite's begin is a statement to the driver, PostgreSQL's is not
            found.append(statement)

    def note_and_send(direct: Direct, statement: Any, parameters: Any) -> Any:
        found.append(str(statement))
        return send(direct, statement, parameters)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(Direct, "_send", note_and_send):
            yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
