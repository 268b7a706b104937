"""Editions of scenario lists, and what their entries said before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Edition(Base):
    """One scenario list: its times, and how the reviewers of its applications decide."""

    __tablename__ = "editions"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'open', 'published', 'closed')", name="state"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("opens_at <= publishes_at AND publishes_at < closes_at", name="times"),
        CheckConstraint("quorum > 0", name="quorum"),
        CheckConstraint("vote_days > 0", name="vote_days"),
        CheckConstraint("deputy_days > 0 AND deputy_days < vote_days", name="deputy_days"),
        Index("ix_editions_state", "state"),
    )

    id: Mapped[Identity]
    number: Mapped[int] = mapped_column(Integer, unique=True)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    opens_at: Mapped[datetime]
    publishes_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    quorum: Mapped[int] = mapped_column(Integer)
    vote_days: Mapped[int] = mapped_column(Integer)
    deputy_days: Mapped[int | None] = mapped_column(Integer)


class ScenarioVersion(Base):
    """What a published entry said until it was changed."""

    __tablename__ = "scenario_versions"
    __table_args__ = (CheckConstraint("version > 0", name="version"),)

    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(Text)
