"""Attestations: a team says that it has deleted the data of a window that is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.domain.errors import Conflict, Invalid
from booking.domain.texts import clean_text
from booking.domain.windows import Window

MOST_DAYS = 365
REMINDED_BEFORE = timedelta(days=2)
ASKED_WITHIN = timedelta(days=30)
"""Of windows that ended longer ago nobody is asked, however long the scheduler slept or the rule was missing."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a team owes, or has given, for one dataset after one booking."""

    id: int
    booking_id: int
    team_id: int
    team: str
    team_name: str
    dataset_id: int
    dataset: str
    dataset_name: str
    organisation_id: int
    window: Window
    asked_at: datetime
    due_at: datetime
    attested_at: datetime | None = None
    attested_by: str = ""
    statement: str = ""

    @property
    def is_given(self) -> bool:
        return self.attested_at is not None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the time for it is over; the team then books this dataset no more until it is given."""
        return not self.is_given and self.due_at <= now

    def must_be_owed(self) -> None:
        """Conflict where it was given already: what was said once is not said otherwise."""
        if self.is_given:
            raise Conflict("This was attested already, by %(by)s.", {"by": self.attested_by})


def due_after(ended_at: datetime, asked_at: datetime, days: int) -> datetime:
    """By when the data has to be gone: so many days after the end, and never before there was a day to answer."""
    return max(ended_at + timedelta(days=days), asked_at + timedelta(days=1))


def next_word(asked_at: datetime, due_at: datetime, reminded_at: datetime | None, now: datetime) -> str:
    """The event of which the team is to hear now; empty where there is nothing new to say.

    Two days before the time is over it is reminded once, unless it was asked later than that; then it hears that it is
    late, once as well.
    """
    if now >= due_at:
        return "attestation_overdue" if reminded_at is None or reminded_at < due_at else ""
    near = due_at - REMINDED_BEFORE
    return "attestation_due" if reminded_at is None and asked_at < near <= now else ""


def clean_days(days: int | None) -> int | None:
    """Within how many days after a window a dataset wants its deletion attested; None where it does not."""
    if days is not None and (type(days) is not int or not 1 <= days <= MOST_DAYS):
        raise Invalid(
            "deletion_days", "This is a whole number from %(least)s to %(most)s.", {"least": 1, "most": MOST_DAYS}
        )
    return days


def clean_statement(text: str) -> str:
    """What was deleted where, which is never left open."""
    statement = clean_text(text, "statement")
    if not statement:
        raise Invalid("statement", "Say what was deleted, and where.")
    return statement
