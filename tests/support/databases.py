"""Databases for tests: each test gets one of its own, with the schema and nothing else in it."""

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import psycopg
from psycopg import sql

from booking import create_app
from booking.db import db
from tests.support.postgresql import Cluster
from tests.support.slurm import SlurmCluster

PREFIX = "booking-tests-"
TEMPLATE = "booking_template"
LARGEST_WORTH_EMPTYING_BYTES = 64 * 1024 * 1024


class SqliteFiles:
    """Copies of one file that holds the schema."""

    def __init__(self, shared: Path) -> None:
        self.shared = shared

    def fresh(self, directory: Path) -> str:
        """The URL of a new file in `directory` that holds the schema."""
        template = self.shared / "template.sqlite"
        with one_at_a_time(self.shared / "sqlite.lock"):
            if not template.exists():
                unfinished = self.shared / "unfinished.sqlite"
                build_schema(f"sqlite:///{unfinished}")
                unfinished.rename(template)
        shutil.copyfile(template, directory / "booking.sqlite")
        return f"sqlite:///{directory / 'booking.sqlite'}"

    def empty(self, directory: Path) -> str:
        """The URL of a file in `directory` that does not exist yet."""
        return f"sqlite:///{directory / 'empty.sqlite'}"


class PostgresqlDatabases:
    """Databases of a server that all test processes of one run share; whoever asks first starts it."""

    def __init__(self, shared: Path, process: str) -> None:
        self.shared = shared
        self.cluster = cluster_of(shared)
        self.own = f"tests_{process}"
        self.numbers = itertools.count()
        self.started = False
        self.emptier: Emptier | None = None

    def fresh(self, _directory: Path) -> str:
        """The URL of this process's database, with the schema; emptied where it exists: 5 ms, a new one takes 50."""
        self._start()
        if self.emptier is None or not self.emptier.empty():
            self.emptier = self._anew()
        return self.cluster.url(self.own)

    def leave(self) -> None:
        """Let go of the connection that empties the database."""
        if self.emptier is not None:
            self.emptier.connection.close()

    def _anew(self) -> "Emptier":
        self.leave()
        self.cluster.drop(self.own)
        self.cluster.create(self.own, TEMPLATE)
        return Emptier(self.cluster.url(self.own))

    def empty(self, _directory: Path) -> str:
        """The URL of a new database without any table."""
        self._start()
        return self.cluster.create(f"{self.own}_{next(self.numbers)}")

    def _start(self) -> None:
        if self.started:
            return
        with one_at_a_time(self.shared / "postgresql.lock"):
            if not self.cluster.running:
                self.cluster.start()
                build_schema(self.cluster.create(TEMPLATE))
        self.started = True


class Emptier:
    """A connection that stays with a database and removes every row of it between tests.

    The server keeps the plans of its function, which looks into each table before it touches it.
    """

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        tables = self.connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
        steps = [
            sql.SQL("IF EXISTS (SELECT FROM {0}) THEN DELETE FROM {0}; END IF;").format(sql.Identifier(name))
            for (name,) in tables
        ]
        body = sql.SQL("BEGIN {} END").format(sql.SQL(" ").join(steps))
        self.connection.execute(
            sql.SQL("CREATE FUNCTION pg_temp.empty_tables() RETURNS void LANGUAGE plpgsql AS {}").format(
                sql.Literal(body.as_string(self.connection))
            )
        )
        # A replica checks no foreign keys and fires no triggers, so the order is free.
        self.connection.execute("SET session_replication_role = replica")

    def empty(self) -> bool:
        """Remove every row and start every sequence anew, whoever a test left connected; whether it was worth it."""
        try:
            found = self.connection.execute(
                "SELECT pg_database_size(current_database()) FROM (SELECT count(pg_terminate_backend(pid, 5000))"
                " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()) AS others"
            ).fetchone()
            if found is None or found[0] > LARGEST_WORTH_EMPTYING_BYTES:
                return False
            self.connection.execute("SELECT pg_temp.empty_tables()")
            self.connection.execute(
                "SELECT setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
            )
        except psycopg.OperationalError:  # a test has stopped the server
            return False
        return True


def build_schema(url: str) -> None:
    """Bring a database from empty to the newest schema by the migrations, as `flask init` does."""
    app = create_app({"DATABASE_URL": url, "TESTING": True})
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()  # nobody may be connected to a template


def new_shared_directory() -> Path:
    """A directory for what the test processes of this run share, named after this process."""
    remove_left_behind()
    shared = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    shared.chmod(0o711)  # the account of PostgreSQL passes through
    return shared


def remove_shared_directory(shared: Path) -> None:
    cluster_of(shared).stop()
    SlurmCluster(shared / "slurm").stop()
    shutil.rmtree(shared, ignore_errors=True)  # two runs that begin together may both find it


def remove_left_behind() -> None:
    """Stop the servers of runs that were killed before they could."""
    for shared in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        process = shared.name.removeprefix(PREFIX).split("-")[0]
        if not Path("/proc", process).exists():
            remove_shared_directory(shared)


def cluster_of(shared: Path) -> Cluster:
    return Cluster(shared / "postgresql")


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Make test processes wait for each other."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
