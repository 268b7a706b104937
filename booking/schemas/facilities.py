"""Facilities as the API takes and gives them."""

from dataclasses import replace

from pydantic import Field

from booking.domain import facilities
from booking.domain.facilities import Facility, FacilityWords
from booking.schemas.base import Body, Line, Reference, Shape, Slug, Timezone


class NewFacility(Body):
    """What is asked for a new facility."""

    name: Line
    slug: Slug
    organisation: Reference = Field(description="The slug of the organisation that owns it.")
    region: str
    timezone: Timezone = Field(description="Its time zone, such as Asia/Shanghai.")
    place: str = ""
    description: str = ""

    def asked(self) -> facilities.NewFacility:
        """The same as the service takes it."""
        words = FacilityWords(self.name, self.region, self.timezone, self.place, self.description)
        return facilities.NewFacility(self.slug, self.organisation, words)


class FacilityChange(Body):
    """What is to be different; what is left out stays as it is."""

    name: Line = ""
    region: str = ""
    timezone: Timezone = ""
    place: str = ""
    description: str = ""

    def asked(self, standing: FacilityWords) -> FacilityWords:
        """The words of a facility with what is given in their place."""
        return replace(standing, **self.model_dump(include=self.model_fields_set))


class FacilityShape(Shape):
    """A facility."""

    id: str
    slug: str
    name: str
    organisation: str
    region: str
    place: str
    timezone: str
    description: str

    @staticmethod
    def of(facility: Facility) -> "FacilityShape":
        return FacilityShape(
            id=facility.slug,
            slug=facility.slug,
            name=facility.name,
            organisation=facility.organisation,
            region=facility.region,
            place=facility.place,
            timezone=facility.timezone,
            description=facility.description,
        )
