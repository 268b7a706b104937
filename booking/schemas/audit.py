"""The audit log as the API gives it."""

from datetime import datetime
from typing import Any

from booking.domain.audit import Wanted
from booking.schemas.base import Instant, Page, Reference, Shape


class LogFilter(Page):
    """Which entries; `q` is looked for in who, what and on which thing."""

    q: Reference = ""
    since: Instant | None = None
    until: Instant | None = None

    def wanted(self) -> Wanted:
        """The same as the question takes it."""
        return Wanted(self.q, self.since, self.until)


class EntryShape(Shape):
    """One act of one person on one thing; `hash` is over its own words and `previous`, the hash before it."""

    id: int
    at: datetime
    by: str
    act: str
    subject: str
    details: dict[str, Any]
    previous: str
    hash: str


class VerdictShape(Shape):
    """Whether the log is as it was written: how many entries are whole, their last hash, and the first that is not."""

    whole: bool
    entries: int
    hash: str
    broken: int | None
    cut: bool
