"""Writes of utilisation: what days were summed up to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from booking.domain.utilisation import Day
from booking.models.rows import AnyRow
from booking.models.utilisation import UtilisationDay, UtilisationRoll, UtilisationShare

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def locked_roll(connection: Connection, resource_id: int, start: datetime, now: datetime) -> AnyRow:
    """How far a resource is summed up, locked; from `start` on where it never was."""
    values = {"rolled_until": start, "offer_version": 0, "history_id": 0, "rolled_at": now}
    first = _INSERT[connection.dialect.name](UtilisationRoll).values(resource_id=resource_id, **values)
    connection.execute(first.on_conflict_do_nothing())
    row = UtilisationRoll.rolled_until, UtilisationRoll.offer_version
    return connection.execute(select(*row).where(UtilisationRoll.resource_id == resource_id).with_for_update()).one()


def replace_days(connection: Connection, resource_id: int, days: Sequence[Day]) -> None:
    """Write what some days of a resource were summed up to, in the place of what stood there."""
    names = [day.day for day in days]
    for table in (UtilisationShare, UtilisationDay):
        connection.execute(delete(table).where(table.resource_id == resource_id, table.day.in_(names)))
    if days:
        connection.execute(insert(UtilisationDay), [_day(resource_id, day) for day in days])
    shares = [row for day in days for row in _shares(resource_id, day)]
    if shares:
        connection.execute(insert(UtilisationShare), shares)


def record_roll(connection: Connection, resource_id: int, until: datetime, offer_version: int, now: datetime) -> None:
    """A resource is summed up until then, of this offer."""
    connection.execute(
        update(UtilisationRoll)
        .where(UtilisationRoll.resource_id == resource_id)
        .values(rolled_until=until, offer_version=offer_version, rolled_at=now)
    )


def record_seen(connection: Connection, resource_ids: Sequence[int], history_id: int) -> None:
    """All moves of bookings up to this one have been seen for these resources."""
    connection.execute(
        update(UtilisationRoll).where(UtilisationRoll.resource_id.in_(resource_ids)).values(history_id=history_id)
    )


def _day(resource_id: int, day: Day) -> dict[str, Any]:
    return {
        "resource_id": resource_id,
        "day": day.day,
        "starts_at": day.window.start,
        "ends_at": day.window.end,
        "published": day.published,
        "booked": day.booked,
        "published_hours": list(day.published_hours),
        "booked_hours": list(day.booked_hours),
    }


def _shares(resource_id: int, day: Day) -> list[dict[str, Any]]:
    return [
        {
            "resource_id": resource_id,
            "day": day.day,
            "team_id": team_id,
            "booked": share.booked,
            "checked_in": share.checked_in,
            "no_show": share.no_show,
            "measured": share.measured,
            "measured_of": share.measured_of,
        }
        for team_id, share in sorted(day.shares.items())
    ]
