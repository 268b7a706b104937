"""The lead: of all processes that may run the jobs, the one that holds a lock does; it ends with its holder."""

import fcntl
import os
from contextlib import suppress
from typing import IO, Protocol

from sqlalchemy import URL, Connection, NullPool, Select, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError

KEY = 0x626F6F6B
"""The advisory lock's number: the letters of `book`."""

# A server that has gone silent is given up within seconds, rather than within the hours that TCP allows.
PATIENCE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


class Lead(Protocol):
    """A lock that one process at most can hold, and that dies with it."""

    def hold(self) -> bool:
        """Whether this process leads: it takes the lock if it is free, and makes sure that it is still its own."""

    def release(self) -> None:
        """Let others lead."""


def lead_of(url: URL) -> Lead:
    """The lock of all processes that work on one database."""
    if url.get_backend_name() == "sqlite":
        if not url.database:
            raise ValueError("a database in memory belongs to one process: there is nothing to lead")
        return FileLead(f"{url.database}.scheduler.lock")
    return PostgresqlLead(url)


class PostgresqlLead:
    """An advisory lock on a connection of its own: where that ends, for whatever reason, the server frees the lock."""

    def __init__(self, url: URL) -> None:
        self._engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=PATIENCE)
        self._connection: Connection | None = None
        self._held = False

    def hold(self) -> bool:
        try:
            self._connection = self._connection or self._engine.connect()
            self._held = bool(self._connection.scalar(self._question()))
        except SQLAlchemyError:
            self.release()
            raise
        return self._held

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(SQLAlchemyError):  # where the connection is broken, the server has seen to it
            if self._held:
                connection.scalar(select(func.pg_advisory_unlock(KEY)))
        self._held = False
        connection.invalidate()  # closes the connection itself, working or not
        connection.close()

    def _question(self) -> Select[int] | Select[bool]:
        """As long as its holder's connection answers, a lock is held; taking it twice would only count it twice."""
        return select(1) if self._held else select(func.pg_try_advisory_lock(KEY))


class FileLead:
    """A lock on a file beside a SQLite database; the system frees it when the process ends, however it does."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def hold(self) -> bool:
        if self._file is None:
            self._file = self._locked_file()
        elif not self._is_in_place(self._file):
            self.release()
        return self._file is not None

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _locked_file(self) -> IO[str] | None:
        file = open(self.path, "a", encoding="ascii")  # noqa: SIM115 (kept for as long as this process leads)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def _is_in_place(self, file: IO[str]) -> bool:
        """A lock on a file that was removed keeps nobody out."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), os.stat(self.path))
        except FileNotFoundError:
            return False
