"""People: accounts, their roles, and failed sign-ins."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class User(Base):
    """An account; `email` is stored in lower case and is the name people sign in with."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: Mapped[Identity]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    # Part of every signed session and mailed link: a new password ends all of them.
    session_key: Mapped[str] = mapped_column(String(32))
    language: Mapped[str | None] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class Role(Base):
    """What a person may do for an organisation; for the whole platform where no organisation is named."""

    __tablename__ = "roles"
    __table_args__ = (
        CheckConstraint(
            "role IN ('operator', 'steward', 'scenario_owner', 'funder', 'reviewer', 'administrator')", name="role"
        ),
        CheckConstraint("(organisation_id IS NULL) = (role IN ('administrator', 'reviewer'))", name="scope"),
        Index(
            "uq_roles_organisation", "user_id", "role", "organisation_id", unique=True,
            postgresql_where=text("organisation_id IS NOT NULL"), sqlite_where=text("organisation_id IS NOT NULL"),
        ),
        Index(
            "uq_roles_platform", "user_id", "role", unique=True,
            postgresql_where=text("organisation_id IS NULL"), sqlite_where=text("organisation_id IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    role: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    # A reviewer votes for a department; a deputy only once its other reviewers have let a stated time pass.
    department: Mapped[str | None] = mapped_column(String(200))
    deputy: Mapped[bool] = mapped_column(default=False)


class SignInFailure(Base):
    """One failed sign-in, counted against the account that was named."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_email_at", "email", "at"),)

    id: Mapped[Identity]
    email: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime]
