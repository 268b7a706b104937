"""What is true of every settlement, whatever was booked."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from booking.db import db, transaction
from booking.domain.settlements import CLOSED_AFTER, month_of, total_of
from booking.models.bookings import Booking
from booking.models.grants import LedgerEntry
from booking.models.resources import Resource
from booking.models.settlements import Rate, SettlementLine
from booking.services import due_bookings, settlements
from booking.services.fsck import check_rules
from tests.support.world import SINCE

CENTS = 333


def set_rates(app: Flask) -> None:
    """Let every resource cost the same from the beginning on, a price that leaves remainders."""
    with app.app_context(), transaction() as session:
        for resource_id in session.scalars(select(Resource.id)).all():
            row = Rate(resource_id=resource_id, starts_at=SINCE, cents_per_unit_hour=CENTS, set_at=SINCE, set_by="x")
            session.add(row)


def stored() -> list[tuple[int, ...]]:
    """Every line of every closed month."""
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(SettlementLine.__table__).order_by(SettlementLine.id))]


def check_settlement(app: Flask) -> int:
    """Serve all that is booked, close its months, and compare them with the ledger; the cents in all."""
    with app.app_context():
        last = db.session.scalars(select(func.max(Booking.ends_at))).one()
        db.session.rollback()
        due_bookings.start_due(last)
        due_bookings.complete_due(last)
        after = month_of(last).end + CLOSED_AFTER
        assert settlements.close_due(after).items > 0

        lines = stored()
        with db.engine.connect() as connection:
            charged = func.sum(LedgerEntry.unit_seconds).filter(LedgerEntry.kind == "charge")
            ledger = int(connection.execute(select(charged)).scalar_one())
            booked, measured, refunded, cents, shares = connection.execute(
                select(
                    func.sum(SettlementLine.booked),
                    func.sum(SettlementLine.measured),
                    func.sum(SettlementLine.refunded),
                    func.sum(SettlementLine.cents),
                    func.sum(SettlementLine.subsidy_cents + SettlementLine.own_cents),
                )
            ).one()
            months = connection.scalar(select(func.count(SettlementLine.month_id.distinct()))) or 0
        assert (int(booked), int(measured), int(refunded)) == (ledger, 0, 0)
        assert abs(int(cents) - total_of([ledger * CENTS])) < months, "each month is rounded once"
        assert cents == shares

        assert settlements.close_due(after + timedelta(days=1)).items == 0
        assert stored() == lines
        assert all(finding.is_kept for finding in check_rules(after))
        return int(cents)
