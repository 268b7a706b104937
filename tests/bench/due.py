"""The scheduler rows: a pass over many due bookings beside the floor, and whether more of them take longer each."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from flask import Flask

from booking.domain.jobs import JobResult
from booking.services import due_bookings
from tests.bench.admission import Row
from tests.bench.floor import floor
from tests.bench.world import YEAR, load_due
from tests.support.postgresql import Cluster

FEW, MANY = 5_000, 20_000
FLOOR_SECONDS = 3
PASSES = {"start": due_bookings.start_due, "complete": due_bookings.complete_due}


def due_rows(app: Flask, cluster: Cluster, url: str) -> Iterator[Row]:
    """Each job's pass over many bookings beside the floor with eight clients, and beside a pass over few."""
    rates = {number: _passes(app, url, number) for number in (FEW, MANY)}
    beside = floor(cluster, "floor", clients=8, pools=1, seconds=FLOOR_SECONDS)
    for name in PASSES:
        few, many = rates[FEW][name], rates[MANY][name]
        what = f"one scheduler pass over {MANY:,} due bookings ({name}), bookings/s / floor (8 clients)"
        yield Row(what, many / beside, "0.5", "1", f"{many:.0f}/s beside {beside:.0f}/s")
        what = f"its rate with {MANY:,} / with {FEW:,}"
        yield Row(what, many / few, "0.8", "0.95", f"{many:.0f}/s beside {few:.0f}/s")


def _passes(app: Flask, url: str, number: int) -> dict[str, float]:
    """Bookings a second of each pass over so many, which all are over by now."""
    load_due(app, url, number, str(number))
    return {name: _rate(app, do, number) for name, do in PASSES.items()}


def _rate(app: Flask, do: Callable[[datetime], JobResult], number: int) -> float:
    begun = time.monotonic()
    with app.app_context():
        done = do(YEAR)
    seconds = time.monotonic() - begun
    if done != JobResult(items=number):
        raise RuntimeError(f"not every booking was due: {done.items}, {done.errors[:3]}")
    return number / seconds
