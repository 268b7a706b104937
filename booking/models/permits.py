"""Permits of teams for restricted datasets."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Permit(Base):
    """What a team asked for, and what its steward decided; `expired_at` is when its end by itself was noted."""

    __tablename__ = "permits"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'granted', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("(state IN ('granted', 'withdrawn')) = (until IS NOT NULL)", name="until"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        Index("ix_permits_resource_state", "resource_id", "state"),
        Index("ix_permits_team_resource", "team_id", "resource_id"),
        Index(
            "uq_permits_asked", "team_id", "resource_id", unique=True,
            postgresql_where=text("state = 'asked'"), sqlite_where=text("state = 'asked'"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    purpose: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(254))
    until: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(254), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
