"""Activities: contests, road shows, matchmaking days, demonstrations and trainings, and who takes part in them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Activity(Base):
    """One announced event of an organisation; a training is a session of a course.

    Who has a place is a member of `team_id` meanwhile, whose bookings are the capacity set aside for it.
    """

    __tablename__ = "activities"
    __table_args__ = (
        CheckConstraint("kind IN ('contest', 'roadshow', 'matchmaking', 'demonstration', 'training')", name="kind"),
        CheckConstraint("(kind = 'training') = (course_id IS NOT NULL)", name="course"),
        CheckConstraint("starts_at < ends_at", name="window"),
        CheckConstraint("places > 0", name="places"),
        CheckConstraint("enrol_until <= starts_at", name="enrol_until"),
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
    places: Mapped[int | None] = mapped_column(Integer)
    enrol_until: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)


class Enrolment(Base):
    """One person's part in an activity; who left and comes again goes to the end of the queue.

    `joined_team` says that the enrolment made the person a member of the activity's team, and its end ends that.
    """

    __tablename__ = "enrolments"
    __table_args__ = (
        CheckConstraint("state IN ('enrolled', 'waiting', 'left')", name="state"),
        UniqueConstraint("activity_id", "user_id"),
        Index("ix_enrolments_activity_state", "activity_id", "state", "enrolled_at"),
        Index("ix_enrolments_user", "user_id"),
    )

    id: Mapped[Identity]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state: Mapped[str] = mapped_column(String(8))
    enrolled_at: Mapped[datetime]
    attended: Mapped[bool | None]
    joined_team: Mapped[bool] = mapped_column(default=False)
