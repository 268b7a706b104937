"""Calls on the docking board: what teams look for, what is offered, what matches, proposals, and unmet demand."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, url_for

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.docking import Demand, DemandState, NewOffer, demand_of, gaps
from booking.domain.errors import Invalid, NotFound
from booking.domain.orders import Order
from booking.domain.permissions import Actor, may_own, may_see_demand
from booking.domain.refusals import Refused
from booking.domain.waitlist import is_worth_waiting, wish_instead
from booking.http.actor import asking, current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import say
from booking.queries import docking as questions
from booking.queries.lacks import lacks, weeks_ahead
from booking.queries.listings import listing_by_id
from booking.queries.names import Named, named
from booking.schemas.base import Page
from booking.schemas.bookings import Answer
from booking.schemas.docking import (
    DemandFilter,
    DemandShape,
    DockingOfferShape,
    GapsShape,
    MatchesShape,
    MatchFilter,
    MatchShape,
    NewDemandBody,
    NewOfferBody,
    NewProposal,
    ProposalShape,
    body_of,
)
from booking.services import docking
from booking.services.matches import MOST_DEMANDS, best_matches, matches_of

bp = Blueprint("docking", __name__, url_prefix="/docking")


@bp.post("/demands")
@call(body=NewDemandBody, gives={201: DemandShape}, fails=(403, 404, 409))
def create(body: NewDemandBody) -> Response:
    """Say what a team looks for. Its members see it, and everybody who could offer something; others see sums."""
    actor, now = current_actor(), clock.now()
    names = named(reading().connection(), team=body.team, resources=[body.dataset] if body.dataset else [])
    if names.team_id is None:
        raise NotFound("team")
    dataset_id = _dataset(names.resources.get(body.dataset), actor) if body.dataset else None
    demand = docking.open_demand(body.asked(names.team_id, dataset_id), actor=actor, now=now)
    return created(DemandShape.of(demand), "api.docking.read", demand_id=str(demand.id))


@bp.post("/demands/of-entry/<entry_id>")
@call(gives={201: DemandShape}, fails=(404, 409, 422))
def create_of_entry(entry_id: str) -> Response:
    """Look for what an entry of the wait list waits for; it goes on waiting."""
    number = parse_id(entry_id, "wait-list entry")
    demand = docking.open_demand_of_entry(number, actor=current_actor(), now=clock.now())
    return created(DemandShape.of(demand), "api.docking.read", demand_id=str(demand.id))


@bp.get("/demands")
@call(query=DemandFilter, lists=DemandShape)
def index(query: DemandFilter) -> Response:
    """The demands that one may see, the newest first: one's teams', and all for who looks after pools or datasets."""
    return listed(
        _demands(query, questions.Filter(query.team or "", query.state or ())), query,
        shape=DemandShape.of, key=lambda one: [one.id],
    )  # fmt: skip


@bp.get("/demands/<demand_id>")
@call(gives={200: DemandShape}, fails=(404,))
def read(demand_id: str) -> Response:
    """One demand."""
    return show(DemandShape.of(_visible(demand_id)))


@bp.post("/demands/<demand_id>/withdraw")
@call(body=Answer, body_optional=True, gives={200: DemandShape}, fails=(403, 404, 409))
def withdraw(demand_id: str, body: Answer) -> Response:
    """Look for it no longer; a proposal is declined at its booking."""
    number = parse_id(demand_id, "demand")
    demand = docking.withdraw_demand(number, actor=current_actor(), now=clock.now(), reason=body.reason)
    return show(DemandShape.of(demand))


@bp.get("/matches")
@call(query=MatchFilter, gives={200: MatchesShape}, fails=(404,))
def matches(query: MatchFilter) -> Response:
    """Every way to serve one demand, or the best ways for all together, with scores told term by term.

    Where no demand is named, each open demand that one may see has at most one way, so that the sum of all scores is
    the highest.
    """
    actor, now = current_actor(), clock.now()
    if query.demand is not None:
        ways = matches_of(_visible(query.demand), actor=actor, now=now)
    else:
        wanted = questions.Filter(states=(DemandState.OPEN,))
        demands = questions.demands_listed(reading().connection(), actor, wanted, limit=MOST_DEMANDS)
        ways = best_matches(demands, actor=actor, now=now)
    return show(MatchesShape(matches=[MatchShape.of(way, say) for way in ways]))


@bp.post("/proposals")
@call(body=NewProposal, gives={201: ProposalShape}, fails=(403, 404, 409))
def propose(body: NewProposal) -> Response:
    """Hold a window of what one looks after for a demand, until its team answers.

    The answer's id is a booking in state `offered`, which the team accepts or declines; without an answer in time it
    lapses, and the demand is open again.
    """
    number = parse_id(body.demand, "demand")
    booking = docking.propose(
        number,
        body.resource,
        units=body.units,
        window=body.window(),
        hold_until=body.hold_until,
        reason=body.reason,
        actor=current_actor(),
        now=clock.now(),
    )
    demand = questions.find_demand(reading().connection(), number)
    return created(ProposalShape.of(demand, booking), "api.bookings.read", booking_id=str(booking.id))


@bp.get("/proposals")
@call(query=Page, lists=ProposalShape)
def proposals(query: Page) -> Response:
    """The proposals that one may see, the newest demand first: to one's teams, and of what one looks after."""
    found = _demands(query, questions.Filter(proposed=True))
    states = questions.booking_states(reading().connection(), found)
    return listed(
        found, query, shape=lambda one: ProposalShape.of(one, states[one.booking_id]), key=lambda one: [one.id]
    )


@bp.post("/offers")
@call(body=NewOfferBody, gives={201: DockingOfferShape}, fails=(403, 404))
def offer(body: NewOfferBody) -> Response:
    """Offer units of what one looks after to one team, to a region or kind of organisation, or to everybody.

    It holds nothing, and is matched with demands like free capacity.
    """
    actor, now = current_actor(), clock.now()
    names = named(reading().connection(), team=body.team or "", resources=[body.resource])
    resource = names.resources.get(body.resource)
    if resource is None or (resource.state == "draft" and not may_own(actor, resource.organisation_id, resource.kind)):
        raise NotFound("resource")
    if body.team and names.team_id is None:
        raise NotFound("team")
    offered = NewOffer(
        resource_id=resource.id,
        units=body.units,
        span=body.window(),
        until=body.until,
        region=body.region or "",
        kind=body.kind or "",
        team_id=names.team_id if body.team else None,
        note=body.note,
    )
    made = docking.open_offer(offered, actor=actor, now=now)
    return created(DockingOfferShape.of(made), "api.docking.read_offer", offer_id=str(made.id))


@bp.get("/offers")
@call(query=Page, lists=DockingOfferShape, public=True)
def offers(query: Page) -> Response:
    """The offers that stand and that one may see, the newest first; who is not known sees those to everybody."""
    after = query.after(int)
    found = questions.offers_listed(
        reading().connection(), asking(), clock.now(), before=after[0] if after else None, limit=query.limit + 1
    )
    return listed(found, query, shape=DockingOfferShape.of, key=lambda one: [one.id])


@bp.get("/offers/<offer_id>")
@call(gives={200: DockingOfferShape}, fails=(404,))
def read_offer(offer_id: str) -> Response:
    """One offer, for those it is for and its owner."""
    number = parse_id(offer_id, "offer")
    return show(
        DockingOfferShape.of(questions.find_offer(reading().connection(), number, current_actor(), clock.now()))
    )


@bp.post("/offers/<offer_id>/withdraw")
@call(gives={200: DockingOfferShape}, fails=(403, 404, 409))
def withdraw_offer(offer_id: str) -> Response:
    """Take an offer back; what was booked of it stays."""
    number = parse_id(offer_id, "offer")
    return show(DockingOfferShape.of(docking.withdraw_offer(number, actor=current_actor(), now=clock.now())))


@bp.get("/unmet")
@call(gives={200: GapsShape}, public=True)
def unmet() -> Response:
    """Demand of this week and those ahead that found no supply, by week and GPU model.

    It is what was refused for want of units, waits, or is looked for here. Each wish counts once, and no team is named.
    """
    weeks = weeks_ahead(clock.now())
    return show(GapsShape.of(gaps(lacks(reading().connection(), weeks.start, weeks.end))))


def demand_instead(
    refused: Refused, order: Order, *, team: str, resources: Mapping[str, Named]
) -> dict[str, Any] | None:
    """How to look on the board for what was refused, where others can cure that and a demand can say it."""
    wish = wish_instead(order, {one.id: one.kind for one in resources.values()})
    if wish is None or wish.resource_id is None or not is_worth_waiting(refused.refusals):
        return None
    listing = listing_by_id(reading(), wish.resource_id)
    slugs = {one.id: one.slug for one in resources.values()}
    body = body_of(demand_of(wish, listing.gpu_model or ""), team=team, slugs=slugs)
    return {"href": url_for("api.docking.create"), "body": body}


def _demands(query: Page, wanted: questions.Filter) -> list[Demand]:
    after = query.after(int)
    before = after[0] if after else None
    return questions.demands_listed(
        reading().connection(), current_actor(), wanted, before=before, limit=query.limit + 1
    )


def _visible(demand_id: str) -> Demand:
    """The demand, where the asker may see it."""
    demand = questions.find_demand(reading().connection(), parse_id(demand_id, "demand"))
    if not may_see_demand(current_actor(), demand.asked.team_id):
        raise NotFound("demand")
    return demand


def _dataset(found: Named | None, actor: Actor) -> int:
    """The id of a dataset; NotFound where the actor knows of none, Invalid where it is none to look for."""
    if found is None or (found.state == "draft" and not may_own(actor, found.organisation_id, found.kind)):
        raise NotFound("dataset")
    if found.kind != "dataset":
        raise Invalid("dataset", "%(resource)s is no dataset.", {"resource": found.slug})
    if not found.needs_booking:
        raise Invalid("dataset", "%(resource)s needs no booking: it is open to everyone.", {"resource": found.slug})
    return found.id
