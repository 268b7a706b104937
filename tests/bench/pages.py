"""The rows of pages: fifty rows of a catalogue of a thousand beside a bare page, and what a worker keeps."""

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from booking.db import transaction
from booking.models.capacity import CapacityChange
from booking.models.facilities import Facility
from booking.models.resources import Resource
from tests.bench.admission import Row
from tests.bench.world import Field
from tests.support import web_server
from tests.support.load import Client, sustained
from tests.support.web_server import WebServer
from tests.support.world import SINCE

FACILITIES = 1_000
UNITS = 64
SECONDS = 2
ROUNDS = 5
CLIENTS = 4
REQUESTS = 10_000
CATALOGUE = "/catalogue"


def page_rows(app: Flask, url: str, directory: Path, field: Field) -> Iterator[Row]:
    """A page of the catalogue, and the memory of the worker that has answered for long."""
    load_facilities(app, field)
    settings = {"API_RATE_LIMIT": ""}
    own = web_server.start(url, directory / "pages.log", workers=1, settings=settings)
    module = "tests.bench.bare_page"
    bare = web_server.start(
        url, directory / "bare.log", workers=1, settings={}, application=f"{module}:app", config=f"python:{module}"
    )
    try:
        pairs = [(_rate(own), _rate(bare)) for _ in range(ROUNDS)]
        rate, beside = sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
        what = f"a page of 50 rows (catalogue of {FACILITIES:,} facilities) / a bare Flask page with the same table"
        yield Row(what, rate / beside, "0.5", "0.8", f"{rate:.0f}/s beside {beside:.0f}/s")
        yield _memory_row(own, field)
    finally:
        own.stop()
        bare.stop()


def load_facilities(app: Flask, field: Field) -> None:
    """A thousand facilities with a pool each, which come first in the list."""
    with app.app_context(), transaction() as session:
        for number in range(FACILITIES):
            _facility(session, field, number)


def _facility(session: Session, field: Field, number: int) -> None:
    place = Facility(
        name=f"A centre {number:04}", slug=f"centre-{number}", organisation_id=field.world.north, region="Beijing",
        timezone="Asia/Shanghai", created_at=SINCE,
    )  # fmt: skip
    session.add(place)
    session.flush()
    pool = Resource(
        kind="pool", name=f"Pool {number}", slug=f"centre-pool-{number}", organisation_id=field.world.north,
        facility_id=place.id, gpu_model="A100", gpu_memory_gib=80, policy={}, state="published", created_at=SINCE,
    )  # fmt: skip
    session.add(pool)
    session.flush()
    session.add(CapacityChange(resource_id=pool.id, kind="supply", units=UNITS, starts_at=SINCE, created_at=SINCE))


def _rate(server: WebServer) -> float:
    clients = [Client(server.url) for _ in range(CLIENTS)]
    run = sustained(clients, [repeat(client.prepared("GET", CATALOGUE)) for client in clients], SECONDS)
    for client in clients:
        client.close()
    return run.rate(200)


def _memory_row(server: WebServer, field: Field) -> Row:
    """The worker's memory once it knows everything, and after so many requests more."""
    token = field.teams[0][1]
    paths = ("/api/v1/pools?limit=50", f"/api/v1/resources/{field.small}/availability", "/api/v1/bookings?limit=10")
    (worker,) = server.workers()
    client = Client(server.url, token)
    before = after = 0
    for number in range(REQUESTS + REQUESTS // 5):
        if number == REQUESTS // 5:
            before = _kilobytes(worker)
        client.get(paths[number % len(paths)])
    client.close()
    after = _kilobytes(worker)
    what = f"a worker's memory after {REQUESTS:,} requests / before them"
    return Row(what, after / before, "1.05", "1.01", f"{after // 1024} MiB beside {before // 1024} MiB", at_most=True)


def _kilobytes(process: int) -> int:
    """What a process holds of the machine's memory."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
