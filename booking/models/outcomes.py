"""Reports of what came of bookings."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Outcome(Base):
    """A report that a team was asked for; published, it is a case.

    `used_unit_seconds` is what the booking had until the team says what it used of it.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'submitted', 'returned', 'published', 'declined')", name="state"),
        CheckConstraint("(state = 'asked') = (submitted_at IS NULL)", name="submitted"),
        CheckConstraint("(state IN ('asked', 'submitted')) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("used_unit_seconds BETWEEN 0 AND booked_unit_seconds", name="used"),
        Index("ix_outcomes_state_id", "state", "id"),
        Index("ix_outcomes_team_id_id", "team_id", "id"),
    )

    id: Mapped[Identity]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), unique=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    kind: Mapped[str] = mapped_column(String(8))
    booked_unit_seconds: Mapped[int]
    used_unit_seconds: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    results: Mapped[str] = mapped_column(Text)
    links: Mapped[list[str]] = mapped_column(JSON)
    asked_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(Text)
