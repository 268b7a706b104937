"""Organisations: who owns facilities, datasets and scenarios, and who forms teams."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Organisation(Base):
    """An enterprise, university, institute, government body or intermediary."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("kind IN ('enterprise', 'university', 'institute', 'government', 'intermediary')", name="kind"),
    )

    id: Mapped[Identity]
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
