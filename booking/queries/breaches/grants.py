"""Is anything overspent, does the ledger explain every amount, and is what is held valid for its booking?"""

from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Select, case, func, literal, or_, select, union_all

from booking.domain.ledger import EFFECTS, Cap, Per
from booking.domain.lifecycle import OPEN
from booking.models.bookings import Booking, Claim
from booking.models.grants import Grant, GrantPeriod, LedgerEntry
from booking.queries.breaches import Check, Rows, ask, first

AMOUNT, HELD, CHARGED = range(3)


def _sum_of(*columns: int) -> ColumnElement[int]:
    """What ledger entries add to a grant's amount, held or charged, or to several of them together."""
    effects = {kind.value: sum(effect[column] for column in columns) for kind, effect in EFFECTS.items()}
    signed = [(LedgerEntry.kind == kind, effect * LedgerEntry.unit_seconds) for kind, effect in effects.items()]
    return func.coalesce(func.sum(case(*signed, else_=0)), 0)


def _totals_beside_ledger() -> Select[*tuple[Any, ...]]:
    sums = (
        select(
            LedgerEntry.grant_id,
            _sum_of(AMOUNT).label("amount"),
            _sum_of(HELD).label("held"),
            _sum_of(CHARGED).label("charged"),
        )
        .group_by(LedgerEntry.grant_id)
        .subquery()
    )
    pairs = ((Grant.amount, sums.c.amount), (Grant.held, sums.c.held), (Grant.charged, sums.c.charged))
    return (
        select(Grant.id)
        .outerjoin(sums, sums.c.grant_id == Grant.id)
        .where(or_(*(total != func.coalesce(summed, 0) for total, summed in pairs)))
        .order_by(Grant.id)
    )


OVERSPENT = (
    select(Grant.id)
    .where(or_(Grant.held < 0, Grant.charged < 0, Grant.held + Grant.charged > Grant.amount))
    .order_by(Grant.id)
)


def _periods_beside_ledger() -> Select[*tuple[Any, ...]]:
    """Grant and period whose use is not the sum of the ledger's lines in it."""
    dated = LedgerEntry.period_start.is_not(None)
    both = union_all(
        select(LedgerEntry.grant_id, LedgerEntry.period_start.label("since"), _sum_of(HELD, CHARGED).label("used"))
        .where(dated)
        .group_by(LedgerEntry.grant_id, LedgerEntry.period_start),
        select(GrantPeriod.grant_id, GrantPeriod.starts_at, -GrantPeriod.used),
    ).subquery()
    grouped = select(both.c.grant_id, both.c.since).group_by(both.c.grant_id, both.c.since)
    return grouped.having(func.sum(both.c.used) != 0).order_by(both.c.grant_id, both.c.since)


OVER_CAP = (
    select(GrantPeriod.grant_id, GrantPeriod.starts_at)
    .join(Grant, Grant.id == GrantPeriod.grant_id)
    .where((Grant.cap_unit_seconds.is_(None)) | (GrantPeriod.used > Grant.cap_unit_seconds))
    .order_by(GrantPeriod.grant_id, GrantPeriod.starts_at)
)
PERIODS = (
    select(GrantPeriod.grant_id, GrantPeriod.starts_at, Grant.cap_unit_seconds, Grant.cap_per, Grant.timezone)
    .join(Grant, Grant.id == GrantPeriod.grant_id)
    .where(Grant.cap_per.is_not(None))
    .order_by(GrantPeriod.grant_id, GrantPeriod.starts_at)
)


def _no_such_period(connection: Connection, _now: datetime) -> Rows:
    """Grant and instant of periods that begin where no week or month of the grant's zone begins."""
    return first(
        (row.grant_id, row.starts_at)
        for row in connection.execute(PERIODS)
        if Cap(row.cap_unit_seconds, Per(row.cap_per), row.timezone).period_of(row.starts_at).start != row.starts_at
    )


def _still_held() -> CTE:
    """What every claim holds on grants according to the ledger, where it holds anything, in how many lines."""
    held = _sum_of(HELD)
    return (
        select(
            LedgerEntry.booking_id,
            LedgerEntry.resource_id,
            held.label("held"),
            func.sum(case((LedgerEntry.kind == "hold", 1), else_=0)).label("lines"),
        )
        .where(LedgerEntry.booking_id.is_not(None), LedgerEntry.change_request_id.is_(None))
        .group_by(LedgerEntry.booking_id, LedgerEntry.resource_id)
        .having(held != 0)
        .cte("still_held")
    )


def _holds_beside_claims() -> Select[*tuple[Any, ...]]:
    """Booking and resource whose hold on grants is not the price of the claim; the ended and the idle hold nothing.

    What has ended and waits for its measure holds all of it still. Weights may drop a fraction of a unit-second in each
    line that was drawn.
    """
    still = _still_held()
    unsettled = Claim.settle_by.is_not(None)
    priced = (
        select(Claim.booking_id, Claim.resource_id, Claim.unit_seconds.label("missing"), literal(0).label("lines"))
        .join(Booking, Booking.id == Claim.booking_id)
        .where(or_(Booking.state.in_(sorted(OPEN)), unsettled), Claim.starts_at < Claim.ends_at, Claim.unit_seconds > 0)
    )
    held = select(still.c.booking_id, still.c.resource_id, -still.c.held, still.c.lines)
    both = union_all(priced, held).subquery()
    missing = func.sum(both.c.missing)
    grouped = select(both.c.booking_id, both.c.resource_id).group_by(both.c.booking_id, both.c.resource_id)
    differs = (missing < 0) | (missing > func.sum(both.c.lines))
    return grouped.having(differs).order_by(both.c.booking_id, both.c.resource_id)


def _drawn(*narrowed: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Booking and grant of everything that is still held, to be narrowed to what is wrong."""
    held = _sum_of(HELD)
    sums = (
        select(LedgerEntry.booking_id, LedgerEntry.grant_id)
        .where(LedgerEntry.booking_id.is_not(None), *narrowed)
        .group_by(LedgerEntry.booking_id, LedgerEntry.grant_id)
        .having(held > 0)
        .subquery()
    )
    return (
        select(sums.c.booking_id, sums.c.grant_id)
        .join(Booking, Booking.id == sums.c.booking_id)
        .join(Grant, Grant.id == sums.c.grant_id)
        .order_by(sums.c.booking_id, sums.c.grant_id)
    )


CHECKS = (
    Check(2, "grants whose totals differ from their ledger", ask(_totals_beside_ledger())),
    Check(2, "grants with more held and charged than their amount", ask(OVERSPENT)),
    Check(2, "periods whose use differs from the ledger (grant/period)", ask(_periods_beside_ledger())),
    Check(2, "periods over the cap (grant/period)", ask(OVER_CAP)),
    Check(2, "periods that are no week or month of their grant (grant/period)", _no_such_period),
    Check(2, "bookings that draw on another team's grant (booking/grant)",
          ask(_drawn().where(Grant.team_id != Booking.team_id))),
    Check(3, "claims that hold another amount of quota than their price (booking/resource)",
          ask(_holds_beside_claims())),
    Check(8, "bookings that hold quota of a grant that is not valid in their window (booking/grant)",
          ask(_drawn(LedgerEntry.change_request_id.is_(None))
              .where((Grant.ends_at <= Booking.starts_at) | (Grant.starts_at >= Booking.ends_at)))),
)  # fmt: skip
