"""Wishes: so many units for so long within a span, and which windows of which resources serve them best."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import repeat

from booking.domain.admission import admit
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
    """The team that wishes, with what it may draw on and what it uses already, by resource."""

    team: Team
    grants: tuple[Grant, ...] = ()
    uses: Mapping[int, Use] = field(default_factory=dict)

    def situation(self, shares: Iterable[Share], now: datetime) -> Situation:
        """What an order of these shares is judged against, but for the levels."""
        resources = {share.resource.id: share.resource for share in shares}
        uses = {resource_id: self.uses[resource_id] for resource_id in resources if resource_id in self.uses}
        return Situation(now, self.team, resources, self.grants, uses)

    def needs(self, shares: Iterable[Share]) -> list[Need]:
        """What the shares need of what each policy lets the team have at a time."""
        return [
            need
            for share in shares
            for need in needs_at_a_time(share.claim, share.resource, self.uses.get(share.resource.id, Use()))
        ]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to serve a wish: what it claims, from how many seconds to how many, and where that is free.

    `preference` counts from 0, the best; `seat_held` is the dataset of which the team has a seat there already.
    """

    shares: tuple[Share, ...]
    seconds: int
    longest: int
    room: Room
    preference: int = 0
    seat_held: str = ""

    @property
    def slug(self) -> str:
        return self.shares[0].resource.slug

    def cost(self, window: Window) -> int:
        """Unit-seconds of quota that it takes, weighted."""
        return sum(terms_of(share.claim, window, share.resource.policy).whole for share in self.shares)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an offer stands among all: by its start, then the model that is liked better, the cost, the slug."""

    start: datetime
    preference: int
    cost: int
    slug: str
    number: int


def ranked(
    candidates: Sequence[Candidate], *, span: Window, now: datetime, limit: int, asker: Asker | None = None
) -> list[Offer]:
    """The best offer of each resource, the earliest start first.

    Each begins where the shortest length fits first, and is as long as fits there. With an `asker` the evaluator would
    admit it; without one it keeps the limits of the resources. Only as many are looked at closely as are wanted.
    """
    looks = repeat(None, MOST_LOOKS_IN_ALL)
    places = [place for place in (_first_place(n, one, span, now) for n, one in enumerate(candidates)) if place]
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
        candidate = candidates[place.number]
        within = Window(place.start, span.end)
        sure = _judged(candidate, within, now, asker, looks) if asker else _kept(candidate, within, now)
        if sure is not None:
            certain[place.number] = sure
            heapq.heappush(places, replace(place, start=sure.window.start, cost=sure.cost))
    return list(found.values())


def _first_place(number: int, candidate: Candidate, span: Window, now: datetime) -> Place | None:
    """Where there is room first; nothing that serves the wish comes before it or costs less."""
    bookable = span_of(candidate.shares, candidate.seconds, span, now)
    window = bookable and candidate.room.first(candidate.seconds, since=bookable.start, until=bookable.end)
    if not window:
        return None
    return Place(window.start, candidate.preference, candidate.cost(window), candidate.slug, number)


def _kept(candidate: Candidate, within: Window, now: datetime) -> Offer | None:
    """The offer as far as the limits of the resources tell."""
    seconds = candidate.longest
    if within.start <= now:
        seconds = min(seconds, *(_until_asked(share) for share in candidate.shares))
    until = min(_latest(candidate.shares, within.end, now), within.start + timedelta(seconds=seconds))
    end = candidate.room.free_until(within.start, until)
    grid = timedelta(minutes=joint_grid(share.resource.grid_minutes for share in candidate.shares))
    steps = max(timedelta(seconds=candidate.seconds), end - within.start) // grid
    window = Window(within.start, within.start + steps * grid)
    return Offer(
        Why.EARLIEST,
        window,
        tuple(share.claim for share in candidate.shares),
        sum(share.units for share in candidate.shares) * window.seconds,
        candidate.cost(window),
        {share.resource.id: share.resource.slug for share in candidate.shares},
        tuple(share.resource.slug for share in candidate.shares if window.seconds > _until_asked(share)),
    )


def _judged(candidate: Candidate, within: Window, now: datetime, asker: Asker, looks: Iterator[None]) -> Offer | None:
    """The offer that the evaluator would admit at this moment; None where there is none in time."""
    shares, room = candidate.shares, candidate.room
    situation = asker.situation(shares, now)
    length = timedelta(seconds=candidate.seconds)
    asked = Order(asker.team.id, Window(within.start, within.start + length), tuple(share.claim for share in shares))
    latest = _latest(shares, within.end, now)
    since = max(within.start, soonest(asked, situation))
    order = first_admitted(asked, situation, room, since=since, latest=latest, looks=looks)
    if order is None:
        return None

    start = order.window.start
    until = room.free_until(start, min(latest, start + timedelta(seconds=candidate.longest)))
    grid = timedelta(minutes=joint_grid(share.resource.grid_minutes for share in shares))
    sized = partial(_until, order, grid)
    here = room.around(situation, Window(start, max(until, order.window.end)))
    longest = largest(sized, here, length // grid, (until - start) // grid) or order
    offer = offer_of(Why.EARLIEST, longest, situation.resources, admit(longest, here))
    return replace(offer, seat_held=candidate.seat_held)


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
    if seconds > _until_asked(share):
        return now + MOMENT
    return floor_to_grid(now, share.resource.grid_minutes)


def _until_asked(share: Share) -> int:
    """The most seconds for which the owner is not asked, as far as the wish alone tells."""
    threshold = share.resource.policy.auto_approve_unit_hours
    return MOST_SECONDS if threshold is None else threshold * 3600 // share.units


MOST_SECONDS = 2**62
