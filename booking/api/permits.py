"""Calls on permits: teams ask for them, stewards decide."""

from collections.abc import Callable

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.permits import Permit
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.applications import find_team
from booking.queries.permits import Wanted, permits_listed, visible_permit
from booking.schemas.permits import NewPermit, PermitDecision, PermitFilter, PermitGrant, PermitShape
from booking.services import permits

bp = Blueprint("permits", __name__)


@bp.post("/permits")
@call(body=NewPermit, gives={201: PermitShape}, fails=(403, 404, 409))
def create(body: NewPermit) -> Response:
    """Ask for a permit as a member of the team; with `until`, give one as steward of the dataset."""
    actor, now = current_actor(), clock.now()
    team_id = find_team(reading(), body.team).id
    if body.until is None:
        made = permits.ask_for_permit(body.dataset, team_id, body.purpose, actor=actor, now=now)
    else:
        made = permits.give_permit(body.dataset, team_id, body.purpose, body.until, actor=actor, now=now)
    return created(PermitShape.of(made), "api.permits.read", permit_id=str(made.id))


@bp.get("/permits")
@call(query=PermitFilter, lists=PermitShape)
def index(query: PermitFilter) -> Response:
    """The permits of one's teams and those for data that one looks after, the newest first."""
    after = query.after(int)
    wanted = Wanted(query.team or "", query.dataset or "", query.state or ())
    before = after[0] if after else None
    found = permits_listed(reading().connection(), current_actor(), wanted, before=before, limit=query.limit + 1)
    return listed(found, query, shape=PermitShape.of, key=lambda permit: [permit.id])


@bp.get("/permits/<permit_id>")
@call(gives={200: PermitShape}, fails=(404,))
def read(permit_id: str) -> Response:
    """One permit."""
    return show(PermitShape.of(visible_permit(reading().connection(), _id(permit_id), current_actor())))


@bp.post("/permits/<permit_id>/grant")
@call(body=PermitGrant, gives={200: PermitShape}, fails=(403, 404, 409))
def grant(permit_id: str, body: PermitGrant) -> Response:
    """Say yes until a date, as steward; every window of the team until then is covered."""
    done = permits.grant_permit(_id(permit_id), body.until, actor=current_actor(), now=clock.now(), reason=body.reason)
    return show(PermitShape.of(done))


def _decision(verb: str, decide: Callable[..., Permit], sentence: str) -> None:
    """Register the call of one decision on a permit."""

    def act(permit_id: str, body: PermitDecision) -> Response:
        return show(PermitShape.of(decide(_id(permit_id), actor=current_actor(), now=clock.now(), reason=body.reason)))

    act.__doc__ = sentence
    described = call(body=PermitDecision, body_optional=True, gives={200: PermitShape}, fails=(403, 404, 409))(act)
    bp.add_url_rule(f"/permits/<permit_id>/{verb}", verb, described, methods=["POST"])


_decision("decline", permits.decline_permit, "Say no, as steward.")
_decision("withdraw", permits.withdraw_permit, "Take a permit back; bookings that rest on it end.")


def _id(text: str) -> int:
    return parse_id(text, "permit")
