"""How pages and calls ask their questions: in the request's session, or at a glance."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from booking.db import db, direct


def reading() -> Session:
    """The request's own session, for questions; what is to be written goes through a service."""
    return db.session()


@contextmanager
def glance() -> Iterator[Connection]:
    """A connection for one question, a constant of its module, asked in one round trip; see `booking.db.direct`."""
    with direct.one_question(db.engine) as connection:
        yield connection


def database() -> Engine:
    """Which database is asked, for what may be remembered of it."""
    return db.engine
