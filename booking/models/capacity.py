"""Capacity: what is offered, the held levels at their change points, and whom an outage displaces."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class CapacityChange(Base):
    """A supply or an outage of some units, or a closure of all of them, over a window that may be open-ended."""

    __tablename__ = "capacity_changes"
    __table_args__ = (
        CheckConstraint("kind IN ('supply', 'outage', 'closed')", name="kind"),
        CheckConstraint("(kind = 'closed') = (units IS NULL)", name="closed_units"),
        CheckConstraint("units > 0", name="units"),
        CheckConstraint("starts_at <= ends_at", name="window"),
    )

    id: Mapped[Identity]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    units: Mapped[int | None] = mapped_column(Integer)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class HeldStep(Base):
    """From `at` until the resource's next row, bookings hold `held` units; equal neighbours are dropped."""

    __tablename__ = "held_steps"
    __table_args__ = (CheckConstraint("held >= 0", name="held"),)

    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    held: Mapped[int] = mapped_column(Integer)


class Displacement(Base):
    """A booking that no longer fits what its resource offers; it stands here until that is resolved."""

    __tablename__ = "displacements"
    __table_args__ = (
        CheckConstraint("resolution IN ('move', 'reduce', 'revoke', 'restored', 'ended')", name="resolution"),
        CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name="resolved"),
        Index(
            "uq_displacements_open", "booking_id", "resource_id", unique=True,
            postgresql_where=text("resolved_at IS NULL"), sqlite_where=text("resolved_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), index=True)
    capacity_change_id: Mapped[int | None] = mapped_column(ForeignKey("capacity_changes.id"))
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None] = mapped_column(String(8))
