"""Calls on organisations."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries.organisations import find_organisation, organisations
from booking.schemas.base import Page
from booking.schemas.organisations import NewOrganisation, OrganisationShape
from booking.services.organisations import create_organisation

bp = Blueprint("organisations", __name__)


@bp.post("/organisations")
@call(body=NewOrganisation, gives={201: OrganisationShape}, fails=(403, 409))
def create(body: NewOrganisation) -> Response:
    """Add an organisation, as administrator."""
    organisation = create_organisation(body.asked(), actor=current_actor(), now=clock.now())
    return created(OrganisationShape.of(organisation), "api.organisations.read", organisation_id=organisation.slug)


@bp.get("/organisations")
@call(query=Page, lists=OrganisationShape, public=True)
def index(query: Page) -> Response:
    """The organisations of the platform, by slug."""
    after = query.after(str)
    found = organisations(reading(), after=after[0] if after else None, limit=query.limit + 1)
    return listed(found, query, shape=OrganisationShape.of, key=lambda organisation: [organisation.slug])


@bp.get("/organisations/<organisation_id>")
@call(gives={200: OrganisationShape}, fails=(404,), public=True)
def read(organisation_id: str) -> Response:
    """One organisation."""
    return show(OrganisationShape.of(find_organisation(reading(), organisation_id)))
