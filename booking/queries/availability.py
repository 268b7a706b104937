"""Questions about what is offered, held and free: of many resources at one instant, of one over a window."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from booking.domain.additions import Block
from booking.domain.availability import Level, levels
from booking.domain.windows import Window
from booking.models.capacity import HeldStep
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.queries import capacity

# One descent of an index for each resource, however long its history is.
HELD_AT = select(
    Resource.id,
    select(HeldStep.held)
    .where(HeldStep.resource_id == Resource.id, HeldStep.at <= bindparam("at"))
    .order_by(HeldStep.at.desc())
    .limit(1)
    .correlate(Resource)
    .scalar_subquery()
    .label("held"),
).where(Resource.id.in_(bindparam("ids", expanding=True)))


def levels_at(connection: Connection, rows: Sequence[AnyRow], at: datetime) -> dict[int, Level]:
    """What each resource (id, offer_version, seats, policy) offers and holds at an instant, by id."""
    if not rows:
        return {}
    offers = capacity.offers(connection, rows)
    held = {row.id: row.held or 0 for row in connection.execute(HELD_AT, {"ids": [row.id for row in rows], "at": at})}
    return {row.id: Level(at, offers[row.id].steps.level_at(at), held[row.id]) for row in rows}


def levels_over(connection: Connection, row: AnyRow, window: Window, without: Iterable[Block] = ()) -> list[Level]:
    """What one resource (id, offer_version, seats, policy) offers inside a window, and holds but for some blocks."""
    offer = capacity.offers(connection, [row])[row.id].steps
    held = capacity.held(connection, row.id, window)
    for block in without:
        inside = block.window.intersection(window)
        if block.resource_id == row.id and inside is not None:
            held = held.raised(inside, -block.units)
    return levels(offer, held, window)
