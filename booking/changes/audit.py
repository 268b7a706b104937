"""Writes to the audit log, in the transaction that they tell of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from booking.models.audit import AuditEntry

ENTRY = insert(AuditEntry).inline()


def record(
    connection: Connection, *, by: str, act: str, subject: str, details: Mapping[str, Any], now: datetime
) -> None:
    """Write down who did what to which thing (`pool:demo-a100`); `details` are what JSON can hold."""
    entry = {"at": now, "by": by, "act": act, "subject": subject, "details": dict(details)}
    connection.execute(ENTRY, entry)
