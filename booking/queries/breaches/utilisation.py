"""Do the days that were summed up say what was offered and occupied?"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from booking.domain.utilisation import Day, LocalDay, summed
from booking.domain.windows import Window
from booking.queries import capacity, uses
from booking.queries.breaches import Check, Rows, first


def _days_beside_claims(connection: Connection, now: datetime) -> Rows:
    """Resource and day; those are left out of which something has changed that is still to be summed up anew."""
    rows = [row for row in uses.rolled(connection) if row.rolled_until and row.offer_version == row.rolled_version]
    seen = min((row.history_id for row in rows), default=0)
    moved = uses.moved_since(connection, seen, now)
    return first(place for row in rows for place in _differing(connection, row, moved.get(row.id)))


def _differing(connection: Connection, row: Any, moved: datetime | None) -> Iterator[tuple[int, str]]:
    kept = [day for day in uses.kept_days(connection, row.id) if moved is None or day.window.end <= moved]
    if not kept:
        return
    around = Window(kept[0].window.start, kept[-1].window.end)
    found = uses.uses_of(connection, [row.id], around).get(row.id, [])
    offer = capacity.offers(connection, [row])[row.id].steps
    days = [LocalDay(day.day, day.window) for day in kept]
    for day, anew in zip(kept, summed(days, row.timezone, offer, found), strict=True):
        if _said(day) != _said(anew):
            yield row.id, day.day.isoformat()


def _said(day: Day) -> tuple[Any, ...]:
    """What does not change once a day is over; the hours are those of the zone of that time, and usage comes late."""
    shares = {team: (share.booked, share.checked_in, share.no_show) for team, share in day.shares.items()}
    return day.published, day.booked, shares


CHECKS = (Check(10, "days whose utilisation is not what was offered and occupied (resource/day)", _days_beside_claims),)
