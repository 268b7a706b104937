"""Teams: how they are approved, what their rights rest on, and who is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking.domain.errors import IllegalMove, Invalid
from booking.domain.permissions import TeamRole

GRACE = timedelta(hours=24)
"""How long the bookings of a suspended team stand, so that a mistake can be put right."""

LONGEST_APPROVAL = timedelta(days=36_525)


class TeamState(StrEnum):
    """Where a team stands."""

    APPLIED = "applied"
    RETURNED = "returned"
    APPROVED = "approved"
    DECLINED = "declined"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


VERBS: dict[str, frozenset[TeamState]] = {
    "approve": frozenset({TeamState.APPLIED, TeamState.APPROVED, TeamState.DECLINED, TeamState.EXPIRED}),
    "decline": frozenset({TeamState.APPLIED}),
    "return": frozenset({TeamState.APPLIED}),
    "answer": frozenset({TeamState.RETURNED}),
    "suspend": frozenset({TeamState.APPROVED}),
    "reinstate": frozenset({TeamState.SUSPENDED}),
}
"""In which states reviewers (and, to answer, applicants) can do what; to approve an approved team is to set its end."""


def check_verb(state: TeamState, verb: str) -> None:
    """IllegalMove, naming the state, where the verb is not for it."""
    if state not in VERBS[verb]:
        raise IllegalMove(state, verb)


def clean_until(until: datetime | None, now: datetime) -> datetime:
    """Until when an approval lasts: a year hence where nobody says; Invalid where that is past or absurdly far."""
    if until is None:
        return year_hence(now)
    if until <= now:
        raise Invalid("until", "An approval ends in the future; %(until)s is past.", {"until": until})
    if until > now + LONGEST_APPROVAL:
        raise Invalid("until", "An approval ends within %(years)s years.", {"years": 100})
    return until


def year_hence(now: datetime) -> datetime:
    """The same day and time next year; 28 February where that has no 29th."""
    try:
        return now.replace(year=now.year + 1)
    except ValueError:
        return now.replace(year=now.year + 1, day=28)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a team's rights rest on: its state, the end of its approval, and since when it is suspended."""

    state: TeamState
    approved_until: datetime | None = None
    suspended_at: datetime | None = None

    @property
    def access_ends(self) -> datetime | None:
        """From when on nobody of the team may use anything, whatever is booked; None for a team never approved."""
        return min((end for end in (self.approved_until, self.suspended_at) if end), default=None)

    @property
    def bookings_end(self) -> datetime | None:
        """From when on its bookings have no basis any more: at once with its approval, a day after a suspension."""
        given_up = self.suspended_at + GRACE if self.suspended_at else None
        return min((end for end in (self.approved_until, given_up) if end), default=None)

    def has_access(self, now: datetime) -> bool:
        """Whether the team may use what it has booked; follows the clock, not the scheduler."""
        return self.state is TeamState.APPROVED and self.access_ends is not None and now < self.access_ends

    def reinstated(self, now: datetime) -> TeamState:
        """Where a suspended team stands once that is lifted: approved, unless its approval has ended meanwhile."""
        ended = self.approved_until is None or self.approved_until <= now
        return TeamState.EXPIRED if ended else TeamState.APPROVED


@dataclass(frozen=True, slots=True)
class Application:
    """What is asked for a new team: a scenario, the organisation behind it, and who leads it."""

    name: str
    slug: str
    scenario_id: int
    organisation_id: int
    lead: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a team."""

    user_id: int
    email: str
    name: str
    role: TeamRole
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """A team as people read it; scenario and organisation by slug and name, leads first among its members."""

    id: int
    slug: str
    name: str
    standing: Standing
    scenario: str
    scenario_name: str
    organisation: str
    organisation_name: str
    reason: str
    applied_at: datetime
    applied_by: int | None
    decided_at: datetime | None
    members: tuple[Member, ...] = ()

    @property
    def state(self) -> TeamState:
        return self.standing.state
