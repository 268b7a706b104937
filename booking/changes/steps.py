"""Writes of the step table: the held level of a resource at its change points."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite

from booking.domain.capacity import Steps
from booking.domain.windows import Window
from booking.models.capacity import HeldStep


@dataclass(frozen=True, slots=True)
class Block:
    """Units taken (positive) or given back (negative) over a window."""

    window: Window
    units: int


def _upsert(insert: type[postgresql.Insert] | type[sqlite.Insert]) -> postgresql.Insert | sqlite.Insert:
    row = insert(HeldStep).values(resource_id=bindparam("of"), at=bindparam("since"), held=bindparam("level"))
    return row.on_conflict_do_update(index_elements=["resource_id", "at"], set_={"held": row.excluded.held})


UPSERT = {"postgresql": _upsert(postgresql.Insert), "sqlite": _upsert(sqlite.Insert)}
DELETE = delete(HeldStep).where(HeldStep.resource_id == bindparam("of"), HeldStep.at == bindparam("since"))


def shift(connection: Connection, resource_id: int, blocks: Iterable[Block], held: Steps) -> None:
    """Add blocks to the held levels of a locked resource.

    `held` are its levels as read under the lock, from before the first block's start up to and including the last
    one's end.
    """
    blocks = [block for block in blocks if block.units]
    if blocks:
        around = Window(min(block.window.start for block in blocks), max(block.window.end for block in blocks))
        added = Steps.total((block.window.start, block.window.end, block.units) for block in blocks)
        _write(connection, resource_id, around, held, held.plus(added))


def _write(connection: Connection, resource_id: int, around: Window, before: Steps, after: Steps) -> None:
    """Bring the rows from `before` to `after` inside `around`, its end included."""
    old, new = _rows(before, around), _rows(after, around)
    changed = [at for at, level in new.items() if old.get(at) != level]
    gone = [at for at in old if at not in new]
    if changed:
        rows = [{"of": resource_id, "since": at, "level": new[at]} for at in changed]
        connection.execute(UPSERT[connection.dialect.name], rows)
    if gone:
        connection.execute(DELETE, [{"of": resource_id, "since": at} for at in gone])


def _rows(steps: Steps, around: Window) -> dict[datetime, int]:
    return {at: level for at, level in steps.changes if around.start <= at <= around.end}
