"""Editions of scenario lists as the API takes and gives them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from booking.domain.editions import MOST_DAYS, MOST_DEPARTMENTS, Edition, EditionState, NewEdition, Rule, Times
from booking.domain.entries import Differences
from booking.domain.scenarios import Scenario
from booking.schemas.base import Body, Instant, Line, Shape
from booking.schemas.scenarios import ScenarioShape

Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class NewEditionBody(Body):
    """What is asked for a new edition; its number follows the last one."""

    title: Line
    opens_at: Instant
    publishes_at: Instant
    closes_at: Instant
    quorum: Annotated[int, Field(ge=1, le=MOST_DEPARTMENTS)] = Field(
        1, description="How many departments must approve a team."
    )
    vote_days: Days = Field(30, description="How long after an application the deadline decides.")
    deputy_days: Days | None = Field(None, description="How long after an application deputies may vote.")

    def edition(self) -> NewEdition:
        """The same as the service takes it."""
        times = Times(self.opens_at, self.publishes_at, self.closes_at)
        return NewEdition(self.title, times, Rule(self.quorum, self.vote_days, self.deputy_days))


class EditionShape(Shape):
    """One scenario list, and by which rule its applications are decided."""

    id: str
    number: int
    title: str
    state: EditionState
    opens_at: datetime
    publishes_at: datetime
    closes_at: datetime
    quorum: int
    vote_days: int
    deputy_days: int | None

    @staticmethod
    def of(edition: Edition) -> "EditionShape":
        times, rule = edition.times, edition.rule
        return EditionShape(
            id=str(edition.number),
            number=edition.number,
            title=edition.title,
            state=edition.state,
            opens_at=times.opens_at,
            publishes_at=times.publishes_at,
            closes_at=times.closes_at,
            quorum=rule.quorum,
            vote_days=rule.vote_days,
            deputy_days=rule.deputy_days,
        )


class ChangedShape(Shape):
    """An entry that went on from the last list, and the fields in which it says something else."""

    scenario: str
    fields: list[str]


class DifferencesShape(Shape):
    """What changed since the last list, by slug."""

    new: list[str]
    changed: list[ChangedShape]
    gone: list[str]


class ListShape(Shape):
    """One scenario list with the entries that the asker may read, and what changed since the last one."""

    edition: EditionShape
    entries: list[ScenarioShape]
    differences: DifferencesShape

    @staticmethod
    def of(edition: Edition, entries: Sequence[Scenario], found: Differences) -> "ListShape":
        return ListShape(
            edition=EditionShape.of(edition),
            entries=[ScenarioShape.of(one) for one in entries],
            differences=DifferencesShape(
                new=[slug for slug, _name in found.new],
                changed=[ChangedShape(scenario=one.slug, fields=list(one.fields)) for one in found.changed],
                gone=[slug for slug, _name in found.gone],
            ),
        )
