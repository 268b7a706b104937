"""Permits: a steward's one decision that a team may use a restricted dataset for a purpose until a date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from booking.domain.errors import IllegalMove, Invalid
from booking.domain.texts import clean_text

LONGEST_PERMIT = timedelta(days=3_660)

NEWS = timedelta(days=7)
"""So long after the end of a permit it is still told; what ended before that is noted alone."""


class Sensitivity(StrEnum):
    """Who may come near a dataset: anyone, people with an account, teams with a permit."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"


class PermitState(StrEnum):
    """Where a permit stands."""

    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


VERBS: dict[str, tuple[PermitState, PermitState]] = {
    "grant": (PermitState.ASKED, PermitState.GRANTED),
    "decline": (PermitState.ASKED, PermitState.DECLINED),
    "withdraw": (PermitState.GRANTED, PermitState.WITHDRAWN),
}
"""From which state each verb of a steward leads where."""


@dataclass(frozen=True, slots=True)
class Permit:
    """A team's permit for one dataset, or its wish for one; `team` and `dataset` are slugs."""

    id: int
    team_id: int
    team: str
    team_name: str
    dataset_id: int
    dataset: str
    dataset_name: str
    organisation_id: int
    purpose: str
    state: PermitState
    asked_at: datetime
    asked_by: str
    until: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""
    withdrawn_at: datetime | None = None

    def covers(self, instant: datetime) -> bool:
        """Whether the dataset may be used under it at an instant."""
        return self.state is PermitState.GRANTED and self.until is not None and instant < self.until


def after_verb(state: PermitState, verb: str) -> PermitState:
    """Where a verb leads; IllegalMove, naming the state, where it is not for it."""
    legal, to = VERBS[verb]
    if state is not legal:
        raise IllegalMove(state, verb)
    return to


def clean_until(until: datetime, now: datetime) -> datetime:
    """Until when a permit lasts; Invalid where that is past or absurdly far."""
    if until <= now:
        raise Invalid("until", "A permit ends in the future; %(until)s is past.", {"until": until})
    if until > now + LONGEST_PERMIT:
        raise Invalid("until", "A permit ends within %(years)s years.", {"years": 10})
    return until


def clean_purpose(text: str) -> str:
    """What the data is for, which is never left open."""
    purpose = clean_text(text, "purpose")
    if not purpose:
        raise Invalid("purpose", "Say what the data is for.")
    return purpose


clean_reason = partial(clean_text, field="reason")


def last_end(ends: Iterable[datetime | None]) -> datetime | None:
    """The end of the permit that lasts longest; None where there is none."""
    return max((end for end in ends if end is not None), default=None)
