"""Scenarios: entries of published lists that teams are approved for."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Scenario(Base):
    """An application opportunity with an owner and a category."""

    __tablename__ = "scenarios"
    __table_args__ = (CheckConstraint("category IN ('economy', 'society', 'research', 'events')", name="category"),)

    id: Mapped[Identity]
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    category: Mapped[str] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None]
