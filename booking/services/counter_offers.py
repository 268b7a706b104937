"""The use case of answering a waiting booking with another window or quantity, which its team accepts or declines."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from booking.changes import bookings as changes
from booking.changes.bookings import Admitted
from booking.db import transaction
from booking.domain.admission import admit
from booking.domain.bookings import Booking
from booking.domain.counter_offers import answer_by, offered_instead
from booking.domain.errors import Invalid
from booking.domain.lifecycle import State
from booking.domain.orders import Claim, Decision, Order, is_shrink
from booking.domain.permissions import Actor, may_decide
from booking.domain.refusals import Refused
from booking.domain.texts import clean_text
from booking.domain.windows import Window
from booking.queries import capacity
from booking.queries.bookings import find_booking
from booking.services import holdings, looks
from booking.services.answering import must_decide
from booking.services.holdings import Locked
from booking.services.judging import situation_of


def counter_offer(
    booking_id: int,
    *,
    window: Window | None,
    claims: tuple[Claim, ...] | None,
    hold_until: datetime | None,
    actor: Actor,
    now: datetime,
    reason: str,
) -> Booking:
    """Decline a waiting booking and hold another window or quantity for its team instead, until it answers.

    The offer is judged like a request, what the booking holds counting as free; the owner's yes is given with it, and
    other owners are asked once the team accepts. What it takes beyond that comes after those who wait for the same. The
    new booking is the answer; Refused says why it cannot be offered.
    """
    reason = clean_text(reason, "reason")
    if not reason:
        raise Invalid("reason", "Say why; the team reads it.")
    offer = partial(_offer, booking_id, window, claims, hold_until, actor, now, reason)
    return looks.after_those_who_wait(offer, now=now)


def _offer(
    booking_id: int,
    window: Window | None,
    claims: tuple[Claim, ...] | None,
    hold_until: datetime | None,
    actor: Actor,
    now: datetime,
    reason: str,
) -> Booking:
    with transaction() as session:
        held = holdings.locked(session, booking_id, more_resources={claim.resource_id for claim in claims or ()})
        must_decide(actor, held.booking, "make a counter-offer")
        order = offered_instead(held.booking, window, claims)
        decision = _decided(held, order, actor, now)
        if decision.refusals:
            raise Refused(decision.refusals)
        decision = replace(decision, state=State.OFFERED, hold_until=answer_by(order, hold_until, now))
        if not (held.booking.holds and is_shrink(order, held.booking.order())):
            looks.check_owes_nothing(held.rows)

        offer = Admitted(order, decision, actor.email, held.booking.created_by, now, reason)
        return _write(held, offer, reason)


def _decided(held: Locked, order: Order, actor: Actor, now: datetime) -> Decision:
    """The evaluator's answer with the owner's yes given; `approvals` are what other owners are to be asked for."""
    own = {row.id for row in held.rows if may_decide(actor, row.organisation_id, row.kind)}
    for index, claim in enumerate(order.claims):
        if claim.resource_id not in own and claim.resource_id not in held.booking.resource_ids:
            raise Invalid(f"claims.{index}.resource", "You can offer what was asked for, and what you look after.")
    situation = situation_of(held, order, now, by=held.booking.created_by)
    decision = admit(order, situation, approved=True)
    return replace(decision, approvals=admit(order, situation).approvals - own)


def _write(held: Locked, offer: Admitted, reason: str) -> Booking:
    """The booking ends before the offer takes its share, and names it."""
    connection, booking, window = held.connection, held.booking, offer.order.window
    (offer_id,) = changes.new_ids(connection, 1)
    said = f"booking {offer_id} is offered instead: {reason}"
    holdings.end(held, State.DECLINED, "decline", now=offer.at, by=offer.by, reason=said)
    levels = {
        claim.resource_id: capacity.held_around(connection, claim.resource_id, [window]) for claim in offer.order.claims
    }
    changes.book(connection, [(offer_id, offer)], levels)
    changes.offer_instead(connection, offer_id, booking.id)
    return find_booking(connection, offer_id)
