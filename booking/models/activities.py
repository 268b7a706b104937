"""Activities: contests, road shows, matchmaking days and demonstrations that are announced to the public."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Activity(Base):
    """One announced event of an organisation."""

    __tablename__ = "activities"
    __table_args__ = (
        CheckConstraint("kind IN ('contest', 'roadshow', 'matchmaking', 'demonstration')", name="kind"),
        CheckConstraint("starts_at < ends_at", name="window"),
    )

    id: Mapped[Identity]
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(80))
    place: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
