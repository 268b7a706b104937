"""Calls on bookings: ask for one, look at them, change one, and everything people do with one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, expected_version, listed, show
from booking.api.docking import demand_instead
from booking.api.orders import KEY, claims_of, key_of, names_in, names_known, refuse
from booking.api.sights import sight_of
from booking.api.waitlist import wait_instead
from booking.domain.bookings import Booking
from booking.domain.errors import Forbidden, NotFound
from booking.domain.lifecycle import State
from booking.domain.orders import Order
from booking.domain.permissions import Actor, may_book_for, may_edit, may_see_booking
from booking.domain.refusals import Refused
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.applications import team_standing
from booking.queries.booking_lists import Wanted, bookings_listed, how_to_use
from booking.queries.bookings import find_booking
from booking.schemas.bookings import (
    Answer,
    Approval,
    BookingChange,
    BookingFilter,
    BookingShape,
    CounterOffer,
    NewBooking,
    PreviewShape,
    check_claims,
)
from booking.services import booking_moves
from booking.services.booking_edits import change_booking
from booking.services.bookings import preview_booking, request_booking
from booking.services.counter_offers import counter_offer

VERSION = "The ETag of the booking that is to be changed."

bp = Blueprint("bookings", __name__)


@bp.post("/bookings")
@call(
    body=NewBooking,
    gives={201: BookingShape, 200: PreviewShape},
    fails=(403, 404, 409),
    headers={"Idempotency-Key": KEY},
)
def create(body: NewBooking) -> Response:
    """Book units of one or several resources together, or hear every reason why not.

    A `dry_run` books nothing and answers 200 with what would become of it.
    """
    actor, now = current_actor(), clock.now()
    window = body.window()
    check_claims(body.claims)
    key = key_of(body)

    names = names_known(body.claims, body.team)
    if names.team_id is None:
        raise NotFound("team")
    order = Order(names.team_id, window, claims_of(body.claims, names, actor), body.purpose)
    try:
        if body.dry_run:
            return _previewed(body, order, actor, now)
        booking = request_booking(order, actor=actor, now=now, key=key, reason=body.reason)
    except Refused as refused:
        names = names_in(body.claims, body.team)
        claims_of(body.claims, names, actor)  # what was remembered may be a draft by now
        known = {"team": body.team, "resources": names.resources}
        instead = {
            "wait_list": wait_instead(refused, order, **known), "docking": demand_instead(refused, order, **known),
        }  # fmt: skip
        return refuse(refused, order, actor=actor, now=now, instead=instead)
    return created(BookingShape.of(booking), "api.bookings.read", version=booking.version, booking_id=str(booking.id))


def _previewed(body: NewBooking, order: Order, actor: Actor, now: datetime) -> Response:
    decision = preview_booking(order, actor=actor, now=now, reason=body.reason)
    if decision.refusals:
        raise Refused(decision.refusals)
    return show(PreviewShape.of(body, order, decision))


@bp.get("/bookings")
@call(query=BookingFilter, lists=BookingShape)
def index(query: BookingFilter) -> Response:
    """The bookings that one may see, the newest first: one's teams', what claims one's resources, or all."""
    after = query.after(int)
    wanted = Wanted(query.team or "", query.resource or "", query.state or (), query.since, query.until)
    found = bookings_listed(
        reading().connection(),
        sight_of(current_actor()),
        wanted,
        before=after[0] if after else None,
        limit=query.limit + 1,
    )
    return listed(found, query, shape=BookingShape.of, key=lambda booking: [booking.id])


@bp.get("/bookings/<booking_id>")
@call(gives={200: BookingShape}, fails=(404,))
def read(booking_id: str) -> Response:
    """One booking, with how to use what it claims for the team that may; its version is the ETag."""
    actor = current_actor()
    booking = _visible(booking_id, actor)
    promised = booking.state in (State.CONFIRMED, State.ACTIVE) and may_book_for(actor, booking.team_id)
    usable = promised and team_standing(reading(), booking.team_id).has_access(clock.now())
    texts = how_to_use(reading().connection(), booking.resource_ids) if usable else None
    return show(BookingShape.of(booking, texts), version=booking.version)


@bp.patch("/bookings/<booking_id>")
@call(
    body=BookingChange,
    gives={200: BookingShape},
    fails=(403, 404, 409, 412, 428),
    headers={"If-Match": VERSION},
)
def change(booking_id: str, body: BookingChange) -> Response:
    """Move, extend or shrink a booking, or change what it claims; judged like a new one, its own share left out.

    A growth of what is confirmed that an owner has to approve becomes its `change_request`; until then it stays.
    """
    actor, now = current_actor(), clock.now()
    body.check()
    booking = _visible(booking_id, actor)
    names = names_in(body.claims or ())
    claims = claims_of(body.claims, names, actor) if body.claims else None
    if not may_edit(actor, booking.team_id, booking.created_by):
        raise Forbidden("Only the team's lead, or who requested the booking, can change it.")
    version = expected_version(booking.version)

    window = body.window(booking.window)
    try:
        changed = change_booking(booking.id, window=window, claims=claims, actor=actor, now=now, version=version)
    except Refused as refused:
        standing = booking.order()
        order = replace(standing, window=window or standing.window, claims=claims or standing.claims)
        return refuse(refused, order, actor=actor, now=now, standing=booking)
    return show(BookingShape.of(changed), version=changed.version)


@bp.post("/bookings/<booking_id>/approve")
@call(body=Approval, body_optional=True, gives={200: BookingShape}, fails=(403, 404, 409))
def approve(booking_id: str, body: Approval) -> Response:
    """Say yes as owner; the last owner's yes confirms it. With `claims` the yes is to fewer units."""
    actor = current_actor()
    check_claims(body.claims or [])
    claims = claims_of(body.claims, names_in(body.claims), actor) if body.claims else ()
    number = parse_id(booking_id, "booking")
    done = booking_moves.approve_booking(number, actor=actor, now=clock.now(), reason=body.reason, claims=claims)
    return show(BookingShape.of(done), version=done.version)


@bp.post("/bookings/<booking_id>/counter-offer")
@call(body=CounterOffer, gives={201: BookingShape}, fails=(403, 404, 409))
def counter(booking_id: str, body: CounterOffer) -> Response:
    """Answer a waiting booking, as owner, with another window or quantity: it is declined, and the offer is held.

    The answer is the new booking, in state `offered`, which its team accepts or declines.
    """
    actor = current_actor()
    check_claims(body.claims or [])
    booking = _visible(booking_id, actor)
    offered = counter_offer(
        booking.id,
        window=body.window(booking.window),
        claims=claims_of(body.claims, names_in(body.claims), actor) if body.claims else None,
        hold_until=body.hold_until,
        actor=actor,
        now=clock.now(),
        reason=body.reason,
    )
    return created(BookingShape.of(offered), "api.bookings.read", version=offered.version, booking_id=str(offered.id))


def _move(verb: str, move: Callable[..., Booking], sentence: str) -> None:
    """Register the call of one verb on a booking."""

    def act(booking_id: str, body: Answer) -> Response:
        done = move(parse_id(booking_id, "booking"), actor=current_actor(), now=clock.now(), reason=body.reason)
        return show(BookingShape.of(done), version=done.version)

    act.__doc__ = sentence
    described = call(body=Answer, body_optional=True, gives={200: BookingShape}, fails=(403, 404, 409))(act)
    bp.add_url_rule(f"/bookings/<booking_id>/{verb}", verb, described, methods=["POST"])


_move("accept", booking_moves.accept_booking, "Take an offer that is held for the team.")
_move("cancel", booking_moves.cancel_booking, "Give a booking up, at its price.")
_move("decline", booking_moves.decline_booking, "Say no as owner, or to an offer as team.")
_move("check-in", booking_moves.check_in, "Say that the team is there.")
_move("finish", booking_moves.finish_booking, "End a running booking early.")
_move("revoke", booking_moves.revoke_booking, "Take a booking back as owner; only what was served is charged.")


def _visible(booking_id: str, actor: Actor) -> Booking:
    """A booking that the actor may see; others hear that there is none."""
    booking = find_booking(reading().connection(), parse_id(booking_id, "booking"))
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")
    return booking
