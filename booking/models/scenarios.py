"""Scenarios: entries of published lists that teams are approved for."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Scenario(Base):
    """An application opportunity with an owner and a category."""

    __tablename__ = "scenarios"
    __table_args__ = (
        CheckConstraint("category IN ('economy', 'society', 'research', 'events')", name="category"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'declined', 'accepted', 'published', 'closed')", name="state"
        ),
        CheckConstraint("gpu_hours >= 0", name="gpu_hours"),
        CheckConstraint("version > 0", name="version"),
    )

    id: Mapped[Identity]
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    category: Mapped[str] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    # One that is published by itself stands in no list, and takes teams for good.
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("editions.id"), index=True)
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("scenarios.id"))
    state: Mapped[str] = mapped_column(String(10), default="published")
    reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=1)
    field: Mapped[str] = mapped_column(String(80), default="")
    gpu_hours: Mapped[int] = mapped_column(default=0)
    gpu_models: Mapped[list[str]] = mapped_column(JSON, default=list)
    datasets: Mapped[list[str]] = mapped_column(JSON, default=list)
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    contact: Mapped[str] = mapped_column(String(200), default="")
    links: Mapped[list[str]] = mapped_column(JSON, default=list)
