"""Questions about what is offered, held and free: of many resources at one instant, of one over a window."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

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


def levels_over(connection: Connection, row: AnyRow, window: Window) -> list[Level]:
    """What one resource (id, offer_version, seats, policy) offers and holds inside a window."""
    offer = capacity.offers(connection, [row])[row.id].steps
    return levels(offer, capacity.held(connection, row.id, window), window)
