"""The search rows: the earliest window and the profile of a month, beside a view that reads one row by its key."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

from flask import Flask

from tests.bench.admission import Row
from tests.bench.world import YEAR, Field, load_pools
from tests.support import web_server
from tests.support.load import Client, sustained
from tests.support.web_server import WebServer

SECONDS = 1
ROUNDS = 7
CLIENTS = 2
POOLS = 1_000
MODEL = "V100"
KEY = ("GET", "/api/v1/key/1", None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured, by which request, and how many key views it may take; `per_view` tells the rate instead."""

    what: str
    request: tuple[str, str, Any]
    gate: float
    reach: float
    per_view: bool = False

    def row(self, rate: float, beside: float, kind: str = "warm") -> Row:
        measured = f"{rate:.0f}/s beside {beside:.0f}/s, {kind}"
        if self.per_view:
            return Row(f"{self.what} / key view", rate / beside, f"{self.gate}", f"{self.reach}", measured)
        times = f"{self.what}, times a key view"
        return Row(times, beside / rate, f"{self.gate:.0f}", f"{self.reach:.0f}", measured, at_most=True)

    def cold_row(self, seconds: float, beside: float) -> Row:
        """The first answer of a process, which knows nothing yet; it has no goal."""
        what = f"{self.what}, the first of a process, times a key view"
        return Row(what, seconds * beside, "", "", f"{seconds * 1000:.0f} ms beside {1000 / beside:.2f} ms, cold")


def search_rows(app: Flask, url: str, directory: Path, field: Field, million: int) -> Iterator[Row]:
    """One pool with a million bookings, a month of it, and a thousand pools with a million together."""
    month = f"/api/v1/resources/{field.large}/availability?from={_text(10)}&to={_text(40)}"
    one_pool = (
        Asked(
            "earliest window in one pool of 1,000,000 bookings", _wish(resource=field.large), 0.7, 0.9, per_view=True
        ),
        Asked("month profile of a pool with 1,000,000 bookings", ("GET", month, None), 5, 3),
    )
    yield from _rows(url, directory, field, one_pool)
    load_pools(app, url, POOLS, max(1, million // POOLS), gpu_model=MODEL)
    over_pools = "earliest window over 1,000 pools with 1,000,000 bookings"
    # All GPUs of a pool: the first hours are taken, and a gap of this length comes later.
    whole = _wish(kind="pool", gpu_model=MODEL, units=64, hours=7)
    yield from _rows(url, directory, field, [Asked(over_pools, whole, 25, 10)])


def _wish(**more: Any) -> tuple[str, str, Any]:
    return "POST", "/api/v1/searches", {"units": 8, "hours": 8, "earliest": _text(10), "latest": _text(100), **more}


def _text(day: int) -> str:
    return f"{YEAR + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"


def _rows(url: str, directory: Path, field: Field, asked: Any) -> Iterator[Row]:
    """For each the first answer of a fresh process, then the middle one of several rounds beside the key view."""
    for one in asked:
        server = _serve(url, directory)
        try:
            cold = _first(server, field, one)
            pairs = [(_rate(server, field, one.request), _rate(server, field, KEY)) for _ in range(ROUNDS)]
        finally:
            server.stop()
        rate, beside = sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
        yield one.row(rate, beside)
        yield one.cold_row(cold, beside)


def _serve(url: str, directory: Path) -> WebServer:
    settings = {"API_RATE_LIMIT": ""}
    log = directory / "searches.log"
    return web_server.start(url, log, workers=2, settings=settings, application="tests.bench.key_view:app")


def _first(server: WebServer, field: Field, asked: Asked) -> float:
    """Seconds until a process that has answered nothing but a key view has answered."""
    client = Client(server.url, field.teams[0][1])
    client.send(client.prepared(*KEY))
    begun = time.monotonic()
    answer = client.send(client.prepared(*asked.request))
    seconds = time.monotonic() - begun
    client.close()
    if answer.status != 200 or b'"offers":[]' in answer.body:
        raise RuntimeError(f"{asked.what}: {answer.body[:500]!r}")
    return seconds


def _rate(server: WebServer, field: Field, request: tuple[str, str, Any]) -> float:
    """Answers a second to as many clients as there are workers."""
    clients = [Client(server.url, token) for _, token in field.teams[:CLIENTS]]
    run = sustained(clients, [repeat(client.prepared(*request)) for client in clients], SECONDS)
    for client in clients:
        client.close()
    if set(run.statuses) != {200}:
        raise RuntimeError(f"not every request was answered: {dict(run.statuses)}")
    return run.rate(200)
