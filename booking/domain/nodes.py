"""Node lists: the machines of a computing centre, counted as GPUs by model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from booking.domain.capacity import CapacityChange, Change, Steps
from booking.domain.csv_lines import BadLine, Record, records, shown
from booking.domain.errors import Invalid
from booking.domain.lines import clean_line
from booking.domain.listings import LONGEST_MODEL, MOST_UNITS
from booking.domain.slugs import clean_slug
from booking.domain.windows import Window

COLUMNS = ("sn", "gpu", "model")
MOST_GPUS_OF_A_NODE = 1_000
OFFERED_FOR = timedelta(days=3650)
POLICY = {"max_minutes": None, "horizon_days": 3650}
"""No limit of length, and a horizon of ten years."""

IMPORTED = "imported"
"""The facility of lists that name none."""

REASON = "node list"
"""What changes of capacity say that follow a list; others of the same pool are left alone."""


@dataclass(frozen=True, slots=True)
class Model:
    """All GPUs of one model; `name` as the list spells it first, `key` as slugs do."""

    key: str
    name: str
    gpus: int
    nodes: int


@dataclass(frozen=True, slots=True)
class NodeList:
    """What a list counts, by model in the order of their keys, and the lines that were left out."""

    models: tuple[Model, ...] = ()
    bad: tuple[BadLine, ...] = field(default=())

    @property
    def gpus(self) -> int:
        return sum(model.gpus for model in self.models)


def read_nodes(content: bytes) -> NodeList:
    """The GPUs of a node list (`sn,cpu_milli,memory_mib,gpu,model`); raises Unreadable where nothing can be used.

    A node without GPUs counts for nothing; one that is listed twice counts once.
    """
    models: dict[str, Model] = {}
    seen: dict[str, int] = {}
    bad = []
    for record in records(content, COLUMNS):
        if isinstance(record, BadLine):
            bad.append(record)
            continue
        try:
            _count(models, seen, record)
        except ValueError as error:
            bad.append(BadLine(record.line, str(error)))
    return NodeList(tuple(sorted(models.values(), key=lambda model: model.key)), tuple(bad))


def _count(models: dict[str, Model], seen: dict[str, int], record: Record) -> None:
    if not record["sn"]:
        raise ValueError("sn is empty")
    if record["sn"] in seen:
        raise ValueError(f"node {shown(record['sn'])} is in line {seen[record['sn']]} already")
    gpus = record.whole("gpu", MOST_GPUS_OF_A_NODE)
    if gpus:
        name = _model(record["model"])
        key = model_key(name)
        known = models.get(key) or Model(key, name, 0, 0)
        if known.gpus + gpus > MOST_UNITS:
            raise ValueError(f"more than {MOST_UNITS} GPUs of {known.name}")
        models[key] = Model(key, known.name, known.gpus + gpus, known.nodes + 1)
    seen[record["sn"]] = record.line


def _model(text: str) -> str:
    if not text:
        raise ValueError("model is empty")
    try:
        return clean_line(text, "model", most=LONGEST_MODEL)
    except Invalid as invalid:
        raise ValueError(f"model is {shown(text)}: {invalid}") from None


def model_key(name: str) -> str:
    """A model's part of the slug of its pool: `V100-M32` of `V100 M32`, in lower case."""
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not key:
        raise ValueError(f"model is {shown(name)}: without a letter a–z or a digit its pool has no short name")
    return key


def pool_slug(facility: str, model: Model) -> str:
    """The slug of a model's pool; Invalid where it would be too long."""
    return clean_slug(f"{facility}-{model.key}")


def adjustments(standing: Steps, gpus: int, window: Window) -> Iterator[CapacityChange]:
    """The supplies and outages that make `standing` offer exactly so many GPUs throughout a window."""
    levels = [*standing.within(window), (window.end, 0)]
    for (since, level), (until, _) in pairwise(levels):
        if level < gpus:
            yield CapacityChange(Change.SUPPLY, gpus - level, since, until, REASON)
        elif level > gpus:
            yield CapacityChange(Change.OUTAGE, level - gpus, since, until, REASON)


def offered_from(now: datetime) -> Window:
    """From today 00:00 UTC for ten years."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(midnight, midnight + OFFERED_FOR)
