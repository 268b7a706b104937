"""Rivalry: which bookings that wait without holding anything would be shut out by a yes to another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from booking.domain.admission import admit
from booking.domain.capacity import Steps
from booking.domain.orders import Decision, Order, Situation, Use
from booking.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order that waits for an owner, and what it is judged against at this moment."""

    booking_id: int
    order: Order
    situation: Situation


@dataclass(frozen=True, slots=True)
class ShutOut:
    """A booking that fits now and would no longer, and what would stand in its way."""

    booking_id: int
    refusals: tuple[Refusal, ...]


def shut_out(first: Waiting, others: Iterable[Waiting]) -> Iterator[ShutOut]:
    """Those of the others that a yes to the first would shut out; what does not fit now is shut out already."""
    decision = admit(first.order, first.situation, approved=True)
    if decision.refusals:
        return
    for other in others:
        if other.booking_id == first.booking_id or admit(other.order, other.situation, approved=True).refusals:
            continue
        refusals = admit(other.order, beside(other.situation, first.order, decision), approved=True).refusals
        if refusals:
            yield ShutOut(other.booking_id, refusals)


def beside(situation: Situation, order: Order, decision: Decision) -> Situation:
    """The situation of one order once another, admitted one holds its share."""
    resources, uses = dict(situation.resources), dict(situation.uses)
    is_own = situation.team.id == order.team_id
    for claim in order.claims:
        if claim.resource_id not in resources:
            continue
        block = Steps.total([(order.window.start, order.window.end, claim.units)])
        resource = resources[claim.resource_id]
        resources[claim.resource_id] = replace(resource, held=resource.held.plus(block))
        if is_own:
            use = uses.get(claim.resource_id, Use())
            once = Steps.total([(order.window.start, order.window.end, 1)])
            uses[claim.resource_id] = replace(use, units=use.units.plus(block), bookings=use.bookings.plus(once))
    grants = decision.grants if is_own else situation.grants
    return replace(situation, resources=resources, uses=uses, grants=grants)
