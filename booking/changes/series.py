"""Writes of series: what was asked for, what of it changed, and the one notice that tells of many bookings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, delete, func, insert, select, update

from booking.changes import outbox
from booking.domain.bookings import Booking
from booking.domain.outbox import NOTICES
from booking.domain.series import Plan, subject_of
from booking.models.series import Series, SeriesClaim

NEW_IDS: dict[str, Select[int]] = {
    "postgresql": select(func.nextval("series_id_seq").label("id")).select_from(
        func.generate_series(1, bindparam("number", type_=Integer))
    ),
    "sqlite": select((func.coalesce(func.max(Series.id), 0) + bindparam("number", type_=Integer)).label("id")),
}
SERIES = insert(Series).inline()
CLAIM = insert(SeriesClaim).inline()
TIMES = (
    update(Series)
    .where(Series.id == bindparam("of"))
    .values(version=Series.version + 1, local_start=bindparam("start"), local_end=bindparam("until"))
)


def new_ids(connection: Connection, number: int) -> Sequence[int]:
    """Ids for up to so many new series, taken before it is known how many there will be."""
    ids = list(connection.scalars(NEW_IDS[connection.dialect.name], {"number": number}))
    return range(ids[0] - number + 1, ids[0] + 1) if connection.dialect.name == "sqlite" else ids


def begin(connection: Connection, series_id: int, plan: Plan, *, user_id: int | None, now: datetime) -> None:
    """Write what a new series asks for; its bookings are written after it."""
    row: dict[str, Any] = {
        "id": series_id,
        "team_id": plan.team_id,
        "rule": plan.rule.text,
        "exceptions": sorted(day.isoformat() for day in plan.exceptions),
        "additions": sorted(day.isoformat() for day in plan.additions),
        "timezone": plan.times.zone,
        "first_on": plan.times.first,
        "local_start": plan.times.start,
        "local_end": plan.times.end,
        "purpose": plan.purpose,
        "version": 1,
        "created_at": now,
        "created_by": user_id,
    }
    connection.execute(SERIES, [row])
    connection.execute(CLAIM, _claims(series_id, plan))


def change(connection: Connection, series_id: int, plan: Plan) -> None:
    """Bring a locked series to other local times and claims, as its next version."""
    connection.execute(TIMES, {"of": series_id, "start": plan.times.start, "until": plan.times.end})
    connection.execute(delete(SeriesClaim).where(SeriesClaim.series_id == series_id))
    connection.execute(CLAIM, _claims(series_id, plan))


def tell(
    connection: Connection,
    series_id: int,
    event: str,
    bookings: Sequence[Booking],
    *,
    now: datetime,
    by: str,
    reason: str = "",
) -> None:
    """Have people told once of what happened to some bookings of a series."""
    windows = [booking.window for booking in bookings]
    payload = {
        "by": by,
        "reason": reason,
        "bookings": len(windows),
        "window": [min(windows).start.isoformat(), max(windows).end.isoformat()],
    }
    outbox.tell_all(connection, [outbox.row(NOTICES, subject_of(series_id), event, payload, now=now)])


def _claims(series_id: int, plan: Plan) -> list[dict[str, int]]:
    return [{"series_id": series_id, "resource_id": claim.resource_id, "units": claim.units} for claim in plan.claims]
