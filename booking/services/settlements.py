"""Use cases of the market: what a resource costs from now on, and closing months for good."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, text
from sqlalchemy.orm import Session

from booking.changes import audit
from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.errors import Conflict, Forbidden
from booking.domain.jobs import JobResult
from booking.domain.outbox import NOTICES
from booking.domain.permissions import Actor, may_close_months, may_set_rate
from booking.domain.policies import Opening
from booking.domain.settlements import (
    CLOSED_AFTER,
    Line,
    Rate,
    check_cents,
    check_start,
    due,
    settle,
)
from booking.domain.windows import Window
from booking.models.settlements import Rate as RateRow
from booking.models.settlements import SettlementLine, SettlementMonth
from booking.queries import resources, settlements
from booking.queries.listings import find_listing
from booking.services.holdings import SYSTEM


def set_rate(slug: str, rate: Rate, *, actor: Actor, now: datetime) -> Rate:
    """Say what a charged unit-hour costs for bookings that are made from an instant on; the past stays as it was.

    A rate of the same instant that is still to come is replaced.
    """
    with transaction() as session:
        listing = find_listing(session, slug, actor=actor)
        if not may_set_rate(actor, listing.organisation_id, listing.kind):
            raise Forbidden("Only who looks after a resource says what it costs.")
        check_cents(rate.cents_per_unit_hour)
        connection = session.connection()
        resources.lock_resources(connection, [listing.id])
        if listing.policy.opening is Opening.FREE and rate.cents_per_unit_hour:
            raise Conflict("It is open free of charge. Open it at its rate or to vouchers before it costs.")
        check_start(settlements.rates_of(connection, listing.id), rate.starts_at, now)

        row = {
            "resource_id": listing.id,
            "starts_at": rate.starts_at,
            "cents_per_unit_hour": rate.cents_per_unit_hour,
            "set_at": now,
            "set_by": actor.email,
        }
        same = (RateRow.resource_id == listing.id, RateRow.starts_at == rate.starts_at)
        connection.execute(delete(RateRow).where(*same))
        connection.execute(insert(RateRow).inline(), row)
        details = {"cents_per_unit_hour": rate.cents_per_unit_hour, "starts_at": rate.starts_at.isoformat()}
        audit.record(
            connection, by=actor.email, act="rate.set", subject=f"{listing.kind}:{listing.slug}", details=details,
            now=now,
        )  # fmt: skip
        said = {"cents": rate.cents_per_unit_hour, "starts_at": rate.starts_at.isoformat()}
        subject = f"resource:{listing.id}"
        tell(session, destination=NOTICES, subject=subject, event="rate_set", payload=said, now=now)
        return rate


def close_month(window: Window, *, actor: Actor, now: datetime) -> None:
    """Close the oldest open month, which has ended, as an administrator; Conflict for any other."""
    if not may_close_months(actor):
        raise Forbidden("Only administrators close a month by hand.")
    if not _close(now, by=actor.email, only=window):
        raise Conflict("Months are closed in their order, after their end, and once. This is not the next.")


def close_due(now: datetime) -> JobResult:
    """Close every month that ended long enough ago, the oldest first."""
    closed = 0
    while _close(now - CLOSED_AFTER, by=SYSTEM, at=now):
        closed += 1
    return JobResult(closed)


def _close(ended_by: datetime, *, by: str, at: datetime | None = None, only: Window | None = None) -> bool:
    """Store the oldest open month where it ended by then; False where there is none, or it is not the only one meant.

    The newest entry is read while nobody writes the ledger, so that whatever has a lower number is there to be seen.
    """
    with db.engine.connect() as connection:
        months = settlements.closed_months(connection)
        if due(months[0].window if months else None, settlements.first_charge(connection), ended_by) is None:
            return False
    newest = _newest_entry()
    with transaction() as session:
        connection = session.connection()
        _one_at_a_time(connection, "settlement_months")
        months = settlements.closed_months(connection)
        before = months[0] if months else None
        month = due(before.window if before else None, settlements.first_charge(connection), ended_by)
        if month is None or (only is not None and month != only):
            return False
        lines = settle(settlements.sums(connection, month.end, newest, before))
        _store(session, month, newest, lines, by=by, now=at or ended_by)
        return True


def _newest_entry() -> int:
    with transaction() as session:
        _one_at_a_time(session.connection(), "ledger_entries")
        return settlements.last_entry(session.connection())


def _one_at_a_time(connection: Connection, table: str) -> None:
    """Nobody else writes the table until the transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))


def _store(session: Session, month: Window, newest: int, lines: tuple[Line, ...], *, by: str, now: datetime) -> None:
    row = SettlementMonth(starts_at=month.start, ends_at=month.end, last_entry_id=newest, closed_at=now, closed_by=by)
    session.add(row)
    session.flush()
    connection = session.connection()
    if lines:
        connection.execute(insert(SettlementLine).inline(), [_values(row.id, line) for line in lines])
    tell(session, destination=NOTICES, subject=f"month:{row.id}", event="month_closed", payload={}, now=now)
    details = {"lines": len(lines), "cents": sum(line.cents for line in lines), "last_entry": newest}
    audit.record(
        connection, by=by, act="settlement.close", subject=f"month:{month.start.isoformat()}", details=details, now=now
    )


def _values(month_id: int, line: Line) -> dict[str, int | None]:
    one = line.sum
    return {
        "month_id": month_id,
        "operator_id": one.operator_id,
        "funder_id": one.funder_id,
        "team_id": one.team_id,
        "resource_id": one.resource_id,
        "subsidy_percent": one.subsidy_percent,
        "cents_per_unit_hour": one.cents_per_unit_hour,
        "booked": one.booked,
        "measured": one.measured,
        "refunded": one.refunded,
        "cents": line.cents,
        "subsidy_cents": line.subsidy_cents,
        "own_cents": line.own_cents,
    }
