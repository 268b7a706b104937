"""Notices: what each person was told, and how each wants to be told."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class ReceivedNotice(Base):
    """One notice of one person; `way` is how it went out besides standing in the page."""

    __tablename__ = "received_notices"
    __table_args__ = (
        CheckConstraint("way IN ('mail', 'digest', 'page')", name="way"),
        CheckConstraint("digested_at IS NULL OR way = 'digest'", name="digested"),
        Index("ix_received_notices_user_id_id", "user_id", "id"),
        Index(
            "ix_received_notices_unread", "user_id",
            postgresql_where=text("read_at IS NULL"), sqlite_where=text("read_at IS NULL"),
        ),
        Index(
            "ix_received_notices_undigested", "user_id", "id",
            postgresql_where=text("way = 'digest' AND digested_at IS NULL"),
            sqlite_where=text("way = 'digest' AND digested_at IS NULL"),
        ),
        Index("ix_received_notices_at", "at"),
    )  # fmt: skip

    id: Mapped[Identity]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    event: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    way: Mapped[str] = mapped_column(String(6))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    digested_at: Mapped[datetime | None]


class NoticePreference(Base):
    """How a person wants to hear of one kind of event; where there is no row, by mail at once."""

    __tablename__ = "notice_preferences"
    __table_args__ = (CheckConstraint("way IN ('mail', 'digest', 'page')", name="way"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    event: Mapped[str] = mapped_column(String(40), primary_key=True)
    way: Mapped[str] = mapped_column(String(6))


class DigestSetting(Base):
    """At which hour of which zone a person's digest is made, and until when it has been."""

    __tablename__ = "digest_settings"
    __table_args__ = (CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    hour: Mapped[int] = mapped_column(Integer)
    timezone: Mapped[str] = mapped_column(String(64))
    digested_at: Mapped[datetime | None]
