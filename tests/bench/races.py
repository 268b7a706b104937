"""The race rows: the last unit and the last hour, on both databases, against several web processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from booking import create_app
from tests.bench.admission import Row
from tests.support import web_server
from tests.support.postgresql import Cluster
from tests.support.races import Asked, last_hour, last_unit, race
from tests.support.world import World

CLIENTS = 64
ROUNDS = 200


def race_rows(cluster: Cluster, directory: Path) -> Iterator[Row]:
    """The share of rounds with exactly one winner; anything but 1 is a promise given twice, or to nobody."""
    for what, prepare in (("last unit", _last_unit), ("last hour of a grant, on two pools", _last_hour)):
        slug = what.split(",", maxsplit=1)[0].replace(" ", "_")
        urls = {"SQLite": f"sqlite:///{directory / slug}.db", "PostgreSQL": cluster.create(slug)}
        for engine, url in urls.items():
            yield _race_row(f"{what}, {CLIENTS} clients, {ROUNDS} rounds, {engine}", url, directory, prepare)


def _last_unit(app: Flask) -> tuple[World, Asked]:
    return last_unit(app)


def _last_hour(app: Flask) -> tuple[World, Asked]:
    return last_hour(app, ROUNDS)


def _race_row(what: str, url: str, directory: Path, prepare: Callable[[Flask], tuple[World, Asked]]) -> Row:
    app = create_app({"DATABASE_URL": url, "SECRET_KEY": "bench", "SCHEDULER": False})
    with app.app_context():
        upgrade()
    world, asked = prepare(app)
    server = web_server.start(url, directory / "races.log", workers=2, settings={"API_RATE_LIMIT": ""})
    try:
        tokens = [world.tokens["lead"], world.tokens["rival"]] if "unit" in what else [world.tokens["lead"]]
        outcome = race([server.url], tokens, asked, clients=CLIENTS, rounds=ROUNDS)
    finally:
        server.stop()
    share = outcome.winners[1] / ROUNDS
    return Row(what, share, "1", "1", f"winners by round {dict(outcome.winners)}, answers {dict(outcome.statuses)}")
