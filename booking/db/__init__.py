"""The database handle, the UTC column type, `transaction()`, and what each engine needs to be set up."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Engine, Integer, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from booking.db import direct

WRITING = "booking_writing"


class Instant(TypeDecorator[datetime]):
    """An instant in UTC; a naive datetime is refused on its way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: instants carry their zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite numbers rows by itself only where the key is spelt INTEGER.
Identity = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]


class Base(DeclarativeBase):
    """Every table; constraints are named by one convention, so that migrations can name them too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant(), int: BigInteger()}  # noqa: RUF012 (read by SQLAlchemy, never changed)


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
migrate = Migrate()


def init_app(app: Flask) -> None:
    """Bind the database of `app` and prepare its engine."""
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(app.root_path).parent / "migrations"), render_as_batch=True)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: commits when the block ends, rolls back when it raises.

    What the request has read before ends here, so that nothing is decided on an old snapshot and SQLite can take its
    write lock at once. Units of work never nest.
    """
    session = db.session()
    if session.info.get(WRITING):
        raise RuntimeError("a unit of work is already under way; services do not call each other")

    session.rollback()
    with _turn_to_write(db.engine):
        session.info[WRITING] = True
        try:
            session.connection(execution_options={WRITING: True})
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            del session.info[WRITING]


@contextmanager
def quick_transaction() -> Iterator[Connection]:
    """The same unit of work for the hot path: compiled statements straight to the driver; see `booking.db.direct`."""
    session = db.session()
    if session.info.get(WRITING):
        raise RuntimeError("a unit of work is already under way; services do not call each other")

    session.rollback()
    with _turn_to_write(db.engine):
        session.info[WRITING] = True
        try:
            with direct.unit_of_work(db.engine) as connection:
                yield connection
        finally:
            del session.info[WRITING]


class WriteTurn:
    """Whose turn it is to write to a SQLite file, among threads and processes.

    SQLite's own waiting is a poll with growing pauses, so that some writers wait for seconds; a queue on a lock
    in front of it is fair.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.among_threads = threading.Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self.among_threads, open(self.path, "a", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


_turns: dict[str, WriteTurn] = {}
_turns_guard = threading.Lock()


def _turn_to_write(engine: Engine) -> Any:
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database:
        return nullcontext()
    with _turns_guard:
        turn = _turns.setdefault(database, WriteTurn(f"{database}.lock"))
    return turn()


def _prepare_sqlite(engine: Engine) -> None:
    """Write-ahead log, foreign keys, and transactions that begin when and how we say."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions of its own, and late
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
