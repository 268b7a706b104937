"""The wait list: wishes that cannot be booked yet, and the classes that owners give them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class WaitlistEntry(Base):
    """A wish of a team: units for a length of time inside a span, of one resource or of any pool of a GPU model.

    `booking_id` is the booking that is offered now, or was offered last. The team of an entry that owes a look has
    got quota back or more of it since its resources were looked at last.
    """

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'taken', 'withdrawn', 'expired')", name="state"),
        CheckConstraint("(resource_id IS NULL) <> (gpu_model IS NULL)", name="target"),
        CheckConstraint("region IS NULL OR gpu_model IS NOT NULL", name="region"),
        CheckConstraint("dataset_id <> resource_id", name="dataset"),
        CheckConstraint("units > 0", name="units"),
        CheckConstraint("min_seconds > 0 AND min_seconds <= max_seconds", name="length"),
        CheckConstraint("earliest < latest", name="span"),
        CheckConstraint("state <> 'waiting' OR booking_id IS NULL", name="unoffered"),
        CheckConstraint("state NOT IN ('offered', 'taken') OR booking_id IS NOT NULL", name="offer"),
        CheckConstraint("(state IN ('waiting', 'offered')) = (closed_at IS NULL)", name="closed"),
        CheckConstraint("state = 'waiting' OR NOT owes_look", name="owes_look"),
        Index("ix_waitlist_entries_team_state", "team_id", "state"),
        Index(
            "ix_waitlist_entries_waiting", "latest",
            postgresql_where=text("state = 'waiting'"), sqlite_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_waitlist_entries_owes_look", "id",
            postgresql_where=text("owes_look"), sqlite_where=text("owes_look = 1"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"), index=True)
    gpu_model: Mapped[str | None] = mapped_column(String(80), index=True)
    region: Mapped[str | None] = mapped_column(String(80))
    dataset_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"), index=True)
    units: Mapped[int] = mapped_column(Integer)
    min_seconds: Mapped[int]
    max_seconds: Mapped[int]
    earliest: Mapped[datetime]
    latest: Mapped[datetime]
    purpose: Mapped[str] = mapped_column(Text, default="")
    take_automatically: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"), unique=True)
    owes_look: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")


class WaitlistPriority(Base):
    """The class that an entry has on the resources of one organisation; normal where none is set."""

    __tablename__ = "waitlist_priorities"
    __table_args__ = (CheckConstraint("priority IN ('high', 'normal', 'low')", name="priority"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("waitlist_entries.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    priority: Mapped[str] = mapped_column(String(8))
