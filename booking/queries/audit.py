"""Questions about the audit log: its entries as administrators read them, and its chain."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, or_, select
from sqlalchemy.orm import Session

from booking.domain.audit import Entry, Head, Verdict, Wanted, verify
from booking.models.audit import AuditEntry, AuditHead
from booking.models.rows import AnyRow

AT_ONCE = 1_000
ENTRIES = select(
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.by,
    AuditEntry.act,
    AuditEntry.subject,
    AuditEntry.details,
    AuditEntry.previous,
    AuditEntry.hash,
)


def entries(
    session: Session, wanted: Wanted, *, before: int | None = None, limit: int, offset: int = 0
) -> Sequence[Entry]:
    """The wanted entries, the newest first, from the one before `before` on."""
    chosen = _wanted(wanted).order_by(AuditEntry.id.desc()).limit(limit).offset(offset)
    if before is not None:
        chosen = chosen.where(AuditEntry.id < before)
    return [_entry(row) for row in session.execute(chosen)]


def verdict(connection: Connection, kept: str = "") -> Verdict:
    """Whether the log is as it was written, in one picture of the data; `kept` is a hash that was noted before."""
    row = connection.execute(select(AuditHead.entries, AuditHead.hash)).one_or_none()
    return verify(_chain(connection), Head(row.entries, row.hash) if row else Head(), kept)


def _chain(connection: Connection) -> Iterator[Entry]:
    """Every entry in the order of the chain, which is that of the ids: whoever appends has the end locked."""
    last = 0
    while rows := connection.execute(ENTRIES.where(AuditEntry.id > last).order_by(AuditEntry.id).limit(AT_ONCE)).all():
        yield from map(_entry, rows)
        last = rows[-1].id


def _wanted(wanted: Wanted) -> Select[*tuple[Any, ...]]:
    chosen: Select[*tuple[Any, ...]] = ENTRIES
    if wanted.words:
        texts = (AuditEntry.by, AuditEntry.act, AuditEntry.subject)
        chosen = chosen.where(or_(*(text.icontains(wanted.words, autoescape=True) for text in texts)))
    if wanted.since is not None:
        chosen = chosen.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        chosen = chosen.where(AuditEntry.at < wanted.until)
    return chosen


def _entry(row: AnyRow) -> Entry:
    return Entry(row.id, row.at, row.by, row.act, row.subject, row.details, row.previous, row.hash)
