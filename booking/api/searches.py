"""The call that looks for a window."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, show
from booking.api.orders import offer_shape
from booking.domain.errors import NotFound, Unauthenticated
from booking.domain.permissions import Actor, may_book_for
from booking.domain.refusals import Code, Refusal, Refused
from booking.http.actor import asking
from booking.http.reading import glance
from booking.queries.names import named
from booking.schemas.bookings import window_of
from booking.schemas.searches import NewSearch, OffersShape
from booking.services.searches import Wish, search

bp = Blueprint("searches", __name__)


@bp.post("/searches")
@call(body=NewSearch, gives={200: OffersShape}, fails=(401, 403, 404), public=True)
def create(body: NewSearch) -> Response:
    """The best window of every resource that could serve a wish: the earliest start, and as long as fits there.

    They come in order of their start; those that start together by the GPU model that is liked better, the cost and
    the name. What a resource's limits allow is offered; with a `team` only what that team would be admitted to, once
    what an offer says comes `first` is done.
    """
    actor, span = asking(), window_of(body.earliest, body.latest, "latest")
    least, most = body.lengths()
    wish = Wish(
        units=body.units,
        seconds=least,
        longest=most,
        span=span,
        kind=body.kind or "",
        resource=body.resource or "",
        gpu_models=body.models(),
        memory_gib=body.memory_gib or 0,
        regions=body.allowed_regions(),
        regions_denied=tuple(body.regions_denied or ()),
        facility=body.facility or "",
        dataset=body.dataset or "",
        team_id=_own_team(actor, body.team) if body.team else None,
    )
    found = search(wish, now=clock.now(), limit=body.limit, by=actor.user_id)
    return show(OffersShape(offers=[offer_shape(offer) for offer in found]))


def _own_team(actor: Actor, slug: str) -> int:
    """The team that is looked for; what a team could still book is its members' business."""
    if not actor.signed_in:
        raise Unauthenticated("This needs a bearer token.")
    with glance() as connection:
        team_id = named(connection, team=slug).team_id
    if team_id is None:
        raise NotFound("team")
    if not may_book_for(actor, team_id):
        raise Refused(
            [
                Refusal(
                    Code.NOT_A_MEMBER, "You are not a member of this team and cannot look for windows for it.", "team"
                )
            ]
        )
    return team_id
