"""Teams and who is in them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Team(Base):
    """People approved for one scenario until a date."""

    __tablename__ = "teams"
    __table_args__ = (
        CheckConstraint(
            "state IN ('applied', 'returned', 'approved', 'declined', 'suspended', 'expired')", name="state"
        ),
        CheckConstraint("state <> 'approved' OR approved_until IS NOT NULL", name="approval_ends"),
        CheckConstraint("(state = 'suspended') = (suspended_at IS NOT NULL)", name="suspension_dated"),
        Index("ix_teams_state_approved_until", "state", "approved_until"),
        Index("ix_teams_state_decide_by", "state", "decide_by"),
    )

    id: Mapped[Identity]
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text, default="")
    applied_at: Mapped[datetime]
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    approved_until: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    # Auto-approval is suspended until then, after three no-shows.
    strikes_until: Mapped[datetime | None]
    # What of the approval's end has been said already, so that it is said once.
    warned_at: Mapped[datetime | None]
    # What the applicants answered to the questions of reviewers.
    answer: Mapped[str] = mapped_column(Text, default="")
    # Where an edition says how it is decided: by when, and from when on deputies vote.
    decide_by: Mapped[datetime | None]
    deputies_from: Mapped[datetime | None]


class TeamVote(Base):
    """What one department says to an application; a department has one vote."""

    __tablename__ = "team_votes"
    __table_args__ = (CheckConstraint("verb IN ('approve', 'return', 'decline')", name="verb"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    department: Mapped[str] = mapped_column(String(200), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    verb: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text)
    as_deputy: Mapped[bool]
    at: Mapped[datetime]


class Membership(Base):
    """A person in a team."""

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role IN ('lead', 'member')", name="role"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(8))
    joined_at: Mapped[datetime]
