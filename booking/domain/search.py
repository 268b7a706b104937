"""Finding windows: the earliest that fits on one resource or several, and what is possible instead of an order.

Plain and exact; what is faster elsewhere is tested against this.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import islice, repeat
from math import lcm
from typing import Protocol

from booking.domain.admission import admit
from booking.domain.capacity import Steps
from booking.domain.orders import Claim, Decision, Order, Resource, Situation, Use, covers
from booking.domain.refusals import Code, Refusal
from booking.domain.windows import EPOCH, Window, ceil_to_grid, floor_to_grid

MOMENT = timedelta(microseconds=1)
NEVER = datetime.max.replace(tzinfo=UTC)

CURED_BY_WAITING = frozenset({Code.QUOTA_EXCEEDED, Code.PERIOD_CAP_EXCEEDED})
"""What a later start can cure where capacity is free."""

CURED_LATER = CURED_BY_WAITING | {
    Code.CAPACITY_EXCEEDED,
    Code.CONCURRENCY_EXCEEDED,
    Code.RESOURCE_CLOSED,
    Code.IN_THE_PAST,
    Code.TOO_SOON,
}
"""What a later start can cure at all, so that it is worth to look far ahead."""

MOST_LOOKS = 200
"""After so many windows that quota refuses, none is offered: saying no must not take long."""


@dataclass(frozen=True, slots=True)
class Need:
    """Units wanted of something offered and held over time, on its grid."""

    offer: Steps
    held: Steps
    units: int
    grid_minutes: int

    def blocked(self, within: Window) -> Iterator[Window]:
        """The windows in which too few units are free, in order of time."""
        since: datetime | None = None
        for at, free in self.offer.minus(self.held).within(within):
            if free < self.units:
                since = since or at
            elif since is not None:
                yield Window(since, at)
                since = None
        if since is not None:
            yield Window(since, within.end)


def earliest(
    offer: Steps, held: Steps, *, units: int, seconds: int, grid_minutes: int, within: Window
) -> Window | None:
    """The earliest window inside `within` that starts on the grid and has the units free throughout; None without."""
    return earliest_joint([Need(offer, held, units, grid_minutes)], seconds=seconds, within=within)


def earliest_joint(needs: Sequence[Need], *, seconds: int, within: Window) -> Window | None:
    """The earliest window inside `within` that starts on every grid and meets every need throughout; None without."""
    return Stepped(needs, within).first(seconds, since=within.start, until=within.end)


class Room(Protocol):
    """Where everything that is wanted together is free, whoever keeps count of it."""

    def first(self, seconds: int, *, since: datetime, until: datetime) -> Window | None:
        """The earliest window that is free throughout and starts on every grid; None where none ends in time."""

    def free_until(self, start: datetime, until: datetime) -> datetime:
        """How long it stays free from an instant on every grid, at most `until`."""

    def around(self, situation: Situation, window: Window) -> Situation:
        """The situation with the levels of its resources around one window."""


class Stepped:
    """Room counted plainly, by the levels of every need within a span."""

    def __init__(self, needs: Sequence[Need], within: Window) -> None:
        self.blocked = _all_blocked(needs, within)
        self.grid_minutes = joint_grid(need.grid_minutes for need in needs)

    def first(self, seconds: int, *, since: datetime, until: datetime) -> Window | None:
        return _first_gap(self.blocked, self.grid_minutes, timedelta(seconds=seconds), since=since, until=until)

    def free_until(self, start: datetime, until: datetime) -> datetime:
        later = self.blocked[bisect_right(self.blocked, start, key=lambda window: window.end) :]
        return max(start, min(until, later[0].start)) if later else until

    def around(self, situation: Situation, window: Window) -> Situation:
        return situation


def joint_grid(grids: Iterable[int]) -> int:
    """Minutes between the instants that lie on every grid; all grids are counted from the same instant."""
    return lcm(*grids)


def _all_blocked(needs: Sequence[Need], within: Window) -> list[Window]:
    """The windows in which any need is not met, apart from each other and in order of time."""
    apart: list[Window] = []
    for window in sorted(window for need in needs for window in need.blocked(within)):
        if apart and window.start <= apart[-1].end:
            apart[-1] = Window(apart[-1].start, max(apart[-1].end, window.end))
        else:
            apart.append(window)
    return apart


def _first_gap(
    blocked: Sequence[Window], grid: int, length: timedelta, *, since: datetime, until: datetime
) -> Window | None:
    if since >= until:
        return None
    start = ceil_to_grid(since, grid)
    for window in blocked[bisect_right(blocked, start, key=lambda window: window.end) :]:
        if start + length <= window.start:
            break
        start = max(start, ceil_to_grid(window.end, grid))
    return Window(start, start + length) if start + length <= until else None


class Why(StrEnum):
    """What an offer is the best of."""

    EARLIEST = "earliest"
    FEWER_UNITS = "fewer_units"
    SHORTER = "shorter"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Offer:
    """What could be booked at this moment; `unit_seconds` is its size, `cost` its weighted price in quota.

    `slugs` name what it claims, by id; `approvals` are those of them whose owner would be asked. `seat_held` is a
    dataset that is used beside it, of which the team has a seat throughout, so that none is claimed. `first` are the
    reasons for which it would still be refused, which whoever asks can put right at any time.
    """

    why: Why
    window: Window
    claims: tuple[Claim, ...]
    unit_seconds: int
    cost: int
    slugs: Mapping[int, str] = field(default_factory=dict, compare=False)
    approvals: tuple[str, ...] = ()
    seat_held: str = ""
    first: tuple[Refusal, ...] = ()

    @property
    def resource(self) -> str:
        """The slug of the first thing that it claims."""
        return self.slugs[self.claims[0].resource_id]


def alternatives(order: Order, situation: Situation, *, latest: datetime, since: datetime = EPOCH) -> tuple[Offer, ...]:
    """What the evaluator would admit at this moment instead of a refused order.

    The earliest window of the same shape that starts from `since` on and ends by `latest`, the most units in the window
    asked for, the longest shorter window from the start asked for. Levels and uses of the situation reach from `since`,
    and not earlier than the running step, to `latest`.
    """
    found = {
        Why.EARLIEST: earliest_admitted(order, situation, latest=latest, since=since),
        Why.FEWER_UNITS: _most_units(order, situation),
        Why.SHORTER: _longest(order, situation),
    }
    return tuple(
        offer_of(why, other, situation.resources, admit(other, situation))
        for why, other in found.items()
        if other is not None
    )


def offer_of(why: Why, order: Order, resources: Mapping[int, Resource], decision: Decision) -> Offer:
    """An order that would be admitted, as something to take."""
    slugs = {claim.resource_id: resources[claim.resource_id].slug for claim in order.claims}
    approvals = tuple(slugs[resource_id] for resource_id in sorted(decision.approvals))
    return Offer(why, order.window, order.claims, order.unit_seconds, decision.cost, slugs, approvals)


def earliest_admitted(order: Order, situation: Situation, *, latest: datetime, since: datetime = EPOCH) -> Order | None:
    """The order moved to the first start from `since` on at which it is admitted; None where none ends by `latest`."""
    start = max(since, soonest(order, situation))
    if start >= latest:
        return None
    room = Stepped(list(_needs(order, situation)), Window(start, latest))
    return first_admitted(order, situation, room, since=start, latest=latest)


def first_admitted(
    order: Order,
    situation: Situation,
    room: Room,
    *,
    since: datetime,
    latest: datetime,
    looks: Iterator[None] | None = None,
) -> Order | None:
    """The order moved to the first start from `since` on at which there is room and the evaluator admits it.

    Where units are free is looked up; where quota is short, how short says how far to move on. At most MOST_LOOKS are
    taken, of `looks` where several orders share them.
    """
    start = since
    for _ in islice(repeat(None) if looks is None else looks, MOST_LOOKS):
        window = room.first(order.window.seconds, since=start, until=latest)
        if window is None:
            return None
        moved, here = replace(order, window=window), room.around(situation, window)
        decision = admit(moved, here)
        if not decision.refusals:
            return moved
        start = _next_start(moved, here, decision)
    return None


def soonest(order: Order, situation: Situation) -> datetime:
    """No start before this is admitted: it is past, without notice, or leaves no time for an approval."""
    resources = [situation.resources[claim.resource_id] for claim in order.claims]
    starts = [floor_to_grid(situation.now, resource.grid_minutes) for resource in resources]
    notice = max(resource.policy.notice_minutes for resource in resources)
    if notice:
        starts.append(situation.now + timedelta(minutes=notice))
    if admit(order, situation).approvals:
        starts.append(situation.now + MOMENT)
    return max(starts)


def _needs(order: Order, situation: Situation) -> Iterator[Need]:
    """What must be free throughout: units of each resource, and of what one team may have of it at a time."""
    for claim in order.claims:
        resource = situation.resources[claim.resource_id]
        yield Need(resource.offer, resource.held, claim.units, resource.grid_minutes)
        yield from needs_at_a_time(claim, resource, situation.uses.get(claim.resource_id, Use()))


def needs_at_a_time(claim: Claim, resource: Resource, use: Use) -> Iterator[Need]:
    """What a claim needs of what the policy lets one team have at a time, beside what it has already."""
    policy, grid = resource.policy, resource.grid_minutes
    if policy.max_units_per_team is not None:
        yield Need(Steps(base=policy.max_units_per_team), use.units, claim.units, grid)
    if policy.max_concurrent_bookings is not None:
        yield Need(Steps(base=policy.max_concurrent_bookings), use.bookings, 1, grid)


def _next_start(order: Order, situation: Situation, decision: Decision) -> datetime:
    """The first start after a refused one at which quota could be enough, NEVER where it cannot be again.

    A second later, at most a second's price less is missing. And nothing changes as long as the window stays between
    two turns of its grants.
    """
    turns = [turn for turn in _turns(order, situation) if turn > order.window.start]
    if not turns or any(refusal.code not in CURED_BY_WAITING for refusal in decision.refusals):
        return NEVER
    missing = sum(refusal.numbers["missing_unit_seconds"] for refusal in decision.refusals)
    seconds = -(-missing * order.window.seconds // decision.cost)
    length = order.window.end - order.window.start
    return max(order.window.start + timedelta(seconds=seconds), min(turns) - length + MOMENT)


def _turns(order: Order, situation: Situation) -> Iterator[datetime]:
    """Instants at which a grant begins, ends, or enters another period."""
    for claim in order.claims:
        for grant in situation.grants:
            if covers(grant, situation.resources[claim.resource_id]):
                yield from (grant.window.start, grant.window.end)
                if grant.cap:
                    yield grant.cap.period_of(order.window.start).end


def _most_units(order: Order, situation: Situation) -> Order | None:
    """The order with fewer units: claim by claim, in their order, as many as are admitted beside the fewest others."""
    steps = [situation.resources[claim.resource_id].policy.unit_step for claim in order.claims]
    found = replace(
        order, claims=tuple(Claim(c.resource_id, step) for c, step in zip(order.claims, steps, strict=True))
    )
    for index, (claim, step) in enumerate(zip(order.claims, steps, strict=True)):
        larger = largest(partial(_with_units, found, index, step), situation, 1, claim.units // step)
        if larger is None:
            return None
        found = larger
    return found


def _with_units(order: Order, index: int, step: int, steps: int) -> Order:
    claims = list(order.claims)
    claims[index] = Claim(claims[index].resource_id, step * steps)
    return replace(order, claims=tuple(claims))


def _longest(order: Order, situation: Situation) -> Order | None:
    """The order with the same start and the last end on every grid, before its own, at which it is admitted."""
    resources = [situation.resources[claim.resource_id] for claim in order.claims]
    grid = lcm(*(resource.grid_minutes for resource in resources))
    shortest = timedelta(minutes=max(resource.min_minutes for resource in resources))
    first = ceil_to_grid(order.window.start + max(shortest, MOMENT), grid)
    last = floor_to_grid(order.window.end - MOMENT, grid)
    return largest(partial(_until, order, first, grid), situation, 0, (last - first) // timedelta(minutes=grid))


def _until(order: Order, first: datetime, grid: int, steps: int) -> Order:
    return replace(order, window=Window(order.window.start, first + steps * timedelta(minutes=grid)))


def largest(sized: Callable[[int], Order], situation: Situation, least: int, most: int) -> Order | None:
    """The order of the largest size that is admitted, where every smaller one is as well; None where not the least."""
    if most < least or admit(sized(least), situation).refusals:
        return None
    while least < most:
        middle = (least + most + 1) // 2
        if admit(sized(middle), situation).refusals:
            most = middle - 1
        else:
            least = middle
    return sized(least)
