"""Calls on displaced bookings, and the answer to a change that would displace some."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, show
from booking.domain.displacements import Displaces
from booking.http.actor import current_actor
from booking.http.errors import problem
from booking.http.paths import parse_id
from booking.http.words import say
from booking.schemas.bookings import BookingShape
from booking.schemas.displacements import Settlement
from booking.services.displacements import resolve_displacement

bp = Blueprint("displacements", __name__)


@bp.post("/displacements/<displacement_id>/resolve")
@call(body=Settlement, gives={200: BookingShape}, fails=(403, 404, 409))
def resolve(displacement_id: str, body: Settlement) -> Response:
    """Move, reduce or revoke a displaced booking that waits, as owner of the resource; its team pays nothing for it."""
    booking = resolve_displacement(
        parse_id(displacement_id, "displacement"),
        body.resolution,
        actor=current_actor(),
        now=clock.now(),
        reason=body.reason,
    )
    return show(BookingShape.of(booking), version=booking.version)


def displaces(found: Displaces) -> Response:
    """The 409 that names every booking of which something is to be said first."""
    bookings = [BookingShape.of(booking).model_dump(mode="json", by_alias=True) for booking in found.bookings]
    return problem(409, say(found), code=found.code, displaced=bookings)
