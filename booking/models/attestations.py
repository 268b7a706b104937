"""Attestations of teams that data is deleted."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Attestation(Base):
    """What a team owes for one dataset after one booking, and what it has said."""

    __tablename__ = "attestations"
    __table_args__ = (
        CheckConstraint("asked_at < due_at", name="due"),
        CheckConstraint("(attested_at IS NULL) = (attested_by = '')", name="attested"),
        UniqueConstraint("booking_id", "resource_id"),
        Index("ix_attestations_resource_id_id", "resource_id", "id"),
        Index(
            "ix_attestations_owed", "team_id", "resource_id", "due_at",
            postgresql_where=text("attested_at IS NULL"), sqlite_where=text("attested_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    # When the team and the stewards heard that it is overdue.
    reminded_at: Mapped[datetime | None]
    attested_at: Mapped[datetime | None]
    attested_by: Mapped[str] = mapped_column(String(254))
    statement: Mapped[str] = mapped_column(Text)
