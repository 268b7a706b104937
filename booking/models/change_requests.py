"""Change requests: growths of standing bookings that wait for an owner, and what each holds meanwhile."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class ChangeRequest(Base):
    """A wish that a confirmed or running booking be larger: the window asked for, and how that ended.

    `begins_at` is the first instant of what is added, before which somebody has to answer.
    """

    __tablename__ = "change_requests"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'approved', 'declined', 'expired', 'withdrawn')", name="state"),
        CheckConstraint("starts_at < ends_at", name="window"),
        CheckConstraint("hold_until <= begins_at", name="hold_until"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_change_requests_open", "booking_id", unique=True,
            postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ix_change_requests_open_hold_until", "hold_until",
            postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'"),
        ),
        Index("ix_change_requests_booking_id", "booking_id"),
    )  # fmt: skip

    id: Mapped[Identity]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    state: Mapped[str] = mapped_column(String(10))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    begins_at: Mapped[datetime]
    hold_until: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(254), default="")
    reason: Mapped[str] = mapped_column(Text, default="")


class ChangeRequestClaim(Base):
    """One line of the order that is asked for, whole; its owner answers where something of it is added."""

    __tablename__ = "change_request_claims"
    __table_args__ = (
        CheckConstraint("units > 0", name="units"),
        CheckConstraint("weight_percent >= 0 AND weight_percent % 5 = 0", name="weight"),
        CheckConstraint("approval IN ('none', 'waiting', 'given')", name="approval"),
        Index("ix_change_request_claims_resource_id", "resource_id"),
    )

    change_request_id: Mapped[int] = mapped_column(ForeignKey("change_requests.id"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    units: Mapped[int] = mapped_column(Integer)
    weight_percent: Mapped[int] = mapped_column(Integer)
    approval: Mapped[str] = mapped_column(String(8))


class ChangeRequestBlock(Base):
    """Units over one window that the booking has not yet; held from `starts_at` to `ends_at`, empty where not held."""

    __tablename__ = "change_request_blocks"
    __table_args__ = (
        CheckConstraint("units > 0", name="units"),
        CheckConstraint("starts_at <= ends_at", name="occupied"),
        Index("ix_change_request_blocks_resource_ends_at", "resource_id", "ends_at"),
    )

    change_request_id: Mapped[int] = mapped_column(ForeignKey("change_requests.id"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]
    units: Mapped[int] = mapped_column(Integer)
