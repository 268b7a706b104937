"""Organisations as the API takes and gives them."""

from booking.domain import organisations
from booking.domain.organisations import OrganisationKind
from booking.schemas.base import Body, Line, Shape, Slug


class NewOrganisation(Body):
    """What is asked for a new organisation."""

    name: Line
    slug: Slug
    kind: OrganisationKind
    region: str

    def asked(self) -> organisations.NewOrganisation:
        """The same as the service takes it."""
        return organisations.NewOrganisation(self.name, self.slug, self.kind, self.region)


class OrganisationShape(Shape):
    """An organisation."""

    id: str
    slug: str
    name: str
    kind: OrganisationKind
    region: str

    @staticmethod
    def of(organisation: organisations.Organisation) -> "OrganisationShape":
        return OrganisationShape(
            id=organisation.slug,
            slug=organisation.slug,
            name=organisation.name,
            kind=OrganisationKind(organisation.kind),
            region=organisation.region,
        )
