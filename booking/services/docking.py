"""Use cases of the docking board: say what is looked for, propose a window to it, offer to some, and end these."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from booking.changes import audit
from booking.changes import bookings as booking_changes
from booking.changes import docking as changes
from booking.changes.bookings import Admitted
from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.admission import admit
from booking.domain.bookings import Booking
from booking.domain.counter_offers import answer_by
from booking.domain.docking import (
    Demand,
    DemandState,
    NewDemand,
    NewOffer,
    Offer,
    check_beside,
    demand_of,
    is_past,
    proposed,
)
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.jobs import JobResult, each
from booking.domain.lifecycle import State
from booking.domain.orders import Decision, Order
from booking.domain.outbox import NOTICES
from booking.domain.permissions import Actor, may_demand, may_offer, may_see_demand, may_withdraw_demand
from booking.domain.refusals import Code, Refusal, Refused
from booking.domain.texts import clean_text
from booking.domain.waitlist import EntryState
from booking.domain.windows import Window
from booking.models.rows import AnyRow
from booking.queries import docking, grants, listings, resources, waitlist
from booking.queries.applications import team_standing
from booking.queries.bookings import find_booking
from booking.queries.catalogue import gpu_models
from booking.queries.situations import Counted, counted
from booking.services import looks


def open_demand(asked: NewDemand, *, actor: Actor, now: datetime) -> Demand:
    """Say on the board what a team looks for.

    Raises Invalid for what cannot be meant, and Conflict where the team looks for the same already. A model that
    nobody has may be looked for, so that operators see it.
    """
    asked = asked.checked(now)
    _must_be_of(actor, asked.team_id)
    with transaction() as session:
        known = {model.casefold(): model for model in gpu_models(session)}
        models = tuple(dict.fromkeys(known.get(model.casefold(), model) for model in asked.gpu_models))
        return _opened(session.connection(), replace(asked, gpu_models=models), None, actor, now)


def open_demand_of_entry(entry_id: int, *, actor: Actor, now: datetime) -> Demand:
    """Look on the board for what an entry of the wait list waits for; it goes on waiting."""
    with transaction() as session:
        connection = session.connection()
        team_id = waitlist.find_entry(connection, entry_id).wish.team_id
        if not may_demand(actor, team_id):
            raise NotFound("wait-list entry")
        grants.lock_grants(connection, [team_id])
        entry = waitlist.lock_entry(connection, entry_id)
        if entry.state is not EntryState.WAITING:
            raise Conflict("This waits no longer; say what you look for in words of its own.")
        named = entry.wish.resource_id
        listing = listings.listing_by_id(session, named) if named is not None else None
        asked = demand_of(entry.wish, (listing.gpu_model or "") if listing else "")
        return _opened(connection, asked.checked(now), entry_id, actor, now)


def withdraw_demand(demand_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Demand:
    """Look for it no longer; a proposal is declined at its booking."""
    reason = clean_text(reason, "reason")
    with transaction() as session:
        connection = session.connection()
        demand = docking.lock_demand(connection, demand_id)
        _must_see(actor, demand)
        if not may_withdraw_demand(actor, demand.asked.team_id, demand.created_by):
            raise Forbidden("Only the team's lead, or who asked for it, can withdraw this.")
        demand.must_be_open("withdraw")

        changes.close_demand(connection, demand_id, DemandState.WITHDRAWN, now=now, reason=reason)
        _record(connection, "demand.withdraw", f"demand:{demand_id}", {"reason": reason}, actor, now)
        return docking.find_demand(connection, demand_id)


def propose(
    demand_id: int,
    resource: str,
    *,
    units: int,
    window: Window,
    hold_until: datetime | None = None,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> Booking:
    """Hold a window of what one looks after for a demand, until its team answers: a booking that is offered.

    It is judged like a request, those who wait for the same coming first; the owner's yes is given with it, and others
    are asked once the team accepts. Conflict where a proposal is held already, Refused where it cannot be offered.
    """
    reason = clean_text(reason, "reason")
    offer = partial(_propose, demand_id, resource, units, window, hold_until, reason, actor, now)
    return looks.after_those_who_wait(offer, now=now)


def open_offer(offered: NewOffer, *, actor: Actor, now: datetime) -> Offer:
    """Offer units of what one looks after to everybody, some or one team, who are told of it; nothing is held."""
    offered = offered.checked(now)
    with transaction() as session:
        connection = session.connection()
        listing = listings.listing_by_id(session, offered.resource_id)
        if not may_offer(actor, listing.organisation_id, listing.kind):
            raise Forbidden("Only who looks after a resource can offer it.")
        if listing.state != "published" or not listing.needs_booking:
            raise Invalid("resource", "%(resource)s takes no bookings.", {"resource": listing.name})
        offer_id = changes.add_offer(connection, offered, by=actor.user_id, now=now)
        details = {"resource": listing.slug, "units": offered.units}
        _record(connection, "offer.open", f"offer:{offer_id}", details, actor, now)
        if offered.team_id is not None:
            subject, payload = f"team:{offered.team_id}", {"by": actor.email, "reason": offered.note}
            tell(session, destination=NOTICES, subject=subject, event="directed_offer", payload=payload, now=now)
        return docking.find_offer(connection, offer_id, actor, now)


def withdraw_offer(offer_id: int, *, actor: Actor, now: datetime) -> Offer:
    """Take an offer back; what was booked of it stays."""
    with transaction() as session:
        connection = session.connection()
        docking.lock_offer(connection, offer_id)
        offer = docking.find_offer(connection, offer_id, actor, now)
        if not may_offer(actor, offer.organisation_id, offer.resource_kind):
            raise Forbidden("Only who looks after a resource can take an offer of it back.")
        if offer.withdrawn_at is not None:
            raise Conflict("This offer has been taken back already.")
        changes.withdraw_offer(connection, offer_id, now)
        _record(connection, "offer.withdraw", f"offer:{offer_id}", {}, actor, now)
        return docking.find_offer(connection, offer_id, actor, now)


def close_ended(now: datetime) -> JobResult:
    """Demands end when no window of theirs can begin any more, or with their team's standing; the team is told."""
    with db.engine.connect() as connection:
        ended = docking.ended_demands(connection, now)
    return each(ended, lambda demand_id: _close(demand_id, now))


def _close(demand_id: int, now: datetime) -> bool:
    with transaction() as session:
        connection = session.connection()
        demand = docking.lock_demand(connection, demand_id)
        lost = team_standing(session, demand.asked.team_id).bookings_end
        has_lost = lost is not None and lost <= now
        if demand.state is not DemandState.OPEN or not (has_lost or is_past(demand.asked, now)):
            return False
        reason = "the team has lost its standing" if has_lost else "nobody proposed a window in time"
        changes.close_demand(connection, demand_id, DemandState.EXPIRED, now=now, reason=reason)
        subject, payload = f"demand:{demand_id}", {"reason": reason}
        tell(session, destination=NOTICES, subject=subject, event="demand_expired", payload=payload, now=now)
        return True


def _opened(connection: Connection, asked: NewDemand, entry_id: int | None, actor: Actor, now: datetime) -> Demand:
    """The demands of one team are opened one after the other, under the locks of its grants."""
    grants.lock_grants(connection, [asked.team_id])
    check_beside(asked, docking.demands_standing(connection, asked.team_id))
    demand_id = changes.add_demand(connection, asked, entry_id=entry_id, by=actor.user_id, now=now)
    demand = docking.find_demand(connection, demand_id)
    details = {"team": demand.team, "models": list(asked.gpu_models), "dataset": demand.dataset, "units": asked.units}
    _record(connection, "demand.open", f"demand:{demand_id}", details, actor, now)
    return demand


def _propose(
    demand_id: int,
    resource: str,
    units: int,
    window: Window,
    hold_until: datetime | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Booking:
    with transaction() as session:
        connection = session.connection()
        known = docking.find_demand(connection, demand_id)
        _must_see(actor, known)
        listing = listings.find_listing(session, resource, actor=actor)
        if not may_offer(actor, listing.organisation_id, listing.kind):
            raise Forbidden("Only who looks after a resource can propose it.")
        order = proposed(known, listing.id, listing.kind, units, window)
        rows = resources.lock_resources(connection, [claim.resource_id for claim in order.claims])
        looks.check_owes_nothing(rows)
        book = counted(connection, rows, [(order, now)], lock=True, actors=[known.created_by])
        demand = docking.lock_demand(connection, demand_id)
        demand.must_be_open("propose")

        decision = _decided(book, order, rows, known.created_by, actor, now)
        if decision.refusals:
            raise Refused(decision.refusals)
        decision = replace(decision, state=State.OFFERED, hold_until=answer_by(order, hold_until, now))
        said = reason or "from the docking board"
        admitted = Admitted(order, decision, actor.email, known.created_by, now, said)
        (booking_id,) = booking_changes.new_ids(connection, 1)
        booking_changes.book(connection, [(booking_id, admitted)], book.held)
        changes.match_demand(connection, demand_id, booking_id)
        return find_booking(connection, booking_id)


def _decided(
    book: Counted, order: Order, rows: Sequence[AnyRow], by: int | None, actor: Actor, now: datetime
) -> Decision:
    """The evaluator's answer with the owner's yes given; `approvals` are what other owners are to be asked for."""
    own = {row.id for row in rows if may_offer(actor, row.organisation_id, row.kind)}
    situation = book.situation(order, now, by=by)
    decision = admit(order, situation, approved=True)
    return replace(decision, approvals=admit(order, situation).approvals - own)


def _must_be_of(actor: Actor, team_id: int) -> None:
    """Refused, that alone, where the actor may not speak for the team."""
    if not may_demand(actor, team_id):
        raise Refused([Refusal(Code.NOT_A_MEMBER, "You are not a member of this team and cannot look for it.", "team")])


def _must_see(actor: Actor, demand: Demand) -> None:
    if not may_see_demand(actor, demand.asked.team_id):
        raise NotFound("demand")


def _record(
    connection: Connection, act: str, subject: str, details: dict[str, object], actor: Actor, now: datetime
) -> None:
    audit.record(connection, by=actor.email, act=act, subject=subject, details=details, now=now)
