"""Editions: scenario lists that are published regularly, and the times by which each goes on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from booking.domain.errors import Conflict, Invalid
from booking.domain.lines import clean_line

MOST_DEPARTMENTS = 20
MOST_DAYS = 365
LONGEST_SPAN = timedelta(days=3_660)


class EditionState(StrEnum):
    """Where an edition stands: announced, taking entries, published, or over."""

    PLANNED = "planned"
    OPEN = "open"
    PUBLISHED = "published"
    CLOSED = "closed"


ORDER = tuple(EditionState)


@dataclass(frozen=True, slots=True)
class Times:
    """When owners can hand in entries, when what was accepted is published, and when entries and applications end."""

    opens_at: datetime
    publishes_at: datetime
    closes_at: datetime

    def checked(self) -> "Times":
        """The same; Invalid names the time that comes too early, or absurdly late."""
        if self.closes_at <= self.opens_at:
            said = {"closes": self.closes_at, "opens": self.opens_at}
            raise Invalid("closes_at", "A list closes after it has opened; %(closes)s is not after %(opens)s.", said)
        if not self.opens_at <= self.publishes_at < self.closes_at:
            said = {"opens": self.opens_at, "closes": self.closes_at}
            raise Invalid("publishes_at", "A list is published after %(opens)s, and before %(closes)s.", said)
        if self.closes_at - self.opens_at > LONGEST_SPAN:
            raise Invalid("closes_at", "A list closes within %(years)s years.", {"years": 10})
        return self

    def state_at(self, now: datetime) -> EditionState:
        """Where an edition with these times stands at an instant."""
        passed = sum(at <= now for at in (self.opens_at, self.publishes_at, self.closes_at))
        return ORDER[passed]


@dataclass(frozen=True, slots=True)
class Rule:
    """How the reviewers of an edition decide on teams.

    `quorum` departments must approve. `vote_days` after an application the deadline decides; from `deputy_days` after
    it on a deputy may vote for a department that has not (None: never).
    """

    quorum: int = 1
    vote_days: int = 30
    deputy_days: int | None = None

    def checked(self) -> "Rule":
        """The same; Invalid names the number that cannot be meant."""
        _must_lie("quorum", self.quorum, MOST_DEPARTMENTS)
        _must_lie("vote_days", self.vote_days, MOST_DAYS)
        if self.deputy_days is not None:
            _must_lie("deputy_days", self.deputy_days, MOST_DAYS)
            if self.deputy_days >= self.vote_days:
                said = {"days": self.vote_days}
                raise Invalid("deputy_days", "Deputies vote before the deadline, which is %(days)s days on.", said)
        return self


def _must_lie(field: str, number: int, most: int) -> None:
    # A bool is an int to Python, and no number to anybody else.
    if type(number) is not int or not 1 <= number <= most:
        raise Invalid(field, "This is a whole number from %(least)s to %(most)s.", {"least": 1, "most": most})


@dataclass(frozen=True, slots=True)
class NewEdition:
    """What is asked for a new edition; its number follows the last one."""

    title: str
    times: Times
    rule: Rule = Rule()

    def checked(self) -> "NewEdition":
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        return replace(
            self, title=clean_line(self.title, "title"), times=self.times.checked(), rule=self.rule.checked()
        )


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition as people read it."""

    id: int
    number: int
    title: str
    state: EditionState
    times: Times
    rule: Rule

    def must_take_entries(self, now: datetime) -> None:
        """Conflict, saying when it does, where entries can be handed in no more, or not yet."""
        opens, closes = self.times.opens_at, self.times.closes_at
        if now < opens:
            said = {"number": self.number, "opens": opens}
            raise Conflict("List %(number)s takes entries from %(opens)s on.", said, code="edition_not_open")
        if now >= closes:
            said = {"number": self.number, "closed": closes}
            raise Conflict("List %(number)s closed on %(closed)s. Take the next one.", said, code="edition_closed")


def steps(state: EditionState, times: Times, now: datetime) -> Sequence[EditionState]:
    """The states that an edition goes through to where it should be by now, after any time in which nobody looked."""
    here, there = ORDER.index(state), ORDER.index(times.state_at(now))
    return ORDER[here + 1 : there + 1]
