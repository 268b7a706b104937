"""Calls on facilities."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries.facilities import facilities, find_facility
from booking.schemas.facilities import FacilityChange, FacilityShape, NewFacility
from booking.schemas.listings import ResourceFilter
from booking.services.facilities import change_facility, create_facility

bp = Blueprint("facilities", __name__)


@bp.post("/facilities")
@call(body=NewFacility, gives={201: FacilityShape}, fails=(403, 404, 409))
def create(body: NewFacility) -> Response:
    """Open a facility, as operator of the organisation that owns it."""
    facility = create_facility(body.asked(), actor=current_actor(), now=clock.now())
    return created(FacilityShape.of(facility), "api.facilities.read", facility_id=facility.slug)


@bp.get("/facilities")
@call(query=ResourceFilter, lists=FacilityShape, public=True)
def index(query: ResourceFilter) -> Response:
    """The facilities, by slug."""
    after = query.after(str)
    found = facilities(reading(), query.filters, after=after[0] if after else None, limit=query.limit + 1)
    return listed(found, query, shape=FacilityShape.of, key=lambda facility: [facility.slug])


@bp.get("/facilities/<facility_id>")
@call(gives={200: FacilityShape}, fails=(404,), public=True)
def read(facility_id: str) -> Response:
    """One facility."""
    return show(FacilityShape.of(find_facility(reading(), facility_id)))


@bp.patch("/facilities/<facility_id>")
@call(body=FacilityChange, gives={200: FacilityShape}, fails=(403, 404))
def change(facility_id: str, body: FacilityChange) -> Response:
    """Say other words of a facility, as its operator."""
    words = body.asked(find_facility(reading(), facility_id).words)
    return show(FacilityShape.of(change_facility(facility_id, words, actor=current_actor(), now=clock.now())))
