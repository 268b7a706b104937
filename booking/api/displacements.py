"""Calls on displaced bookings, and the answer to a change that would displace some."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, listed, show
from booking.domain.displacements import Displaces, Ways
from booking.http.actor import current_actor
from booking.http.errors import problem
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import say
from booking.queries.displacements import all_waiting, one_waiting
from booking.schemas.base import Page
from booking.schemas.bookings import BookingShape
from booking.schemas.displacements import (
    DisplacementShape,
    OneDisplacementShape,
    Settlement,
    WaysShape,
    decided_of,
)
from booking.services.displacements import resolve_displacement, ways_of

bp = Blueprint("displacements", __name__)


@bp.get("/displacements")
@call(query=Page, lists=DisplacementShape)
def index(query: Page) -> Response:
    """The bookings that have lost their place and wait for a decision: of one's resources, and of one's teams."""
    after = query.after(int)
    found = all_waiting(reading(), current_actor(), after=after[0] if after else None, limit=query.limit + 1)
    return listed(found, query, shape=DisplacementShape.of, key=lambda one: [one.id])


@bp.get("/displacements/<displacement_id>")
@call(gives={200: OneDisplacementShape}, fails=(404,))
def read(displacement_id: str) -> Response:
    """One of them, with the windows that it could move to and what reducing would leave."""
    number = parse_id(displacement_id, "displacement")
    ways = ways_of(number, actor=current_actor(), now=clock.now())
    return show(OneDisplacementShape.with_ways(one_waiting(reading(), number), ways))


@bp.post("/displacements/<displacement_id>/resolve")
@call(body=Settlement, gives={200: BookingShape}, fails=(403, 404, 409))
def resolve(displacement_id: str, body: Settlement) -> Response:
    """Move or reduce a displaced booking that waits, or end it; the team pays nothing for it.

    Owners of the resource revoke it, its team cancels it.
    """
    booking = resolve_displacement(
        parse_id(displacement_id, "displacement"),
        decided_of(body.resolution),
        actor=current_actor(),
        now=clock.now(),
        reason=body.reason,
    )
    return show(BookingShape.of(booking), version=booking.version)


def displaces(found: Displaces) -> Response:
    """The 409 that names every booking of which something is to be said first, and what could be done with each."""
    bookings = [
        {
            **BookingShape.of(booking).model_dump(mode="json", by_alias=True),
            **WaysShape.of(found.ways.get(booking.id, Ways())).model_dump(mode="json"),
        }
        for booking in found.bookings
    ]
    return problem(409, say(found), code=found.code, displaced=bookings)
