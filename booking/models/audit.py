"""The audit log: who changed what, apart from bookings and ledgers, which keep their own."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class AuditEntry(Base):
    """One act of one person on one thing, with what was said or set."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "subject", "id"),)

    id: Mapped[Identity]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(254))
    act: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
