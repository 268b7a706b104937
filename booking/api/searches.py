"""The call that looks for a window."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, show
from booking.http.actor import asking
from booking.schemas.bookings import window_of
from booking.schemas.searches import NewSearch, OfferShape, OffersShape
from booking.services.searches import Wish, search

bp = Blueprint("searches", __name__)


@bp.post("/searches")
@call(body=NewSearch, gives={200: OffersShape}, fails=(401, 404), public=True)
def create(body: NewSearch) -> Response:
    """The earliest window of every resource that could serve a wish, the earliest first.

    What a resource's limits allow is offered; a team's own standing and quota are judged when it books.
    """
    asking()
    wish = Wish(
        units=body.units,
        seconds=body.seconds,
        span=window_of(body.earliest, body.latest, "latest"),
        kind=body.kind or "",
        resource=body.resource or "",
        gpu_model=body.gpu_model or "",
        region=body.region or "",
        dataset=body.dataset or "",
    )
    found = search(wish, now=clock.now(), limit=body.limit)
    return show(OffersShape(offers=[OfferShape.of(one.offer, one.slugs) for one in found]))
