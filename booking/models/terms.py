"""Terms of datasets, and who has accepted which version."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class TermsVersion(Base):
    """One version of a dataset's terms, never changed once it is published."""

    __tablename__ = "terms_versions"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        UniqueConstraint("resource_id", "number"),
    )

    id: Mapped[Identity]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    effective_at: Mapped[datetime]
    urgent: Mapped[bool]
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(254))


class TermsAcceptance(Base):
    """A person has accepted a version."""

    __tablename__ = "terms_acceptances"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    terms_version_id: Mapped[int] = mapped_column(ForeignKey("terms_versions.id"), primary_key=True, index=True)
    at: Mapped[datetime]
