"""Use case of summing up what was published and what became of it, day by day."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from booking.changes import refused_wishes
from booking.changes import utilisation as changes
from booking.db import db, transaction
from booking.domain.jobs import JobResult, each
from booking.domain.localtime import to_local
from booking.domain.refused_wishes import KEPT_DAYS
from booking.domain.utilisation import LocalDay, amount, days_between, midnight, summed
from booking.domain.windows import Window
from booking.models.rows import AnyRow
from booking.queries import capacity, uses

SETTLED = timedelta(minutes=10)
"""A move that was made so long ago has been committed; younger ones are looked at again."""

AGAIN = timedelta(days=8)
"""With each new day the last ones are summed up anew: measured usage comes in late, and is no move."""

BEFORE_FIRST_USE = timedelta(days=31)
FURTHEST_BACK = timedelta(days=KEPT_DAYS)


def roll_up(now: datetime) -> JobResult:
    """Sum up the days that are over, and anew those of which something has changed since; each resource by itself."""
    with db.engine.connect() as connection:
        rows = uses.rolled(connection)
        seen = uses.last_move(connection, now - SETTLED)
        moved = uses.moved_since(connection, min((row.history_id or 0 for row in rows), default=0), now)
    result = each([row for row in rows if _is_due(row, moved, now)], lambda row: _roll_up(row, moved.get(row.id), now))
    with transaction() as session:
        if not result.errors:
            changes.record_seen(session.connection(), [row.id for row in rows], seen)
        refused_wishes.forget(session.connection(), now - FURTHEST_BACK)
    return result


def _is_due(row: AnyRow, moved: dict[int, datetime], now: datetime) -> bool:
    """Whether a day of a resource is over that has not been summed up, or one that was is no longer what it was."""
    if row.rolled_until is None or row.offer_version != row.rolled_version:
        return True
    is_late = row.id in moved and moved[row.id] < row.rolled_until
    return bool(is_late or row.rolled_until < _last_midnight(row.timezone, now))


def _roll_up(row: AnyRow, moved: datetime | None, now: datetime) -> bool:
    with transaction() as session:
        connection = session.connection()
        until = _last_midnight(row.timezone, now)
        roll = changes.locked_roll(connection, row.id, _beginning(connection, row, until, now), now)
        offer = capacity.offers(connection, [row])[row.id].steps
        standing = uses.kept_days(connection, row.id)
        new = days_between(roll.rolled_until, until, row.timezone, standing[-1].day if standing else None)

        late = min(moved or until, until - AGAIN if new else until)
        old = [
            LocalDay(day.day, day.window)
            for day in standing
            if day.window.end > late or amount(offer, day.window) != day.published
        ]
        days = [*old, *new]
        if days:
            around = Window(days[0].window.start, days[-1].window.end)
            found = uses.uses_of(connection, [row.id], around).get(row.id, [])
            changes.replace_days(connection, row.id, summed(days, row.timezone, offer, found))
        changes.record_roll(connection, row.id, max(until, roll.rolled_until), row.offer_version, now)
        return bool(days)


def _last_midnight(zone: str, now: datetime) -> datetime:
    return midnight(to_local(now, zone).date(), zone)


def _beginning(connection: Connection, row: AnyRow, until: datetime, now: datetime) -> datetime:
    """From when on a resource that was never summed up is: its first booking, or a month of being offered before."""
    first, supply = uses.first_use(connection, row.id), uses.first_supply(connection, row.id)
    offered = max(supply or until, until - BEFORE_FIRST_USE)
    start = max(min(first or until, offered), now - FURTHEST_BACK)
    return min(midnight(to_local(start, row.timezone).date(), row.timezone), until)
