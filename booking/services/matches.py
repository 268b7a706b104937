"""What could serve demands of the docking board: free capacity and offers, each with its score. They only read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from booking.db import db
from booking.domain.docking import Demand, Offer
from booking.domain.matching import Aim, Match, Supply, best, lots, match
from booking.domain.permissions import Actor
from booking.domain.windows import Window
from booking.domain.wishes import Asker
from booking.models.rows import AnyRow
from booking.queries import docking
from booking.queries.known_profiles import Known, known_resources
from booking.services.searches import asker_for, besides
from booking.services.ways import best as fitting_best
from booking.services.ways import ways

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


@dataclass(frozen=True, slots=True)
class Ground:
    """All that demands are matched with, read once: rows by slug, what is free of them by id, offers by team.

    `askers` are those of the demands' teams that the reader is in: they see what they would be admitted to. Others see
    what the limits of the resources allow, since what a team could still book is its members' business.
    """

    now: datetime
    rows: Mapping[str, AnyRow]
    known: Mapping[int, Known]
    offers: Mapping[int, Sequence[Offer]]
    askers: Mapping[int, Asker]


def matches_of(demand: Demand, *, actor: Actor, now: datetime) -> list[Found]:
    """What could serve a demand, the best first: one way for each resource.

    It holds nothing, and may be gone by the time.
    """
    return _matches(demand, _ground([demand], actor, now))


def best_matches(demands: Sequence[Demand], *, actor: Actor, now: datetime) -> list[Found]:
    """What would serve demands best together: each once, and together no more of a resource than is free of it.

    The best pairs of all demands at the highest sum of scores; what is free is cut into lots for it. The number of
    questions depends on the teams alone.
    """
    if not demands:
        return []
    ground = _ground(demands[:MOST_DEMANDS], actor, now)
    found = [way for demand in demands[:MOST_DEMANDS] for way in _matches(demand, ground)]
    in_lots = {(one.match.demand_id, one.match.supply_id): one for one in _in_lots(found, ground)}
    chosen = best(one.match for one in in_lots.values())
    return sorted((in_lots[one.demand_id, one.supply_id] for one in chosen), key=_best_first)


def _ground(demands: Sequence[Demand], actor: Actor, now: datetime) -> Ground:
    team_ids = sorted({demand.asked.team_id for demand in demands})
    spans = [demand.asked.span for demand in demands]
    span = Window(min(each.start for each in spans), max(each.end for each in spans))
    with db.engine.connect() as connection:
        rows = docking.supplies(connection)
        known = known_resources(connection, {row.id: row.version for row in rows.values()}, now)
        own = [team_id for team_id in team_ids if team_id in actor.teams]
        return Ground(
            now,
            rows,
            known,
            {each: docking.offers_to(connection, each, actor, now, limit=MOST_OFFERS) for each in team_ids},
            {each: asker_for(connection, each, known.values(), span, now, None) for each in own},
        )


def _matches(demand: Demand, ground: Ground) -> list[Found]:
    found: dict[str, Found] = {}
    for way in [*_free(demand, ground), *_offered(demand, ground)]:
        known = found.get(way.row.slug)
        if known is None or _best_first(way) < _best_first(known):
            found[way.row.slug] = way
    return sorted(found.values(), key=_best_first)[:MOST_MATCHES]


def _free(demand: Demand, ground: Ground) -> Iterator[Found]:
    """Free capacity that serves the whole demand."""
    asked = demand.asked
    fitting = [row for row in ground.rows.values() if _fits(row, demand)]
    for row, window in _windows(demand, fitting, asked.units, asked.span, ground):
        yield from _way(demand, row, asked.units, window, Aim.FREE)


def _offered(demand: Demand, ground: Ground) -> Iterator[Found]:
    """Offers of which there is room at this moment, though it may be for fewer units than wanted."""
    for offer in ground.offers[demand.asked.team_id]:
        span, row = offer.offered.span.intersection(demand.asked.span), ground.rows.get(offer.resource)
        if span is None or row is None or not _fits(row, demand):
            continue
        units = min(offer.offered.units, demand.asked.units)
        for _, window in _windows(demand, [row], units, span, ground):
            yield from _way(demand, row, units, window, offer.offered.aim, offer.id)


def _fits(row: AnyRow, demand: Demand) -> bool:
    """Whether a resource is one that the demand names, where and as large as it says."""
    asked = demand.asked
    is_there = not asked.regions or row.region in asked.regions
    return row.choice in demand.choices and is_there and row.memory_gib >= asked.memory_gib


def _windows(
    demand: Demand, rows: Sequence[AnyRow], units: int, span: Window, ground: Ground
) -> Iterator[tuple[AnyRow, Window]]:
    """The best window of each resource, with a seat of the dataset beside it where one is wanted."""
    asked, seat = demand.asked, None
    if asked.gpu_models and asked.dataset_id is not None:
        seat = ground.known.get(asked.dataset_id)
        if seat is None:
            return
    asker = ground.askers.get(asked.team_id)
    found = ways(
        [ground.known[row.id] for row in rows],
        units,
        besides(seat, asker),
        lengths=(asked.seconds, asked.seconds),
        span=span,
        now=ground.now,
        asker=asker,
    )
    for offer in fitting_best(found, {}, now=ground.now, limit=MOST_MATCHES, asker=asker):
        yield ground.rows[offer.resource], offer.window


def _way(
    demand: Demand, row: AnyRow, units: int, window: Window, aim: Aim, offer_id: int | None = None
) -> Iterator[Found]:
    name = f"offer:{offer_id}" if offer_id else f"{row.kind}:{row.slug}"
    supply = Supply(name, row.choice, units, window, row.region, row.memory_gib, aim)
    found = match(demand.sought, supply)
    if found is not None:
        yield Found(demand, found, row, window, offer_id)


def _in_lots(found: Iterable[Found], ground: Ground) -> Iterator[Found]:
    """The same with each supply cut into lots that are free beside each other; one that is large enough serves."""
    by_supply: defaultdict[str, list[Found]] = defaultdict(list)
    for way in found:
        by_supply[way.match.supply_id].append(way)
    for name, own in by_supply.items():
        span = Window(min(way.window.start for way in own), max(way.window.end for way in own))
        cut = lots(ground.known[own[0].row.id].profile.steps(span).lowest(span), [way.match.units for way in own])
        for number, units in enumerate(cut, 1):
            for way in own:
                if way.match.units <= units:
                    yield replace(way, match=replace(way.match, supply_id=f"{name}/{number}"))


def _best_first(way: Found) -> tuple[int, datetime, str]:
    return -way.match.score, way.window.start, way.row.slug
