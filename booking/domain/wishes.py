"""Wishes: so many units for so long within a span, and which windows of which resources serve them best."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import repeat
from typing import NamedTuple

from booking.domain.admission import admit
from booking.domain.bases import Basis
from booking.domain.ledger import Grant
from booking.domain.limits import pools_elsewhere
from booking.domain.orders import Claim, Order, Resource, Situation, Team, Use, terms_of
from booking.domain.search import (
    Need,
    Offer,
    Room,
    Why,
    first_admitted,
    joint_grid,
    largest,
    needs_at_a_time,
    offer_of,
    soonest,
)
from booking.domain.windows import Window, floor_to_grid

MOMENT = timedelta(microseconds=1)

MOST_LOOKS_IN_ALL = 2_000
"""After so many windows that quota refuses, over all resources together, no further one is looked at."""


@dataclass(frozen=True, slots=True)
class Share:
    """Units of one resource, as a part of what is wished for together."""

    resource: Resource
    units: int

    @property
    def claim(self) -> Claim:
        return Claim(self.resource.id, self.units)


@dataclass(frozen=True, slots=True)
class Asker:
    """The team that wishes, with what it may draw on and what it uses already, by resource.

    `courses` are those that who asks has completed, and `bases` those of datasets, as a situation has them.
    """

    team: Team
    grants: tuple[Grant, ...] = ()
    uses: Mapping[int, Use] = field(default_factory=dict)
    courses: Mapping[str, datetime | None] = field(default_factory=dict)
    bases: Mapping[int, Basis] = field(default_factory=dict)

    def situation(self, shares: Iterable[Share], now: datetime) -> Situation:
        """What an order of these shares is judged against, but for the levels."""
        resources = {share.resource.id: share.resource for share in shares}
        uses = {resource_id: self.uses[resource_id] for resource_id in resources if resource_id in self.uses}
        bases = {resource_id: self.bases[resource_id] for resource_id in resources if resource_id in self.bases}
        return Situation(now, self.team, resources, self.grants, uses, self.courses, bases)

    def needs(self, shares: Iterable[Share]) -> list[Need]:
        """What the shares need of what each policy lets the team have at a time."""
        return [
            need
            for share in shares
            for need in needs_at_a_time(share.claim, share.resource, self.uses.get(share.resource.id, Use()))
        ]


@dataclass(frozen=True, slots=True)
class Measure:
    """From how many seconds to how many a wish can be served, inside which window, and for how much quota at least."""

    seconds: int
    longest: int
    within: Window
    cost: int


def measured(shares: Sequence[Share], least: int, most: int, span: Window, now: datetime) -> Measure | None:
    """What the limits of some resources make of a wish; None where they forbid it, or where they leave it no time."""
    seconds = length_of(shares, least)
    within = span_of(shares, seconds, span, now) if seconds is not None else None
    if seconds is None or within is None:
        return None
    window = Window(within.start, within.start + timedelta(seconds=seconds))
    return Measure(seconds, longest_of(shares, most, seconds), within, _cost(shares, window))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to serve a wish: what it claims, how long and when that can be, and where it is free.

    `seat_held` is the dataset of which the team has a seat there already.
    """

    shares: tuple[Share, ...]
    measure: Measure
    room: Room
    seat_held: str = ""

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(share.claim for share in self.shares)

    @property
    def grid(self) -> timedelta:
        """The time between the instants that lie on every grid."""
        return timedelta(minutes=joint_grid(share.resource.grid_minutes for share in self.shares))


class Place(NamedTuple):
    """Where an offer stands among all: by its start, then the model that is liked better, the cost, the slug.

    `number` tells which candidate it is of.
    """

    start: datetime
    preference: int
    cost: int
    slug: str
    number: int


def ranked(
    places: list[Place],
    candidate_at: Callable[[int], Candidate],
    *,
    now: datetime,
    limit: int,
    asker: Asker | None = None,
) -> list[Offer]:
    """The best offer of each resource, the earliest start first, from where there is room first for each candidate.

    Each begins where the shortest length fits first, and is as long as fits there. With an `asker` the evaluator would
    admit it; without one it keeps the limits of the resources. Only as many are looked at closely as are wanted:
    nothing comes before its place, or costs less.
    """
    looks = repeat(None, MOST_LOOKS_IN_ALL)
    heapq.heapify(places)
    certain: dict[int, Offer] = {}
    found: dict[str, Offer] = {}
    while places and len(found) < limit:
        place = heapq.heappop(places)
        if place.slug in found:
            continue
        if place.number in certain:
            found[place.slug] = certain[place.number]
            continue
        candidate = candidate_at(place.number)
        offer = _judged(candidate, place.start, now, asker, looks) if asker else _kept(candidate, place.start, now)
        if offer is not None:
            certain[place.number] = offer
            heapq.heappush(places, place._replace(start=offer.window.start, cost=offer.cost))
    return list(found.values())


def _kept(candidate: Candidate, start: datetime, now: datetime) -> Offer:
    """The offer as far as the limits of the resources tell."""
    shares, measure = candidate.shares, candidate.measure
    seconds = measure.longest
    if start <= now:
        seconds = min(seconds, *(_seconds_unasked(share) for share in shares))
    end = start + timedelta(seconds=measure.seconds)
    if seconds > measure.seconds:
        until = candidate.room.free_until(start, min(measure.within.end, start + timedelta(seconds=seconds)))
        end = start + (until - start) // candidate.grid * candidate.grid
    window = Window(start, end)
    return Offer(
        Why.EARLIEST,
        window,
        candidate.claims,
        sum(share.units for share in shares) * window.seconds,
        _cost(shares, window),
        {share.resource.id: share.resource.slug for share in shares},
        tuple(share.resource.slug for share in shares if window.seconds > _seconds_unasked(share)),
    )


def _judged(candidate: Candidate, start: datetime, now: datetime, asker: Asker, looks: Iterator[None]) -> Offer | None:
    """The offer that the evaluator would admit at this moment; None where there is none in time.

    What can be put right at any time is no reason to look elsewhere, and neither is a permit that ends where nothing
    fits before its end: the offer says that it comes first.
    """
    full = asker.situation(candidate.shares, now)
    in_time = {resource_id: basis.put_right() for resource_id, basis in full.bases.items()}
    order = _longest_admitted(candidate, start, asker, replace(full, bases=in_time), looks)
    if order is None and full.bases:
        order = _longest_admitted(candidate, start, asker, replace(full, bases={}), looks)
    if order is None:
        return None

    here = candidate.room.around(full, order.window)
    decision = admit(order, here)
    offer = offer_of(Why.EARLIEST, order, full.resources, decision)
    return replace(offer, seat_held=candidate.seat_held, first=decision.refusals)


def _longest_admitted(
    candidate: Candidate, start: datetime, asker: Asker, situation: Situation, looks: Iterator[None]
) -> Order | None:
    """From the first start at which the evaluator admits the shortest, the longest that it admits there."""
    room, measure, grid = candidate.room, candidate.measure, candidate.grid
    asked = Order(asker.team.id, Window(start, start + timedelta(seconds=measure.seconds)), candidate.claims)
    since, latest = max(start, soonest(asked, situation)), measure.within.end
    order = first_admitted(asked, situation, room, since=since, latest=latest, looks=looks)
    if order is None:
        return None

    start = order.window.start
    until = room.free_until(start, min(latest, start + timedelta(seconds=measure.longest)))
    here = room.around(situation, Window(start, max(until, order.window.end)))
    least, most = (order.window.end - start) // grid, (until - start) // grid
    return largest(partial(_until, order, grid), here, least, most) or order


def _until(order: Order, grid: timedelta, steps: int) -> Order:
    return replace(order, window=Window(order.window.start, order.window.start + steps * grid))


def length_of(shares: Sequence[Share], seconds: int) -> int | None:
    """So many seconds as windows can be: up to the next step of every grid, and at least the shortest booking.

    None where a limit on units or length forbids it, or where the resources cannot be used together.
    """
    if any(pools_elsewhere([share.resource for share in shares])):
        return None
    grid = joint_grid(share.resource.grid_minutes for share in shares) * 60
    shortest = max(share.resource.min_minutes for share in shares) * 60
    length = -(-max(seconds, shortest) // grid) * grid
    return length if all(_is_within_limits(share, length) for share in shares) else None


def longest_of(shares: Sequence[Share], seconds: int, least: int) -> int:
    """The most seconds up to which a window may be longer than `least`: down to a step of every grid and to limits."""
    grid = joint_grid(share.resource.grid_minutes for share in shares) * 60
    limits = [minutes * 60 for share in shares if (minutes := share.resource.policy.max_minutes) is not None]
    return max(least, min([seconds, *limits]) // grid * grid)


def span_of(shares: Sequence[Share], seconds: int, asked: Window, now: datetime) -> Window | None:
    """The part of the span asked for in which a booking of this length may lie; None where there is no room for it."""
    start = max(asked.start, *(_first_start(share, seconds, now) for share in shares))
    end = _latest(shares, asked.end, now)
    return Window(start, end) if start + timedelta(seconds=seconds) <= end else None


def _cost(shares: Sequence[Share], window: Window) -> int:
    """Unit-seconds of quota, weighted."""
    return sum(terms_of(share.claim, window, share.resource.policy).whole for share in shares)


def _latest(shares: Iterable[Share], end: datetime, now: datetime) -> datetime:
    """The horizons, or the end of what was asked for where that is nearer."""
    horizons = (share.resource.policy.horizon_days for share in shares)
    return min(end, *(now + timedelta(days=days) for days in horizons if days is not None), end)


def _is_within_limits(share: Share, seconds: int) -> bool:
    policy = share.resource.policy
    if share.units % policy.unit_step:
        return False
    limits = (
        (share.units, policy.max_units),
        (share.units, policy.max_units_per_team),
        (seconds, None if policy.max_minutes is None else policy.max_minutes * 60),
    )
    return all(limit is None or number <= limit for number, limit in limits)


def _first_start(share: Share, seconds: int, now: datetime) -> datetime:
    """The running step, unless notice is asked for or an owner has to answer first."""
    policy = share.resource.policy
    if policy.notice_minutes:
        return now + timedelta(minutes=policy.notice_minutes)
    if seconds > _seconds_unasked(share):
        return now + MOMENT
    return floor_to_grid(now, share.resource.grid_minutes)


def _seconds_unasked(share: Share) -> int:
    """The most seconds for which the owner is not asked, as far as the wish alone tells."""
    threshold = share.resource.policy.auto_approve_unit_hours
    return MOST_SECONDS if threshold is None else threshold * 3600 // share.units


MOST_SECONDS = 2**62
