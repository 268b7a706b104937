"""How pages and calls ask their questions: in the request's session, or at a glance."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from booking.db import db


def reading() -> Session:
    """The request's own session, for questions; what is to be written goes through a service."""
    return db.session()


@contextmanager
def glance() -> Iterator[Connection]:
    """A connection for one question, asked in one round trip instead of three where the engine can."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


def database() -> Engine:
    """Which database is asked, for what may be remembered of it."""
    return db.engine
