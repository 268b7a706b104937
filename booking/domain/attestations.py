"""Attestations: a team says that it has deleted the data of a window that is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.domain.errors import Conflict, Invalid
from booking.domain.texts import clean_text
from booking.domain.windows import Window

MOST_DAYS = 365
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
