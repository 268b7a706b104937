"""Outcomes: what came of a booking, as its team reports it and everybody reads it once it is published as a case."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from booking.domain.amounts import hours_text
from booking.domain.errors import IllegalMove, Invalid
from booking.domain.lines import clean_line
from booking.domain.texts import clean_text
from booking.domain.windows import Window

LONGEST_RESULTS = 10_000
LONGEST_LINK = 2_000
MOST_LINKS = 10

ASKED_WITHIN = timedelta(days=14)
"""Who has ended a booking longer ago is asked no more, however long the scheduler slept."""


class OutcomeState(StrEnum):
    """Where a report stands; what is published is a case."""

    ASKED = "asked"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"
    DECLINED = "declined"


OWED = frozenset({OutcomeState.ASKED, OutcomeState.RETURNED})
"""The states in which it is the team's turn."""

VERBS: dict[str, tuple[frozenset[OutcomeState], OutcomeState]] = {
    "submit": (OWED, OutcomeState.SUBMITTED),
    "return": (frozenset({OutcomeState.SUBMITTED}), OutcomeState.RETURNED),
    "publish": (frozenset({OutcomeState.SUBMITTED}), OutcomeState.PUBLISHED),
    "decline": (frozenset({OutcomeState.SUBMITTED, OutcomeState.PUBLISHED}), OutcomeState.DECLINED),
}
"""From which states each verb leads where; a case that should not be one is declined afterwards."""

REVIEWS = ("publish", "return", "decline")
WITH_REASON = frozenset({"return", "decline"})


def after_verb(state: OutcomeState, verb: str) -> OutcomeState:
    """Where a verb leads; IllegalMove, naming the state, where it is not for it."""
    legal, to = VERBS[verb]
    if state not in legal:
        raise IllegalMove(state, verb)
    return to


def clean_reason(verb: str, reason: str) -> str:
    """Why a report was decided on so; Invalid where the team would be left without a word."""
    cleaned = clean_text(reason, "reason")
    if verb in WITH_REASON and not cleaned:
        raise Invalid("reason", "Say why, so that the team knows what to do.")
    return cleaned


@dataclass(frozen=True, slots=True)
class Report:
    """What a team says came of its booking: a title, results in its own words, unit-seconds used, and links."""

    title: str
    results: str
    used_unit_seconds: int
    links: tuple[str, ...] = ()

    def checked(self, most_unit_seconds: int) -> Report:
        """The same in the form in which it is kept; Invalid names the field that cannot be meant.

        No more can have been used than was booked, `most_unit_seconds`.
        """
        results = clean_text(self.results, "results", most=LONGEST_RESULTS)
        if not results:
            raise Invalid("results", "This cannot be blank.")
        if not 0 <= self.used_unit_seconds <= most_unit_seconds:
            raise Invalid(
                "hours_used", "The booking had %(most_hours)s hours; no more can have been used.",
                {"most_hours": hours_text(most_unit_seconds)},
            )  # fmt: skip
        return replace(self, title=clean_line(self.title, "title"), results=results, links=clean_links(self.links))


def clean_links(links: Iterable[str]) -> tuple[str, ...]:
    """Addresses that a reader may follow; Invalid names the first that is none. None of them is ever opened here."""
    given = [link.strip() for link in links if link.strip()]
    if len(given) > MOST_LINKS:
        raise Invalid("links", "Name at most %(most)s addresses.", {"most": MOST_LINKS})
    for place, link in enumerate(given):
        if not _is_followed(link):
            raise Invalid(
                f"links.{place}", "“%(link)s” is no address such as https://example.org/paper.", {"link": link[:80]}
            )
    return tuple(dict.fromkeys(given))


def _is_followed(link: str) -> bool:
    """Whether it is plain https to a named place, without a password and without what cannot be seen."""
    if len(link) > LONGEST_LINK or not link.isprintable() or any(each in link for each in ' <>"\\'):
        return False
    try:
        parts = urlsplit(link)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Place:
    """A facility where the booking was."""

    id: int
    slug: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report with its booking, its team and its scenario; `report` is empty until it is submitted.

    `booked_unit_seconds` is what the booking had, in units of `kind`; `version` rises with every move.
    """

    id: int
    booking_id: int
    team_id: int
    team: str
    team_name: str
    scenario_id: int
    scenario: str
    scenario_name: str
    organisation_id: int
    window: Window
    kind: str
    booked_unit_seconds: int
    state: OutcomeState
    version: int
    asked_at: datetime
    report: Report
    places: Collection[Place] = ()
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""

    @property
    def is_public(self) -> bool:
        return self.state is OutcomeState.PUBLISHED

    @property
    def is_owed(self) -> bool:
        return self.state in OWED
