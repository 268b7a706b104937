"""Questions of the catalogue's cards: the outlook of many resources at once, remembered until something changes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from booking.domain.outlooks import AHEAD, USUAL_HOURS, Outlook, outlook
from booking.domain.windows import Window
from booking.models.rows import AnyRow
from booking.queries.resources import resources_holding
from booking.queries.searches import held_within

MOST_KNOWN = 20_000
LONGEST = AHEAD + timedelta(hours=max(USUAL_HOURS.values()) + 24)


@dataclass(frozen=True, slots=True)
class Known:
    """An outlook and the version of its resource, which rises with every change of what is offered or held."""

    version: int
    outlook: Outlook


_known: WeakKeyDictionary[Engine, dict[tuple[int, str], Known]] = WeakKeyDictionary()


def outlooks(connection: Connection, rows: Sequence[AnyRow], now: datetime, *, zone: str = "") -> dict[int, Outlook]:
    """By id, the outlook of rows of queries/catalogue.py; their days are those of `zone`, or of each place.

    At most three questions, and none where everything is remembered.
    """
    known = _known.setdefault(connection.engine, {})
    keys = {row.id: (row.id, zone or row.timezone or "UTC") for row in rows}
    stale = [row for row in rows if not _is_current(known.get(keys[row.id]), row, now)]
    if stale:
        if len(known) > MOST_KNOWN:
            known.clear()
        held = held_within(connection, [row.id for row in stale], Window(now - timedelta(days=1), now + LONGEST))
        resources = resources_holding(connection, stale, held)
        for row in stale:
            own_zone = keys[row.id][1]
            known[keys[row.id]] = Known(row.version, outlook(resources[row.id], own_zone, now))
    return {row.id: known[keys[row.id]].outlook for row in rows}


def _is_current(known: Known | None, row: AnyRow, now: datetime) -> bool:
    if known is None or known.version != row.version:
        return False
    return known.outlook.now.at <= now < known.outlook.until
