"""Bookings, their claims and their history."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity

STATES = (
    "'offered', 'pending', 'confirmed', 'active', 'completed', 'cancelled', 'declined', 'expired', 'no_show', 'revoked'"
)


def _open(state: str) -> dict[str, Any]:
    """A partial index of the rows in one state, so that a scheduler's look costs what is due, not what has been."""
    return {"postgresql_where": text(f"state = '{state}'"), "sqlite_where": text(f"state = '{state}'")}


class Booking(Base):
    """One team's claim of units on one or several resources over one window.

    `check_in_from` and `check_in_until` are the agreed deadlines where a claimed resource asks for check-in;
    `ended_at` is when a final state was reached; `counter_of` the request that this one was offered instead of. One of
    a series stands for the local date `occurrence`; `apart_since` is when it was first changed by itself, so that
    changes of the series leave it alone.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint("starts_at < ends_at", name="window"),
        CheckConstraint("hold_until IS NULL OR hold_until <= starts_at", name="hold_until"),
        CheckConstraint("unit_seconds > 0", name="unit_seconds"),
        CheckConstraint("(series_id IS NULL) = (occurrence IS NULL)", name="occurrence"),
        CheckConstraint("apart_since IS NULL OR series_id IS NOT NULL", name="apart_since"),
        Index("ix_bookings_team_starts_at", "team_id", "starts_at"),
        Index("ix_bookings_confirmed_starts_at", "starts_at", **_open("confirmed")),
        Index("ix_bookings_confirmed_check_in", "check_in_until", **_open("confirmed")),
        Index("ix_bookings_active_ends_at", "ends_at", **_open("active")),
        Index("ix_bookings_completed_ended_at", "ended_at", **_open("completed")),
        Index("ix_bookings_pending_hold_until", "hold_until", **_open("pending")),
        Index("ix_bookings_offered_hold_until", "hold_until", **_open("offered")),
        Index(
            "uq_bookings_series_occurrence", "series_id", "occurrence", unique=True,
            postgresql_where=text("series_id IS NOT NULL"), sqlite_where=text("series_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    state: Mapped[str] = mapped_column(String(10))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    purpose: Mapped[str] = mapped_column(Text)
    hold_until: Mapped[datetime | None]
    check_in_from: Mapped[datetime | None]
    check_in_until: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, default=1)
    unit_seconds: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    occurrence: Mapped[date | None]
    apart_since: Mapped[datetime | None]
    counter_of: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"), index=True)


class Claim(Base):
    """One line of a booking: a resource, its units, and the terms agreed when it was admitted.

    It occupies its resource over `[starts_at, ends_at)`: the booking's window while that holds capacity, cut to the
    next grid instant when it ends early, empty when it holds nothing. `unit_seconds` is its price in quota, weighted.
    `settle_by` is how long the price of a claim that has ended waits for its measure. With `least_units` the team takes
    fewer than it asks for, down to these.
    """

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("units > 0", name="units"),
        CheckConstraint("least_units > 0 AND least_units <= units", name="least_units"),
        CheckConstraint("starts_at <= ends_at", name="occupied"),
        CheckConstraint("weight_percent >= 0 AND weight_percent % 5 = 0", name="weight"),
        CheckConstraint("late_cancel_percent BETWEEN 0 AND 100", name="late_share"),
        CheckConstraint("charge IN ('booked', 'measured')", name="charge"),
        CheckConstraint("approval IN ('none', 'waiting', 'given')", name="approval"),
        Index("ix_claims_resource_ends_at", "resource_id", "ends_at"),
        Index(
            "ix_claims_waiting", "resource_id",
            postgresql_where=text("approval = 'waiting'"), sqlite_where=text("approval = 'waiting'"),
        ),
        Index(
            "ix_claims_unsettled", "settle_by",
            postgresql_where=text("settle_by IS NOT NULL"), sqlite_where=text("settle_by IS NOT NULL"),
        ),
    )  # fmt: skip

    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    units: Mapped[int] = mapped_column(Integer)
    least_units: Mapped[int | None] = mapped_column(Integer)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    unit_seconds: Mapped[int]
    weight_percent: Mapped[int] = mapped_column(Integer)
    cancel_cutoff_minutes: Mapped[int] = mapped_column(Integer)
    late_cancel_percent: Mapped[int] = mapped_column(Integer)
    charge: Mapped[str] = mapped_column(String(8))
    min_charge_percent: Mapped[int] = mapped_column(Integer)
    measured_unit_seconds: Mapped[int | None]
    settle_by: Mapped[datetime | None]
    approval: Mapped[str] = mapped_column(String(8))


class History(Base):
    """One move of a booking: who, when, why."""

    __tablename__ = "booking_history"

    id: Mapped[Identity]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), index=True)
    at: Mapped[datetime]
    from_state: Mapped[str | None] = mapped_column(String(10))
    to_state: Mapped[str] = mapped_column(String(10))
    by: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(Text, default="")
