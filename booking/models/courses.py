"""Courses, and who has completed them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Course(Base):
    """What people learn before they use a resource that asks for it; a completion counts for `valid_days`."""

    __tablename__ = "courses"
    __table_args__ = (CheckConstraint("valid_days > 0", name="valid_days"),)

    id: Mapped[Identity]
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    description: Mapped[str] = mapped_column(Text)
    valid_days: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]


class Completion(Base):
    """That somebody has completed a course; what was recorded wrongly is revoked with a reason, never deleted."""

    __tablename__ = "completions"
    __table_args__ = (
        CheckConstraint("expires_at > completed_at", name="expires_at"),
        Index("ix_completions_user_course", "user_id", "course_id"),
    )

    id: Mapped[Identity]
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    completed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    recorded_by: Mapped[str] = mapped_column(String(254))
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
