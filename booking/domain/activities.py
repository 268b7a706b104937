"""Activities: contests, road shows, matchmaking days, demonstrations, and the sessions of courses."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from booking.domain.errors import Invalid
from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.lines import clean_line
from booking.domain.organisations import LONGEST_REGION
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text
from booking.domain.windows import Window

MOST_PLACES = 100_000


class ActivityKind(StrEnum):
    """What happens at an activity."""

    CONTEST = "contest"
    ROADSHOW = "roadshow"
    MATCHMAKING = "matchmaking"
    DEMONSTRATION = "demonstration"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class NewActivity:
    """What is asked for a new activity of an organisation, which is named by its slug.

    `places` None is as many as come; one can enrol until `enrol_until`, or until it begins. `course` is the one that a
    training is a session of. Who has a place is in `team` meanwhile, whose bookings are the capacity set aside for it.
    """

    name: str
    slug: str
    organisation: str
    kind: ActivityKind
    region: str
    place: str
    description: str
    window: Window
    places: int | None = None
    enrol_until: datetime | None = None
    course: str | None = None
    team: str | None = None

    def checked(self) -> "NewActivity":
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        check_places(self.places)
        if (self.kind is ActivityKind.TRAINING) != (self.course is not None):
            raise Invalid("course", "A training is a session of a course, and nothing else is.")
        if self.enrol_until is not None and self.enrol_until > self.window.start:
            raise Invalid("enrol_until", "Enrolment closes before the activity begins.")
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
    places: int | None = None
    enrol_until: datetime | None = None
    cancelled_at: datetime | None = None
    course: str | None = None
    team_id: int | None = None
    team: str | None = None
    enrolled: int = 0
    waiting: int = 0

    @property
    def free(self) -> int | None:
        """Places that nobody has; None where there are as many as come."""
        return None if self.places is None else max(0, self.places - self.enrolled)


def check_places(places: int | None) -> None:
    """Invalid for a number of places that cannot be meant."""
    if places is not None and not 1 <= places <= MOST_PLACES:
        raise Invalid("places", "Say from 1 to %(most)s places, or nothing.", {"most": MOST_PLACES})
