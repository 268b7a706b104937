"""Scenarios: entries of published lists that teams are approved for."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from booking.domain.entries import PUBLIC, Category, Content, EntryState, Listed
from booking.domain.errors import Conflict
from booking.domain.slugs import clean_slug

__all__ = ["Category", "NewEntry", "NewScenario", "Scenario", "Version", "check_takes_teams"]


@dataclass(frozen=True, slots=True)
class NewScenario:
    """What is asked for a new scenario of an organisation, which is named by its slug."""

    name: str
    slug: str
    organisation: str
    category: Category
    region: str
    description: str

    def checked(self) -> "NewEntry":
        """The same as an entry of no list, in the form in which it is kept."""
        content = Content(self.name, self.category, self.region, self.description)
        return NewEntry(self.slug, self.organisation, content).checked()


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is asked for a new entry; `continues` is the slug of the entry of the last list that it goes on with."""

    slug: str
    organisation: str
    content: Content
    continues: str = ""

    def checked(self) -> "NewEntry":
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        return replace(self, slug=clean_slug(self.slug), content=self.content.checked())


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as people read it; its owner by id, slug and name; `edition` is the number of its list, if any."""

    id: int
    slug: str
    organisation_id: int
    organisation: str
    organisation_name: str
    content: Content
    published_at: datetime | None
    state: EntryState = EntryState.PUBLISHED
    version: int = 1
    reason: str = ""
    edition: int | None = None
    edition_id: int | None = None
    closes_at: datetime | None = None
    continues: str = ""
    quorum: int = field(default=1)

    @property
    def name(self) -> str:
        return self.content.name

    @property
    def category(self) -> Category:
        return self.content.category

    @property
    def region(self) -> str:
        return self.content.region

    @property
    def description(self) -> str:
        return self.content.description

    @property
    def listed(self) -> Listed:
        return Listed(self.slug, self.continues, self.content)

    def is_public(self, now: datetime) -> bool:
        """Whether everybody may read it."""
        return self.published_at is not None and self.published_at <= now and self.state in PUBLIC

    def takes_teams(self, now: datetime) -> bool:
        """Whether teams can apply for it; follows the clock, not the scheduler."""
        is_over = self.closes_at is not None and self.closes_at <= now
        return self.is_public(now) and self.state is EntryState.PUBLISHED and not is_over


@dataclass(frozen=True, slots=True)
class Version:
    """What an entry said until it was changed, by whom and why."""

    number: int
    content: Content
    replaced_at: datetime
    replaced_by: str
    reason: str


def check_takes_teams(scenario: Scenario, now: datetime) -> None:
    """Conflict, saying since when, where the list of a published scenario takes no more applications."""
    if not scenario.takes_teams(now):
        said = {"number": scenario.edition or "–", "closed": scenario.closes_at or now}
        raise Conflict(
            "List %(number)s takes applications no more: it closed on %(closed)s. Look for an entry of an open list.",
            said, code="edition_closed", field="scenario",
        )  # fmt: skip
