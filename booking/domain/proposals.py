"""Proposals: what an entry of the wait list can be offered at this moment, and how long the offer is held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import lcm

from booking.domain.admission import admit
from booking.domain.lifecycle import State
from booking.domain.orders import Decision, Order, Resource, Situation
from booking.domain.policies import Policy, hold_minutes
from booking.domain.search import earliest_admitted
from booking.domain.waitlist import Wish
from booking.domain.windows import Window, ceil_to_grid

HELD_FOR = timedelta(hours=24)
"""So long a team has to answer an offer, unless its window begins before."""

TIME_TO_ANSWER = timedelta(minutes=30)
"""No offer begins sooner than this: nobody could take it in time. What is taken automatically may begin at once."""

LONGEST_STEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is offered, or booked at once, and the evaluator's decision on it."""

    order: Order
    decision: Decision

    @property
    def resource_ids(self) -> frozenset[int]:
        return frozenset(claim.resource_id for claim in self.order.claims)


def reach_of(wish: Wish, now: datetime) -> Window | None:
    """The time in which a window of the wish can lie, from before the step that is running; None where it is over."""
    start = max(wish.span.start, now - LONGEST_STEP)
    return Window(start, wish.span.end) if max(start, now) < wish.span.end else None


def probe(wish: Wish, resource_id: int, situation: Situation) -> Order:
    """The wish as an order for its first possible window, whether or not that is free."""
    claimed = [situation.resources[claim.resource_id] for claim in wish.claims_on(resource_id)]
    start = ceil_to_grid(_since(wish, situation.now), _grid(claimed))
    return Order(wish.team_id, Window(start, start + _least(wish, claimed)), wish.claims_on(resource_id), wish.purpose)


def propose(wish: Wish, resource_id: int, situation: Situation) -> Proposal | None:
    """The earliest window for a wish on one of its resources that the evaluator admits; None where there is none.

    It is as long as the wish allows and is free.
    """
    here = _holding(situation)
    order = probe(wish, resource_id, here)
    found = earliest_admitted(order, here, latest=wish.span.end, since=_since(wish, here.now))
    return decided(_lengthened(found, wish, here), wish, here) if found else None


def decided(order: Order, wish: Wish, situation: Situation) -> Proposal | None:
    """An order for a wish as it is offered, or booked where it is taken automatically; None where it is refused.

    What comes from the list holds its units while an owner thinks about it, also where a request would not: else the
    next in line would be offered the same.
    """
    decision = admit(order, _holding(situation))
    if decision.refusals:
        return None
    if not wish.take_automatically:
        decision = replace(decision, state=State.OFFERED, hold_until=hold_until(order.window, situation.now))
    return Proposal(order, decision)


def hold_until(window: Window, now: datetime) -> datetime:
    """Until when an offer is held: a day, and never beyond its start."""
    return min(now + HELD_FOR, window.start)


def answer_until(window: Window, policies: Iterable[Policy], now: datetime) -> datetime:
    """Until when owners have to answer for an offer that was accepted: as for a request, and never beyond its start."""
    minutes = hold_minutes(_holding_policy(policy) for policy in policies)
    return window.start if minutes is None else min(window.start, now + timedelta(minutes=minutes))


def _since(wish: Wish, now: datetime) -> datetime:
    return wish.span.start if wish.take_automatically else max(wish.span.start, now + TIME_TO_ANSWER)


def _holding(situation: Situation) -> Situation:
    resources = {
        key: replace(resource, policy=_holding_policy(resource.policy)) for key, resource in situation.resources.items()
    }
    return replace(situation, resources=resources)


def _holding_policy(policy: Policy) -> Policy:
    return policy if policy.hold_minutes != 0 else replace(policy, hold_minutes=Policy().hold_minutes)


def _grid(claimed: Iterable[Resource]) -> int:
    return lcm(*(resource.grid_minutes for resource in claimed))


def _least(wish: Wish, claimed: Sequence[Resource]) -> timedelta:
    """The shortest length that is wished for and can be booked, in steps of every grid."""
    step = _grid(claimed) * 60
    shortest = max(resource.min_minutes for resource in claimed) * 60
    return timedelta(seconds=-(-max(wish.min_seconds, shortest) // step) * step)


def _lengthened(order: Order, wish: Wish, situation: Situation) -> Order:
    """The order with the last end, up to the longest length wished for, at which it is admitted."""
    start, end = order.window.start, order.window.end
    step = timedelta(minutes=_grid(situation.resources[claim.resource_id] for claim in order.claims))
    latest = min(start + timedelta(seconds=wish.max_seconds), wish.span.end)
    least, most = 0, max(0, (latest - end) // step)
    while least < most:
        middle = (least + most + 1) // 2
        if admit(replace(order, window=Window(start, end + middle * step)), situation).refusals:
            most = middle - 1
        else:
            least = middle
    return replace(order, window=Window(start, end + least * step))
