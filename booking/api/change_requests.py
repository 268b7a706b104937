"""Calls on change requests: the growths that wait for an owner, and what is said to them."""

from collections.abc import Callable

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, listed, show
from booking.api.sights import sight_of
from booking.domain.change_requests import ChangeRequest
from booking.domain.errors import NotFound
from booking.domain.permissions import may_see_booking
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.booking_lists import seen
from booking.queries.bookings import find_booking
from booking.queries.change_requests import find_request, requests_listed
from booking.schemas.bookings import Answer
from booking.schemas.change_requests import ChangeRequestFilter, ChangeRequestShape
from booking.services import change_requests

bp = Blueprint("change_requests", __name__)


@bp.get("/change-requests")
@call(query=ChangeRequestFilter, lists=ChangeRequestShape)
def index(query: ChangeRequestFilter) -> Response:
    """The change requests of the bookings that one may see, the newest first."""
    after = query.after(int)
    found = requests_listed(
        reading().connection(),
        seen(sight_of(current_actor())),
        team=query.team or "",
        booking_id=int(query.booking) if query.booking else None,
        states=query.state or (),
        before=after[0] if after else None,
        limit=query.limit + 1,
    )
    return listed(found, query, shape=ChangeRequestShape.of, key=lambda request: [request.id])


@bp.get("/change-requests/<request_id>")
@call(gives={200: ChangeRequestShape}, fails=(404,))
def read(request_id: str) -> Response:
    """One change request, whatever became of it."""
    actor, connection = current_actor(), reading().connection()
    request = find_request(connection, parse_id(request_id, "change request"))
    booking = find_booking(connection, request.booking_id)
    if not may_see_booking(actor, request.team_id, booking.owners | request.owners):
        raise NotFound("change request")
    return show(ChangeRequestShape.of(request))


def _answer(verb: str, service: Callable[..., ChangeRequest], sentence: str) -> None:
    """Register the call of one verb on a change request."""

    def act(request_id: str, body: Answer) -> Response:
        number = parse_id(request_id, "change request")
        done = service(number, actor=current_actor(), now=clock.now(), reason=body.reason)
        return show(ChangeRequestShape.of(done))

    act.__doc__ = sentence
    described = call(body=Answer, body_optional=True, gives={200: ChangeRequestShape}, fails=(403, 404, 409))(act)
    bp.add_url_rule(f"/change-requests/<request_id>/{verb}", verb, described, methods=["POST"])


_answer("approve", change_requests.approve_request, "Say yes as owner; the last owner's yes changes the booking.")
_answer("decline", change_requests.decline_request, "Say no as owner; the booking stays as it is.")
_answer("withdraw", change_requests.withdraw_request, "Ask for it no longer, as team; the booking stays as it is.")
