"""The docking board: what teams look for, and what operators offer to whom."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class DockingDemand(Base):
    """What a team looks for: units for a length of time inside a span, of some GPU models or of a dataset.

    `booking_id` is the booking that is proposed now, or was taken; `entry_id` the wait-list entry that it came from.
    """

    __tablename__ = "docking_demands"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'matched', 'fulfilled', 'withdrawn', 'expired')", name="state"),
        CheckConstraint("units > 0", name="units"),
        CheckConstraint("seconds > 0", name="seconds"),
        CheckConstraint("earliest < latest", name="span"),
        CheckConstraint("memory_gib >= 0", name="memory_gib"),
        CheckConstraint("(state IN ('matched', 'fulfilled')) = (booking_id IS NOT NULL)", name="proposal"),
        CheckConstraint("(state IN ('open', 'matched')) = (closed_at IS NULL)", name="closed"),
        Index("ix_docking_demands_team_state", "team_id", "state"),
        Index("ix_docking_demands_state_latest", "state", "latest"),
    )

    id: Mapped[Identity]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    gpu_models: Mapped[list[str]] = mapped_column(JSON)
    dataset_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    units: Mapped[int] = mapped_column(Integer)
    seconds: Mapped[int]
    earliest: Mapped[datetime]
    latest: Mapped[datetime]
    regions: Mapped[list[str]] = mapped_column(JSON)
    memory_gib: Mapped[int] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"), unique=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("waitlist_entries.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text)


class DockingOffer(Base):
    """Units that an operator offers over a window until an instant: to everybody, a region or kind, or one team."""

    __tablename__ = "docking_offers"
    __table_args__ = (
        CheckConstraint("units > 0", name="units"),
        CheckConstraint("starts_at < ends_at", name="window"),
        CheckConstraint("until <= ends_at", name="until"),
        CheckConstraint("kind IN ('enterprise', 'university', 'institute', 'government', 'intermediary')", name="kind"),
        CheckConstraint("team_id IS NULL OR (region IS NULL AND kind IS NULL)", name="addressee"),
        Index(
            "ix_docking_offers_standing", "until",
            postgresql_where=text("withdrawn_at IS NULL"), sqlite_where=text("withdrawn_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), index=True)
    units: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    until: Mapped[datetime]
    region: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[str | None] = mapped_column(String(20))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    note: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]
