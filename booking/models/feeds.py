"""Feeds: calendars of teams and pools at addresses of their own."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Feed(Base):
    """A calendar of a team or of a pool that its owner subscribes to; `key` is a part of its signed address."""

    __tablename__ = "feeds"
    __table_args__ = (CheckConstraint("(team_id IS NULL) <> (resource_id IS NULL)", name="subject"),)

    id: Mapped[Identity]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    key: Mapped[str] = mapped_column(String(32), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
