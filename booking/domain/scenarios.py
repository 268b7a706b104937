"""Scenarios: entries of published lists that teams are approved for."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.lines import clean_line
from booking.domain.organisations import LONGEST_REGION
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text


class Category(StrEnum):
    """What a scenario is for: the economy, society, research, or major events and projects."""

    ECONOMY = "economy"
    SOCIETY = "society"
    RESEARCH = "research"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class NewScenario:
    """What is asked for a new scenario of an organisation, which is named by its slug."""

    name: str
    slug: str
    organisation: str
    category: Category
    region: str
    description: str

    def checked(self) -> "NewScenario":
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        return replace(
            self,
            name=clean_line(self.name, "name"),
            slug=clean_slug(self.slug),
            region=clean_line(self.region, "region", most=LONGEST_REGION),
            description=clean_text(self.description, "description", most=LONGEST_DESCRIPTION),
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as people read it; its owner by id, slug and name."""

    id: int
    slug: str
    name: str
    organisation_id: int
    organisation: str
    organisation_name: str
    category: str
    region: str
    description: str
    published_at: datetime | None
