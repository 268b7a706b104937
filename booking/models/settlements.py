"""Rates of resources over time, and months that are settled for good."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Rate(Base):
    """What a charged unit-hour of a resource costs for bookings that are made from an instant on; never rewritten."""

    __tablename__ = "rates"
    __table_args__ = (
        UniqueConstraint("resource_id", "starts_at"),
        CheckConstraint("cents_per_unit_hour >= 0", name="cents"),
    )

    id: Mapped[Identity]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    starts_at: Mapped[datetime]
    cents_per_unit_hour: Mapped[int] = mapped_column(Integer)
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(String(254))


class SettlementMonth(Base):
    """A month that is closed: the charges and refunds that were in the ledger, up to an entry, before its end."""

    __tablename__ = "settlement_months"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="window"),)

    id: Mapped[Identity]
    starts_at: Mapped[datetime] = mapped_column(unique=True)
    ends_at: Mapped[datetime]
    last_entry_id: Mapped[int]
    closed_at: Mapped[datetime]
    closed_by: Mapped[str] = mapped_column(String(254))


class SettlementLine(Base):
    """What a team used of one resource in a closed month at one rate, and who pays what of it."""

    __tablename__ = "settlement_lines"
    __table_args__ = (
        CheckConstraint("booked >= 0 AND measured >= 0 AND refunded >= 0", name="amounts"),
        CheckConstraint("subsidy_cents + own_cents = cents", name="shares"),
        CheckConstraint("subsidy_percent BETWEEN 0 AND 100", name="subsidy_percent"),
    )

    id: Mapped[Identity]
    month_id: Mapped[int] = mapped_column(ForeignKey("settlement_months.id"), index=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    funder_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    subsidy_percent: Mapped[int] = mapped_column(Integer)
    cents_per_unit_hour: Mapped[int] = mapped_column(Integer)
    booked: Mapped[int]
    measured: Mapped[int]
    refunded: Mapped[int]
    cents: Mapped[int]
    subsidy_cents: Mapped[int]
    own_cents: Mapped[int]
