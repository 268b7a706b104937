"""Activities: contests, road shows, matchmaking days and demonstrations."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.lines import clean_line
from booking.domain.organisations import LONGEST_REGION
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text
from booking.domain.windows import Window


class ActivityKind(StrEnum):
    """What happens at an activity."""

    CONTEST = "contest"
    ROADSHOW = "roadshow"
    MATCHMAKING = "matchmaking"
    DEMONSTRATION = "demonstration"


@dataclass(frozen=True, slots=True)
class NewActivity:
    """What is asked for a new activity of an organisation, which is named by its slug."""

    name: str
    slug: str
    organisation: str
    kind: ActivityKind
    region: str
    place: str
    description: str
    window: Window

    def checked(self) -> "NewActivity":
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        return replace(
            self,
            name=clean_line(self.name, "name"),
            slug=clean_slug(self.slug),
            region=clean_line(self.region, "region", most=LONGEST_REGION),
            place=clean_line(self.place, "place"),
            description=clean_text(self.description, "description", most=LONGEST_DESCRIPTION),
        )


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity as people read it; its owner by id, slug and name."""

    id: int
    slug: str
    name: str
    organisation_id: int
    organisation: str
    organisation_name: str
    kind: str
    region: str
    place: str
    description: str
    starts_at: datetime
    ends_at: datetime
