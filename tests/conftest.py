"""The fixtures that every test may ask for."""

import gc
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from booking import create_app
from booking.db import db
from booking.services import users
from tests.support import chromium, compiled, databases, web_server
from tests.support import slurm as slurm_cluster
from tests.support.databases import PostgresqlDatabases, SqliteFiles
from tests.support.mail import MailServer
from tests.support.slurm import SlurmCluster
from tests.support.templates import Remembered
from tests.support.visitors import QUICK
from tests.support.web_server import WebServer

SHARED = pytest.StashKey[Path]()
TEMPLATES = Remembered()

MEMORY = Path("/dev/shm")
ROOM_BYTES = 8 * 1024**3

# Everyone runs the same examples in `make test`; `make prove` looks for new ones.
hypothesis.settings.register_profile("test", deadline=None, derandomize=True)
hypothesis.settings.register_profile("prove", deadline=None, max_examples=2_000, print_blob=True)
hypothesis.settings.load_profile("test")
compiled.remember_addresses()
users._hasher = QUICK  # type: ignore[misc]  # a strong hash takes longer than all else that a test does


def pytest_collection_finish() -> None:
    """What has been imported stays: nobody needs to look through it for what has become garbage."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Agree on a directory that the test processes of this run share, in memory where that has room."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        tempfile.tempdir = str(MEMORY)
    given = getattr(config, "workerinput", {}).get("shared")
    config.stash[SHARED] = Path(given) if given else databases.new_shared_directory()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker process of xdist which directory that is."""
    node.workerinput["shared"] = str(node.config.stash[SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started in the shared directory, once all test processes have ended."""
    if not hasattr(config, "workerinput"):
        databases.remove_shared_directory(config.stash[SHARED])


@pytest.fixture(scope="session")
def sources(pytestconfig: pytest.Config) -> Iterator[dict[str, SqliteFiles | PostgresqlDatabases]]:
    """Where databases of each engine come from."""
    shared = pytestconfig.stash[SHARED]
    process = getattr(pytestconfig, "workerinput", {}).get("workerid", "alone")
    postgresql = PostgresqlDatabases(shared, process)
    yield {"sqlite": SqliteFiles(shared), "postgresql": postgresql}
    postgresql.leave()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, sources: dict[str, SqliteFiles | PostgresqlDatabases], tmp_path: Path
) -> str:
    """A database of the test's own, once of each engine, with the schema and no rows."""
    return sources[request.param].fresh(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(
    request: pytest.FixtureRequest, sources: dict[str, SqliteFiles | PostgresqlDatabases], tmp_path: Path
) -> str:
    """A database of the test's own, once of each engine, without any table."""
    return sources[request.param].empty(tmp_path)


@pytest.fixture
def app_settings() -> dict[str, Any]:
    """Settings of `app`; a test module that needs others defines a fixture of this name."""
    return {}


@pytest.fixture
def app(database_url: str, app_settings: dict[str, Any]) -> Iterator[Flask]:
    """The application in this process, on a database of the test's own."""
    usual = {"DATABASE_URL": database_url, "SECRET_KEY": "secret of the tests", "TESTING": True}
    app = create_app({**usual, **app_settings})
    app.jinja_env.bytecode_cache = TEMPLATES
    with app.app_context():
        compiled.share_statements(db.engine)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor of `app` without cookies."""
    return app.test_client()


@pytest.fixture
def smtp_server() -> Iterator[MailServer]:
    """A mail server that keeps what it is given."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def slurm(pytestconfig: pytest.Config) -> Iterator[SlurmCluster]:
    """A real cluster as after a fresh start; all test processes of a run share it, one test at a time."""
    if why_not := slurm_cluster.missing():
        pytest.skip(why_not)
    shared = pytestconfig.stash[SHARED]
    with databases.one_at_a_time(shared / "slurm.lock"):
        cluster = SlurmCluster(shared / "slurm")
        cluster.clear()
        yield cluster


@pytest.fixture
def live_server(database_url: str, tmp_path: Path) -> Iterator[Callable[..., WebServer]]:
    """Starts real servers on the test's database: `live_server(workers=2, SMTP_URL=…)`; each call starts another."""
    servers: list[WebServer] = []

    def start(workers: int = 1, **settings: str) -> WebServer:
        log = tmp_path / f"server-{len(servers)}.log"
        servers.append(web_server.start(database_url, log, workers=workers, settings=settings))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once per test process."""
    with chromium.running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor without cookies; a failing script or a breach of the content security policy fails the test."""
    with chromium.watched_page(browser) as page:
        yield page
