"""Facilities: computing centres, and what a new or a changed one needs."""

from dataclasses import dataclass, replace

from booking.domain.lines import clean_line
from booking.domain.organisations import LONGEST_REGION
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text
from booking.domain.timezones import clean_timezone

LONGEST_DESCRIPTION = 20_000


@dataclass(frozen=True, slots=True)
class FacilityWords:
    """What people say of a facility, and can change later."""

    name: str
    region: str
    timezone: str
    place: str = ""
    description: str = ""

    def checked(self) -> "FacilityWords":
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        return replace(
            self,
            name=clean_line(self.name, "name"),
            region=clean_line(self.region, "region", most=LONGEST_REGION),
            timezone=clean_timezone(self.timezone),
            place=clean_line(self.place, "place", least=0),
            description=clean_text(self.description, "description", most=LONGEST_DESCRIPTION),
        )


@dataclass(frozen=True, slots=True)
class NewFacility:
    """What is asked for a new facility of an organisation, which is named by its slug."""

    slug: str
    organisation: str
    words: FacilityWords

    def checked(self) -> "NewFacility":
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        return replace(self, slug=clean_slug(self.slug), words=self.words.checked())


@dataclass(frozen=True, slots=True)
class Facility:
    """A facility as people read it; its organisation by id, slug and name."""

    id: int
    slug: str
    name: str
    organisation_id: int
    organisation: str
    organisation_name: str
    region: str
    place: str
    timezone: str
    description: str

    @property
    def words(self) -> FacilityWords:
        return FacilityWords(self.name, self.region, self.timezone, self.place, self.description)
