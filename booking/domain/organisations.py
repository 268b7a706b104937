"""Organisations: what they are, and what a new one needs."""

from dataclasses import dataclass, replace
from enum import StrEnum

from booking.domain.lines import clean_line
from booking.domain.slugs import clean_slug

LONGEST_REGION = 80


class OrganisationKind(StrEnum):
    """The kinds of organisations that a platform verifies."""

    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    INSTITUTE = "institute"
    GOVERNMENT = "government"
    INTERMEDIARY = "intermediary"


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """What is asked for a new organisation."""

    name: str
    slug: str
    kind: OrganisationKind
    region: str

    def checked(self) -> "NewOrganisation":
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        return replace(
            self,
            name=clean_line(self.name, "name"),
            slug=clean_slug(self.slug),
            region=clean_line(self.region, "region", most=LONGEST_REGION),
        )


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as people read it."""

    id: int
    slug: str
    name: str
    kind: str
    region: str
