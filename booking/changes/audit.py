"""Writes to the audit log, in the transaction that they tell of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from booking.domain.audit import BEGINNING, chained
from booking.models.audit import AuditEntry, AuditHead

ENTRY = insert(AuditEntry).inline()
HEAD = select(AuditHead.entries, AuditHead.hash).with_for_update()
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def record(
    connection: Connection, *, by: str, act: str, subject: str, details: Mapping[str, Any], now: datetime
) -> None:
    """Write down who did what to which thing (`pool:demo-a100`); `details` are what JSON can hold.

    The end of the chain is locked until the transaction ends, so this is the last lock that a service takes.
    """
    entries, previous = _locked_head(connection)
    words: dict[str, Any] = {"at": now, "by": by, "act": act, "subject": subject, "details": dict(details)}
    own = chained(previous, **words)
    connection.execute(ENTRY, {**words, "previous": previous, "hash": own})
    connection.execute(update(AuditHead).values(entries=entries + 1, hash=own))


def _locked_head(connection: Connection) -> tuple[int, str]:
    head = connection.execute(HEAD).one_or_none()
    if head is None:  # the very first entry; of two that are, one waits for the other here
        first = _INSERT[connection.dialect.name](AuditHead).values(id=1, entries=0, hash=BEGINNING)
        connection.execute(first.on_conflict_do_nothing())
        head = connection.execute(HEAD).one()
    return head.entries, head.hash
