"""Grants, their use by period, and the ledger."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Grant(Base):
    """An amount of unit-seconds for a team, for one kind, one resource or one facility, valid over a window.

    `amount`, `held` and `charged` are the sums of its ledger, kept beside it so that SQL can forbid overspending.
    One with a `subsidy_percent` is a voucher: the organisation that issued it pays that share of what is charged.
    """

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("kind IN ('pool', 'dataset')", name="kind"),
        CheckConstraint(
            "(kind IS NOT NULL AND resource_id IS NULL AND facility_id IS NULL)"
            " OR (kind IS NULL AND resource_id IS NOT NULL AND facility_id IS NULL)"
            " OR (kind IS NULL AND resource_id IS NULL AND facility_id IS NOT NULL)",
            name="scope",
        ),
        CheckConstraint("starts_at < ends_at", name="window"),
        CheckConstraint("held >= 0 AND charged >= 0 AND held + charged <= amount", name="never_overspent"),
        CheckConstraint("(cap_unit_seconds IS NULL) = (cap_per IS NULL)", name="cap"),
        CheckConstraint("cap_per IN ('week', 'month')", name="cap_per"),
        CheckConstraint("cap_unit_seconds >= 0", name="cap_amount"),
        CheckConstraint(
            "subsidy_percent BETWEEN 1 AND 100 AND organisation_id IS NOT NULL OR subsidy_percent IS NULL",
            name="voucher",
        ),
        Index("ix_grants_team_ends_at", "team_id", "ends_at"),
        Index("ix_grants_ends_at", "ends_at"),
    )

    id: Mapped[Identity]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    kind: Mapped[str | None] = mapped_column(String(8))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facilities.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    amount: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    charged: Mapped[int] = mapped_column(default=0)
    cap_unit_seconds: Mapped[int | None]
    cap_per: Mapped[str | None] = mapped_column(String(8))
    subsidy_percent: Mapped[int | None] = mapped_column(Integer)
    eligible_kinds: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    eligible_regions: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    expired_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]


class GrantPeriod(Base):
    """How much of a capped grant is held or charged for bookings' parts within one week or month."""

    __tablename__ = "grant_periods"
    __table_args__ = (CheckConstraint("used >= 0", name="used"),)

    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    used: Mapped[int]


class LedgerEntry(Base):
    """One append-only line on a grant; the kind tells the direction of `unit_seconds`.

    A line of a booking names the claim it is for, and the period it counts in where the grant is capped; one of an
    addition that is only asked for names the change request, so that the booking's own lines are told apart.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("kind IN ('grant', 'cut', 'hold', 'release', 'charge', 'refund', 'expire')", name="kind"),
        CheckConstraint("unit_seconds >= 0", name="unit_seconds"),
        CheckConstraint("(booking_id IS NULL) = (resource_id IS NULL)", name="claim"),
        CheckConstraint("(booking_id IS NULL) = (kind IN ('grant', 'cut', 'expire'))", name="booked"),
        Index("ix_ledger_entries_grant_id_id", "grant_id", "id"),
        Index("ix_ledger_entries_booking_id_id", "booking_id", "id"),
        # What a month cost, without a look at all that was ever held and released.
        Index(
            "ix_ledger_entries_charged_at", "at",
            postgresql_where=text("kind IN ('charge', 'refund')"), sqlite_where=text("kind IN ('charge', 'refund')"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    change_request_id: Mapped[int | None] = mapped_column(ForeignKey("change_requests.id"))
    kind: Mapped[str] = mapped_column(String(8))
    unit_seconds: Mapped[int]
    period_start: Mapped[datetime | None]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(Text, default="")
