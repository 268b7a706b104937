"""Calls on grants: give one, look at them, top up, cut, and give back what a booking cost."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.errors import Invalid
from booking.domain.grants import Balance, Scope
from booking.domain.grants import NewGrant as Wanted
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.applications import find_team
from booking.queries.balances import Visible, balances_listed, visible_balance
from booking.queries.facilities import find_facility
from booking.queries.listings import find_listing
from booking.schemas.grants import Amount, CutShape, GrantFilter, GrantShape, NewGrant, NewRefund, RefundShape
from booking.services import grants
from booking.services.refunds import refund_booking

bp = Blueprint("grants", __name__)


@bp.post("/grants")
@call(body=NewGrant, gives={201: GrantShape}, fails=(403, 404))
def create(body: NewGrant) -> Response:
    """Give a team hours of one kind, one resource or one facility."""
    actor, now = current_actor(), clock.now()
    window = body.window()
    wanted = Wanted(
        scope=_scope(body),
        team_id=find_team(reading(), body.team).id,
        unit_seconds=body.unit_seconds,
        window=window,
        cap=body.capped(),
        timezone=body.timezone,
        reason=body.reason,
        subsidy_percent=body.subsidy_percent,
        eligible_kinds=body.eligible_kinds,
        eligible_regions=body.eligible_regions,
    )
    given = grants.create_grant(wanted, actor=actor, now=now)
    return created(GrantShape.of(given, now), "api.grants.read", grant_id=str(given.id))


@bp.get("/grants")
@call(query=GrantFilter, lists=GrantShape)
def index(query: GrantFilter) -> Response:
    """The grants that one may see, the newest first: one's teams', those on what one looks after, or all."""
    now, after = clock.now(), query.after(int)
    found = balances_listed(
        reading(),
        Visible.to(current_actor()),
        team=query.team or "",
        before=after[0] if after else None,
        limit=query.limit + 1,
    )
    return listed(found, query, shape=lambda one: GrantShape.of(one, now), key=lambda one: [one.id])


@bp.get("/grants/<grant_id>")
@call(gives={200: GrantShape}, fails=(404,))
def read(grant_id: str) -> Response:
    """One grant."""
    return show(GrantShape.of(_visible(grant_id), clock.now()))


@bp.post("/grants/<grant_id>/top-up")
@call(body=Amount, gives={200: GrantShape}, fails=(403, 404, 409))
def top_up(grant_id: str, body: Amount) -> Response:
    """Add to a grant that has not ended."""
    actor, now = current_actor(), clock.now()
    grant = _visible(grant_id)
    done = grants.top_up(grant.id, body.unit_seconds, actor=actor, now=now, reason=body.reason)
    return show(GrantShape.of(done, now))


@bp.post("/grants/<grant_id>/cut")
@call(body=Amount, gives={200: CutShape}, fails=(403, 404, 409))
def cut(grant_id: str, body: Amount) -> Response:
    """Take back what bookings leave of a grant; the answer says what was taken, and why the rest stays."""
    actor, now = current_actor(), clock.now()
    grant = _visible(grant_id)
    done, taken = grants.cut_grant(grant.id, body.unit_seconds, actor=actor, now=now, reason=body.reason)
    return show(CutShape.of(done, taken, now))


@bp.post("/bookings/<booking_id>/refund")
@call(body=NewRefund, gives={200: RefundShape}, fails=(403, 404, 409))
def refund(booking_id: str, body: NewRefund) -> Response:
    """Give back some of what a booking was charged, as owner of what it claimed."""
    done = refund_booking(
        parse_id(booking_id, "booking"),
        body.unit_seconds,
        resource=body.resource,
        actor=current_actor(),
        now=clock.now(),
        reason=body.reason,
    )
    return show(
        RefundShape(
            booking=str(done.booking_id),
            resource=done.resource,
            refunded=done.refunded_unit_seconds,
            charged=done.charged_unit_seconds,
        )
    )


def _visible(grant_id: str) -> Balance:
    return visible_balance(reading(), parse_id(grant_id, "grant"), current_actor())


def _scope(body: NewGrant) -> Scope:
    """What the grant is for, by number; Invalid for any but exactly one thing, before anything is looked for."""
    named = [name for name in ("kind", "resource", "facility") if getattr(body, name) is not None]
    if len(named) != 1:
        raise Invalid("kind", "A grant is for one thing: a kind, a resource, or a facility.")
    if body.resource is not None:
        return Scope(resource_id=find_listing(reading(), body.resource, actor=current_actor()).id)
    if body.facility is not None:
        return Scope(facility_id=find_facility(reading(), body.facility).id)
    return Scope(kind=body.kind)
