"""Writes of the step table: the held level of a resource at its change points."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite

from booking.domain.capacity import Steps
from booking.domain.windows import Window
from booking.models.capacity import HeldStep
from booking.models.rows import APART


@dataclass(frozen=True, slots=True)
class Block:
    """Units taken (positive) or given back (negative) over a window."""

    window: Window
    units: int


def _upsert(insert: type[postgresql.Insert] | type[sqlite.Insert]) -> postgresql.Insert | sqlite.Insert:
    row = insert(HeldStep).values(resource_id=bindparam("of"), at=bindparam("since"), held=bindparam("level"))
    return row.on_conflict_do_update(index_elements=["resource_id", "at"], set_={"held": row.excluded.held})


UPSERT = {"postgresql": _upsert(postgresql.Insert), "sqlite": _upsert(sqlite.Insert)}
DELETE = (
    delete(HeldStep)
    .where(HeldStep.resource_id == bindparam("of"), HeldStep.at == bindparam("since"))
    .execution_options(**{APART: True})  # what is gone is none of what was written beside it
)


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks of one resource, and its held levels as they were read under the lock.

    The levels reach from before the first block's start up to and including the last one's end.
    """

    resource_id: int
    blocks: Sequence[Block]
    held: Steps


def shift(connection: Connection, resource_id: int, blocks: Iterable[Block], held: Steps) -> None:
    """Add blocks to the held levels of a locked resource, as `Part` has them."""
    shift_all(connection, [Part(resource_id, list(blocks), held)])


def shift_all(connection: Connection, parts: Iterable[Part]) -> None:
    """Add blocks to the held levels of locked resources, in several parts that are far apart, by two statements."""
    changed: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    for part in parts:
        old, new = _before_and_after(part)
        changed += [
            {"of": part.resource_id, "since": at, "level": level} for at, level in new.items() if old.get(at) != level
        ]
        gone += [{"of": part.resource_id, "since": at} for at in old if at not in new]
    if changed:
        connection.execute(UPSERT[connection.dialect.name], changed)
    if gone:
        connection.execute(DELETE, gone)


def _before_and_after(part: Part) -> tuple[dict[datetime, int], dict[datetime, int]]:
    """The rows as they are and as they shall be, from the first block's start to the last one's end included."""
    blocks = [block for block in part.blocks if block.units]
    if not blocks:
        return {}, {}
    around = Window(min(block.window.start for block in blocks), max(block.window.end for block in blocks))
    added = Steps.total((block.window.start, block.window.end, block.units) for block in blocks)
    return _rows(part.held, around), _rows(part.held.plus(added), around)


def _rows(steps: Steps, around: Window) -> dict[datetime, int]:
    return {at: level for at, level in steps.changes if around.start <= at <= around.end}
