"""What could serve demands of the docking board: free capacity and offers, each with its score. They only read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from booking.db import db
from booking.domain.docking import Demand, Offer
from booking.domain.errors import NotFound
from booking.domain.matching import Aim, Match, Supply, best, lots, match
from booking.domain.permissions import Actor
from booking.domain.windows import Window
from booking.models.rows import AnyRow
from booking.queries import docking
from booking.queries.known_profiles import known_resources
from booking.services.searches import Wish, search

MOST_OFFERS = 50
"""So many offers to one team are looked at, the newest."""

MOST_DEMANDS = 50
"""So many demands are matched together."""

MOST_MATCHES = 20
"""So many ways to serve one demand are shown."""


@dataclass(frozen=True, slots=True)
class Found:
    """One way to serve a demand: what and where (a row of `queries.docking.supplies`), when, and how well.

    `offer_id` is the offer that it is of; None for free capacity.
    """

    demand: Demand
    match: Match
    row: AnyRow
    window: Window
    offer_id: int | None = None


def matches_of(demand: Demand, *, actor: Actor, now: datetime) -> list[Found]:
    """What could serve a demand, the best first: one way for each resource.

    Its own team sees what it would be admitted to; others what the limits of the resources allow, since what a team
    could still book is its members' business. It holds nothing, and may be gone by the time.
    """
    with db.engine.connect() as connection:
        rows = docking.supplies(connection)
        offers = docking.offers_to(connection, demand.asked.team_id, actor, now, limit=MOST_OFFERS)
    return _matches(demand, rows, offers, actor, now)


def best_matches(demands: Sequence[Demand], *, actor: Actor, now: datetime) -> list[Found]:
    """What would serve demands best together: each once, and together no more of a resource than is free of it.

    The best pairs of all demands at the highest sum of scores; what is free is cut into lots for it.
    """
    with db.engine.connect() as connection:
        rows = docking.supplies(connection)
        offers = {
            team_id: docking.offers_to(connection, team_id, actor, now, limit=MOST_OFFERS)
            for team_id in {demand.asked.team_id for demand in demands[:MOST_DEMANDS]}
        }
    ways = [
        way
        for demand in demands[:MOST_DEMANDS]
        for way in _matches(demand, rows, offers[demand.asked.team_id], actor, now)
    ]
    in_lots = {(one.match.demand_id, one.match.supply_id): one for one in _in_lots(ways, now)}
    chosen = best(one.match for one in in_lots.values())
    return sorted((in_lots[one.demand_id, one.supply_id] for one in chosen), key=_best_first)


def _matches(
    demand: Demand, rows: Mapping[str, AnyRow], offers: Iterable[Offer], actor: Actor, now: datetime
) -> list[Found]:
    found: dict[str, Found] = {}
    for way in [*_free(demand, rows, actor, now), *_offered(demand, rows, offers, actor, now)]:
        known = found.get(way.row.slug)
        if known is None or _best_first(way) < _best_first(known):
            found[way.row.slug] = way
    return sorted(found.values(), key=_best_first)[:MOST_MATCHES]


def _free(demand: Demand, rows: Mapping[str, AnyRow], actor: Actor, now: datetime) -> Iterator[Found]:
    """Free capacity that serves the whole demand."""
    for slug, window in _windows(demand, _wish(demand, actor), now):
        yield from _way(demand, rows.get(slug), demand.asked.units, window, Aim.FREE)


def _offered(
    demand: Demand, rows: Mapping[str, AnyRow], offers: Iterable[Offer], actor: Actor, now: datetime
) -> Iterator[Found]:
    """Offers of which there is room at this moment, though it may be for fewer units than wanted."""
    for offer in offers:
        span = offer.offered.span.intersection(demand.asked.span)
        if span is None or offer.choice not in demand.choices:
            continue
        units = min(offer.offered.units, demand.asked.units)
        wish = replace(_wish(demand, actor), units=units, resource=offer.resource, span=span)
        for slug, window in _windows(demand, wish, now):
            yield from _way(demand, rows.get(slug), units, window, offer.offered.aim, offer.id)


def _wish(demand: Demand, actor: Actor) -> Wish:
    """The demand as the search takes it."""
    asked = demand.asked
    is_own = asked.team_id in actor.teams
    wish = Wish(asked.units, asked.seconds, asked.span, team_id=asked.team_id if is_own else None)
    if not asked.gpu_models:
        return replace(wish, kind="dataset", resource=demand.dataset)
    return replace(
        wish, kind="pool", gpu_models=asked.gpu_models, memory_gib=asked.memory_gib, regions=asked.regions,
        dataset=demand.dataset,
    )  # fmt: skip


def _windows(demand: Demand, wish: Wish, now: datetime) -> Iterator[tuple[str, Window]]:
    """The best window of each resource; none where what was named is no longer there."""
    try:
        offers = search(wish, now=now, limit=MOST_MATCHES)
    except NotFound:
        return
    for offer in offers:
        yield offer.resource, offer.window


def _way(
    demand: Demand, row: AnyRow | None, units: int, window: Window, aim: Aim, offer_id: int | None = None
) -> Iterator[Found]:
    if row is None:
        return
    name = f"offer:{offer_id}" if offer_id else f"{row.kind}:{row.slug}"
    supply = Supply(name, row.choice, units, window, row.region, row.memory_gib, aim)
    found = match(demand.sought, supply)
    if found is not None:
        yield Found(demand, found, row, window, offer_id)


def _in_lots(ways: Iterable[Found], now: datetime) -> Iterator[Found]:
    """The same with each supply cut into lots that are free beside each other; one that is large enough serves."""
    by_supply: defaultdict[str, list[Found]] = defaultdict(list)
    for way in ways:
        by_supply[way.match.supply_id].append(way)
    for name, own in by_supply.items():
        span = Window(min(way.window.start for way in own), max(way.window.end for way in own))
        cut = lots(_free_throughout(own[0].row, span, now), [way.match.units for way in own])
        for number, units in enumerate(cut, 1):
            for way in own:
                if way.match.units <= units:
                    yield replace(way, match=replace(way.match, supply_id=f"{name}/{number}"))


def _free_throughout(row: AnyRow, span: Window, now: datetime) -> int:
    with db.engine.connect() as connection:
        known = known_resources(connection, {row.id: row.version}, now)[row.id]
        return known.profile.steps(span).lowest(span)


def _best_first(way: Found) -> tuple[int, datetime, str]:
    return -way.match.score, way.window.start, way.row.slug
