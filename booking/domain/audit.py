"""The chain of the audit log: each entry carries a hash over its own words and the hash of the one before it.

Whoever changes, removes or slips in an entry afterwards breaks the chain from there on; who notes the hash of the last
entry somewhere else can tell even a chain that was made anew.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

BEGINNING = "0" * 64
"""What stands before the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act of one person on one thing, and its place in the chain."""

    id: int
    at: datetime
    by: str
    act: str
    subject: str
    details: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries there are, and the hash of the last."""

    entries: int = 0
    hash: str = BEGINNING


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; empty means any. `words` are looked for in who, what and on which thing."""

    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the chain: its head as it should be, the first entry that breaks it, and a noted hash found.

    `broken` is None where every entry is as it was written; `cut` tells that entries at the end are missing, or that
    the head says something else.
    """

    head: Head
    broken: int | None = None
    cut: bool = False
    knows_kept: bool = True

    @property
    def is_whole(self) -> bool:
        return self.broken is None and not self.cut and self.knows_kept


def chained(previous: str, *, at: datetime, by: str, act: str, subject: str, details: Mapping[str, Any]) -> str:
    """The hash of an entry that follows the one with the hash `previous`."""
    words = [previous, at.astimezone(UTC).isoformat(), by, act, subject, details]
    return sha256(json.dumps(words, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def verify(entries: Iterable[Entry], head: Head, kept: str = "") -> Verdict:
    """Whether entries in the order of their ids are the chain that ends at `head`, and hold the hash `kept`."""
    before, count, found = BEGINNING, 0, not kept
    for entry in entries:
        own = chained(before, at=entry.at, by=entry.by, act=entry.act, subject=entry.subject, details=entry.details)
        if entry.previous != before or entry.hash != own:
            return Verdict(Head(count, before), broken=entry.id, knows_kept=found)
        before, count, found = own, count + 1, found or own == kept
    return Verdict(Head(count, before), cut=head != Head(count, before), knows_kept=found)
