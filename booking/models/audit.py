"""The audit log: who changed what, apart from bookings and ledgers, which keep their own."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class AuditEntry(Base):
    """One act of one person on one thing, with what was said or set.

    `hash` is over the entry's own words and `previous`, the hash of the entry before it.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "subject", "id"),)

    id: Mapped[Identity]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(254))
    act: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class AuditHead(Base):
    """The one row that says how many entries there are and which is the last; whoever appends locks it."""

    __tablename__ = "audit_heads"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    entries: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
