"""Replays: what a recorded cluster was asked for, as orders in the time of the trace."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from booking.domain.csv_lines import BadLine, Record, records, shown
from booking.domain.refusals import Code
from booking.domain.windows import Window, ceil_to_grid, floor_to_grid

COLUMNS = ("name", "num_gpu", "gpu_spec", "creation_time", "deletion_time")
MOST_GPUS = 10_000
MOST_SECONDS = 100 * 366 * 86_400
LONGEST_NAME = 200

_SECONDS = re.compile(r"([0-9]{1,12})(\.[0-9]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pod:
    """One recorded request for GPUs: of these models in this order, or of any where none is named.

    Seconds count from the start of the trace, the first rounded down and the last up.
    """

    name: str
    gpus: int
    models: tuple[str, ...]
    first_second: int
    last_second: int


@dataclass(frozen=True, slots=True)
class Trace:
    """The requests of a trace in the order of their time, and the lines that were left out."""

    pods: tuple[Pod, ...] = ()
    bad: tuple[BadLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """What a replay needs to know of a pool."""

    id: int
    slug: str
    gpu_model: str
    grid_minutes: int


@dataclass(slots=True)
class Tally:
    """How the requests of a replay were decided."""

    requests: int = 0
    admitted: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def count(self, refusal: str | None) -> None:
        """One request more: admitted, or refused by this code."""
        self.requests += 1
        if refusal is None:
            self.admitted += 1
        else:
            self.refused[refusal] += 1


@dataclass(frozen=True, slots=True)
class PoolUse:
    """What a pool offered at most and bookings held at most, and the share of what was offered that they held."""

    offered: int
    peak: int
    utilisation: float


def read_trace(content: bytes) -> Trace:
    """The GPU requests of a pod list; a row without GPUs is none. Raises Unreadable where nothing can be used."""
    pods, bad = [], []
    for record in records(content, COLUMNS):
        try:
            if isinstance(record, BadLine):
                bad.append(record)
            elif record.whole("num_gpu", MOST_GPUS):
                pods.append(_pod(record))
        except ValueError as error:
            bad.append(BadLine(record.line, str(error)))
    return Trace(tuple(sorted(pods, key=lambda pod: pod.first_second)), tuple(bad))


def _pod(record: Record) -> Pod:
    name = record["name"]
    if not name or len(name) > LONGEST_NAME:
        raise ValueError(f"name has {len(name)} characters, not 1 to {LONGEST_NAME}")
    first, _ = _seconds(record, "creation_time")
    floor, fraction = _seconds(record, "deletion_time")
    last = floor + fraction
    if last < first:
        raise ValueError(f"deletion_time {record['deletion_time']} is before creation_time {record['creation_time']}")
    models = tuple(model.strip() for model in record["gpu_spec"].split("|") if model.strip())
    return Pod(name, record.whole("num_gpu", MOST_GPUS), models, first, last)


def _seconds(record: Record, column: str) -> tuple[int, int]:
    """Whole seconds, and 1 where a part of another one is left."""
    found = _SECONDS.fullmatch(record[column])
    if not found or int(found[1]) > MOST_SECONDS:
        raise ValueError(f"{column} is {shown(record[column])}, not seconds from 0 to {MOST_SECONDS}")
    return int(found[1]), int(bool((found[2] or "").strip(".0")))


def choices(pod: Pod, pools: Sequence[Pool]) -> list[Pool]:
    """The pools that a request tries, in this order; `pools` come in the order of their slugs."""
    if not pod.models:
        return list(pools)
    wanted = dict.fromkeys(model.casefold() for model in pod.models)
    return [pool for model in wanted for pool in pools if pool.gpu_model.casefold() == model]


def widened(pod: Pod, start: datetime, grid_minutes: int) -> Window:
    """The request's window on a pool's grid, at least one step long; the trace begins at `start`."""
    first = floor_to_grid(start + timedelta(seconds=pod.first_second), grid_minutes)
    last = ceil_to_grid(start + timedelta(seconds=pod.last_second), grid_minutes)
    return Window(first, max(last, first + timedelta(minutes=grid_minutes)))


def whole_window(trace: Trace, start: datetime, pools: Sequence[Pool]) -> Window:
    """From the start of a trace to the end of its last request, widened to the widest grid of the pools."""
    grid = max((pool.grid_minutes for pool in pools), default=1)
    nothing = Pod("", 0, (), 0, 0)
    windows = [widened(pod, start, grid) for pod in (nothing, *trace.pods)]
    return Window(windows[0].start, max(window.end for window in windows))


def summary(tally: Tally, uses: dict[str, PoolUse]) -> dict[str, Any]:
    """What programs read of a replay."""
    return {
        "requests": tally.requests,
        "admitted": tally.admitted,
        "refused": dict(sorted(tally.refused.items())),
        "pools": {
            slug: {"offered": use.offered, "peak": use.peak, "utilisation": use.utilisation}
            for slug, use in uses.items()
        },
    }


NO_SUCH_MODEL = Code.NOT_ELIGIBLE.value
"""Why a request is refused that names only models which no pool has."""
