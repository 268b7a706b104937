"""Writes of displacements: who is displaced by what, and how that ended."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, update

from booking.domain.displacements import Outcome
from booking.models.capacity import Displacement

DISPLACED = insert(Displacement).inline()


def displace(
    connection: Connection,
    resource_id: int,
    change_id: int | None,
    outcomes: Iterable[tuple[int, Outcome | None]],
    *,
    now: datetime,
) -> None:
    """Note bookings that a change displaced, each with what became of it; None leaves it open."""
    rows = [
        {
            "booking_id": booking_id,
            "resource_id": resource_id,
            "capacity_change_id": change_id,
            "created_at": now,
            "resolved_at": now if outcome else None,
            "resolution": outcome.value if outcome else None,
        }
        for booking_id, outcome in outcomes
    ]
    if rows:
        connection.execute(DISPLACED, rows)


def resolve(connection: Connection, ids: Iterable[int], outcome: Outcome, *, now: datetime) -> None:
    """Close open displacements."""
    connection.execute(
        update(Displacement)
        .where(Displacement.id.in_(sorted(ids)), Displacement.resolved_at.is_(None))
        .values(resolved_at=now, resolution=outcome.value)
    )
