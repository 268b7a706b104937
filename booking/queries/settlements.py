"""Questions about rates, and about what the ledger says of a month; a closed month is read as it was stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, and_, bindparam, case, func, literal, not_, or_, select

from booking.domain.ledger import Entry
from booking.domain.permissions import Actor, may_see_settlement
from booking.domain.policies import Charge
from booking.domain.settlements import Line, Rate, Sum, month_of, settle
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim
from booking.models.grants import Grant, LedgerEntry
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.settlements import Rate as RateRow
from booking.models.settlements import SettlementLine, SettlementMonth
from booking.models.teams import Team

# Written out in the statement, so that the index of these entries serves it.
CHARGED = LedgerEntry.kind.in_(
    bindparam("charged", [Entry.CHARGE.value, Entry.REFUND.value], expanding=True, literal_execute=True)
)
RATE = func.coalesce(
    select(RateRow.cents_per_unit_hour)
    .where(RateRow.resource_id == LedgerEntry.resource_id, RateRow.starts_at <= Booking.created_at)
    .order_by(RateRow.starts_at.desc())
    .limit(1)
    .correlate(LedgerEntry, Booking)
    .scalar_subquery(),
    0,
)
FUNDER = case((Grant.subsidy_percent.is_not(None), Grant.organisation_id))
SHARE = func.coalesce(Grant.subsidy_percent, 0)
MEASURED = func.coalesce(Claim.charge, Charge.BOOKED.value) == Charge.MEASURED.value
ENTRIES = (
    select(
        Resource.organisation_id.label("operator_id"),
        FUNDER.label("funder_id"),
        Grant.team_id,
        LedgerEntry.resource_id,
        SHARE.label("subsidy_percent"),
        RATE.label("cents_per_unit_hour"),
        LedgerEntry.kind,
        LedgerEntry.unit_seconds,
        MEASURED.label("is_measured"),
    )
    .join(Grant, Grant.id == LedgerEntry.grant_id)
    .join(Booking, Booking.id == LedgerEntry.booking_id)
    .join(Resource, Resource.id == LedgerEntry.resource_id)
    .outerjoin(Claim, and_(Claim.booking_id == LedgerEntry.booking_id, Claim.resource_id == LedgerEntry.resource_id))
    .where(CHARGED)
)
PARTS = ("operator_id", "funder_id", "team_id", "resource_id", "subsidy_percent", "cents_per_unit_hour")


@dataclass(frozen=True, slots=True)
class Month:
    """A month of settlements; `id` and what follows are those of one that is closed."""

    window: Window
    id: int | None = None
    last_entry_id: int | None = None
    closed_at: datetime | None = None
    closed_by: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A line of a settlement with the names of whom it is about; slugs are for programs."""

    line: Line
    operator: str
    operator_name: str
    funder: str | None
    funder_name: str | None
    team: str
    team_name: str
    resource: str
    resource_name: str
    resource_kind: Literal["pool", "dataset"]


def rates_of(connection: Connection, resource_id: int) -> tuple[Rate, ...]:
    """The rates of a resource, the first at the top."""
    chosen = select(RateRow.starts_at, RateRow.cents_per_unit_hour).where(RateRow.resource_id == resource_id)
    return tuple(
        Rate(row.starts_at, row.cents_per_unit_hour) for row in connection.execute(chosen.order_by(RateRow.starts_at))
    )


def closed_months(connection: Connection) -> list[Month]:
    """The months that are closed, the last at the top."""
    rows = connection.execute(select(SettlementMonth.__table__).order_by(SettlementMonth.starts_at.desc()))
    return [
        Month(Window(row.starts_at, row.ends_at), row.id, row.last_entry_id, row.closed_at, row.closed_by)
        for row in rows
    ]


def first_charge(connection: Connection) -> datetime | None:
    """When the ledger was charged for the first time."""
    return connection.scalar(select(func.min(LedgerEntry.at)).where(CHARGED))


def last_entry(connection: Connection) -> int:
    """The number of the newest entry of the ledger; 0 where there is none."""
    return connection.scalar(select(func.max(LedgerEntry.id))) or 0


def sums(
    connection: Connection,
    until: datetime,
    last_entry_id: int | None,
    before: Month | None,
    *,
    since: datetime | None = None,
) -> list[Sum]:
    """What was charged and refunded before an instant, up to an entry, and was in no month that was closed `before`.

    What reached the ledger after its month was closed is in the first month that was open then.
    """
    chosen = ENTRIES.where(LedgerEntry.at < until)
    if last_entry_id is not None:
        chosen = chosen.where(LedgerEntry.id <= last_entry_id)
    if since is not None:
        chosen = chosen.where(LedgerEntry.at >= since)
    if before is not None:
        chosen = chosen.where(or_(LedgerEntry.at >= before.window.end, LedgerEntry.id > literal(before.last_entry_id)))
    return [_sum(row) for row in connection.execute(_grouped(chosen))]


def _grouped(chosen: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Sums by everything that a price depends on."""
    entries = chosen.subquery()
    is_charge = entries.c.kind == Entry.CHARGE.value
    amounts = {
        "booked": and_(is_charge, not_(entries.c.is_measured)),
        "measured": and_(is_charge, entries.c.is_measured),
        "refunded": entries.c.kind == Entry.REFUND.value,
    }
    keys = [entries.c[name] for name in PARTS]
    totals = [
        func.sum(case((condition, entries.c.unit_seconds), else_=0)).label(name) for name, condition in amounts.items()
    ]
    # Databases differ in where nobody stands, and the order decides who gets a cent that is left over.
    in_order = [func.coalesce(key, 0) for key in keys]
    return select(*keys, *totals).group_by(*keys).order_by(*in_order)


def _sum(row: AnyRow) -> Sum:
    return Sum(
        operator_id=row.operator_id,
        funder_id=row.funder_id,
        team_id=row.team_id,
        resource_id=row.resource_id,
        subsidy_percent=row.subsidy_percent,
        cents_per_unit_hour=row.cents_per_unit_hour,
        booked=int(row.booked),
        measured=int(row.measured),
        refunded=int(row.refunded),
    )


def stored_lines(connection: Connection, month_id: int) -> tuple[Line, ...]:
    """The lines of a closed month as they were stored."""
    chosen = select(SettlementLine.__table__).where(SettlementLine.month_id == month_id).order_by(SettlementLine.id)
    return tuple(Line(_sum(row), row.cents, row.subsidy_cents) for row in connection.execute(chosen))


def find_month(connection: Connection, instant: datetime) -> tuple[Month, tuple[Line, ...]]:
    """The month around an instant: as it was closed, or as it stands now."""
    window, closed = month_of(instant), closed_months(connection)
    for month in closed:
        if month.window == window:
            return month, stored_lines(connection, month.id or 0)
    before = closed[0] if closed else None
    if before is not None and window.end <= before.window.end:
        return Month(window), ()  # before the first that was closed nothing was charged
    found = sums(
        connection, window.end, None, before, since=window.start if _waits(connection, window, before) else None
    )
    return Month(window), settle(found)


def _waits(connection: Connection, window: Window, before: Month | None) -> bool:
    """Whether another month is to be closed before this one, so that what is late is in that."""
    first = before.window.end if before else first_charge(connection)
    return first is not None and month_of(first).start < window.start


def visible(connection: Connection, lines: Sequence[Line], actor: Actor) -> list[Named]:
    """Those of the lines that the actor may see, with their names."""
    seen = [one for one in lines if may_see_settlement(actor, one.sum.operator_id, one.sum.funder_id, one.sum.team_id)]
    organisations = _names(connection, Organisation, {one.sum.operator_id for one in seen}
                           | {one.sum.funder_id for one in seen if one.sum.funder_id})  # fmt: skip
    teams = _names(connection, Team, {one.sum.team_id for one in seen})
    resources = _names(connection, Resource, {one.sum.resource_id for one in seen})
    kind_of = select(Resource.id, Resource.kind).where(Resource.id.in_(sorted(resources)))
    kinds = {row.id: row.kind for row in connection.execute(kind_of)}
    found = []
    for one in seen:
        funder, funder_name = organisations[one.sum.funder_id] if one.sum.funder_id else (None, None)
        found.append(
            Named(
                one,
                *organisations[one.sum.operator_id],
                funder,
                funder_name,
                *teams[one.sum.team_id],
                *resources[one.sum.resource_id],
                kinds[one.sum.resource_id],
            )
        )
    return found


def _names(
    connection: Connection, table: type[Organisation] | type[Team] | type[Resource], ids: set[int]
) -> Mapping[int, tuple[str, str]]:
    chosen = select(table.id, table.slug, table.name).where(table.id.in_(sorted(ids)))
    return {row.id: (row.slug, row.name) for row in connection.execute(chosen)}
