"""Questions about grants and the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from booking.domain.ledger import Cap, Entry, Grant, Line, Per, still_held
from booking.domain.windows import Window
from booking.models.grants import Grant as GrantRow
from booking.models.grants import GrantPeriod, LedgerEntry
from booking.models.rows import AnyRow

COLUMNS = (
    GrantRow.id,
    GrantRow.team_id,
    GrantRow.kind,
    GrantRow.resource_id,
    GrantRow.facility_id,
    GrantRow.starts_at,
    GrantRow.ends_at,
    GrantRow.amount,
    GrantRow.held,
    GrantRow.charged,
    GrantRow.cap_unit_seconds,
    GrantRow.cap_per,
    GrantRow.timezone,
    GrantRow.subsidy_percent,
)
READ = select(*COLUMNS).where(GrantRow.team_id.in_(bindparam("team_ids", expanding=True))).order_by(GrantRow.id)
LOCK = READ.with_for_update()
PERIODS = select(GrantPeriod.grant_id, GrantPeriod.starts_at, GrantPeriod.used).where(
    GrantPeriod.grant_id.in_(bindparam("grant_ids", expanding=True))
)
ENTRIES = (
    select(
        LedgerEntry.resource_id,
        LedgerEntry.kind,
        LedgerEntry.grant_id,
        LedgerEntry.period_start,
        LedgerEntry.unit_seconds,
    )
    .where(LedgerEntry.booking_id == bindparam("booking_id"))
    .order_by(LedgerEntry.id)
)
ENTRIES_OF_MANY = (
    select(
        LedgerEntry.booking_id,
        LedgerEntry.resource_id,
        LedgerEntry.kind,
        LedgerEntry.grant_id,
        LedgerEntry.period_start,
        LedgerEntry.unit_seconds,
    )
    .where(LedgerEntry.booking_id.in_(bindparam("booking_ids", expanding=True)))
    .order_by(LedgerEntry.id)
)
OF_BOOKINGS = ENTRIES_OF_MANY.where(LedgerEntry.change_request_id.is_(None))
OF_BOOKING = ENTRIES.where(LedgerEntry.change_request_id.is_(None))
OF_REQUEST = ENTRIES.where(LedgerEntry.change_request_id == bindparam("request_id"))


def lock_grants(connection: Connection, team_ids: Iterable[int]) -> dict[int, tuple[Grant, ...]]:
    """Lock *all* grants of teams in the order of their ids, always after the resources; by team."""
    return _by_team(connection, connection.execute(LOCK, {"team_ids": sorted(set(team_ids))}).all())


def read_grants(connection: Connection, team_ids: Iterable[int]) -> dict[int, tuple[Grant, ...]]:
    """The same grants without a lock, for a preview."""
    return _by_team(connection, connection.execute(READ, {"team_ids": sorted(set(team_ids))}).all())


def _by_team(connection: Connection, rows: Sequence[AnyRow]) -> dict[int, tuple[Grant, ...]]:
    capped = [row.id for row in rows if row.cap_per]
    used: defaultdict[int, dict[datetime, int]] = defaultdict(dict)
    if capped:
        for period in connection.execute(PERIODS, {"grant_ids": capped}):
            used[period.grant_id][period.starts_at] = period.used
    found: defaultdict[int, tuple[Grant, ...]] = defaultdict(tuple)
    for row in rows:
        found[row.team_id] += (_grant(row, used[row.id]),)
    return found


def _grant(row: AnyRow, used: Mapping[datetime, int]) -> Grant:
    return Grant(
        id=row.id,
        window=Window(row.starts_at, row.ends_at),
        amount=row.amount,
        held=row.held,
        charged=row.charged,
        kind=row.kind,
        resource_id=row.resource_id,
        facility_id=row.facility_id,
        cap=Cap(row.cap_unit_seconds, Per(row.cap_per), row.timezone) if row.cap_per else None,
        used=used,
        subsidy_percent=row.subsidy_percent,
    )


def held_by(connection: Connection, booking_id: int) -> dict[int, tuple[Line, ...]]:
    """What a booking itself still holds on grants, by resource, in the order it was drawn."""
    return _still_held(connection.execute(OF_BOOKING, {"booking_id": booking_id}))


def held_by_many(connection: Connection, booking_ids: Sequence[int]) -> dict[int, dict[int, tuple[Line, ...]]]:
    """The same of many bookings, by their ids."""
    rows: defaultdict[int, list[AnyRow]] = defaultdict(list)
    for row in connection.execute(OF_BOOKINGS, {"booking_ids": booking_ids}):
        rows[row.booking_id].append(row)
    return {booking_id: _still_held(own) for booking_id, own in rows.items()}


def held_by_request(connection: Connection, booking_id: int, request_id: int) -> dict[int, tuple[Line, ...]]:
    """What an addition that is asked for still holds on grants, by resource, in the order it was drawn."""
    return _still_held(connection.execute(OF_REQUEST, {"booking_id": booking_id, "request_id": request_id}))


def _still_held(rows: Iterable[AnyRow]) -> dict[int, tuple[Line, ...]]:
    entries: defaultdict[int, list[tuple[Entry, Line]]] = defaultdict(list)
    for row in rows:
        line = Line(row.grant_id, row.period_start, row.unit_seconds)
        entries[row.resource_id].append((Entry(row.kind), line))
    return {resource_id: still_held(own) for resource_id, own in entries.items()}


def without_held(grants: Iterable[Grant], lines: Iterable[Line]) -> tuple[Grant, ...]:
    """The grants as they would be without what some lines hold."""
    left = {grant.id: grant for grant in grants}
    for line in lines:
        grant = left[line.grant_id]
        used = dict(grant.used)
        if line.period_start is not None:
            used[line.period_start] = used.get(line.period_start, 0) - line.unit_seconds
        left[line.grant_id] = replace(grant, held=grant.held - line.unit_seconds, used=used)
    return tuple(left.values())


def with_charged(grants: Iterable[Grant], lines: Iterable[Line]) -> tuple[Grant, ...]:
    """The grants as they would be with some lines charged."""
    left = {grant.id: grant for grant in grants}
    for line in lines:
        grant = left[line.grant_id]
        used = dict(grant.used)
        if line.period_start is not None:
            used[line.period_start] = used.get(line.period_start, 0) + line.unit_seconds
        left[line.grant_id] = replace(grant, charged=grant.charged + line.unit_seconds, used=used)
    return tuple(left.values())


def grants_of(session: Session, team_id: int) -> Sequence[GrantRow]:
    """The grants of a team, the one that ends first at the top."""
    return session.scalars(
        select(GrantRow).where(GrantRow.team_id == team_id).order_by(GrantRow.ends_at, GrantRow.id)
    ).all()
