"""Use cases of looking for a window: over all resources, or instead of an order that was refused. They only read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from booking.db import db, glance
from booking.domain.bookings import Booking
from booking.domain.errors import NotFound
from booking.domain.orders import Order, Use
from booking.domain.policies import Policy
from booking.domain.search import Offer, alternatives
from booking.domain.windows import Window, floor_to_grid
from booking.domain.wishes import Asker
from booking.models.rows import AnyRow
from booking.queries import grants, resources, searches, teams
from booking.queries.known_profiles import Known, known_resources
from booking.queries.situations import Counted, counted, depends_on_use
from booking.services.ways import Beside, best, ways

LOOK_AHEAD = timedelta(days=14)
"""How much later than asked another window may still be what was wanted."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Units for `seconds`, or for up to `longest` where there is room, inside `span`; names are slugs.

    Of one kind or one resource. `gpu_models` are in order of preference. `dataset` is one to have a seat of. With a
    `team_id` only what the evaluator would admit for that team is found.
    """

    units: int
    seconds: int
    span: Window
    longest: int = 0
    kind: str = ""
    resource: str = ""
    gpu_models: tuple[str, ...] = ()
    memory_gib: int = 0
    regions: tuple[str, ...] = ()
    regions_denied: tuple[str, ...] = ()
    facility: str = ""
    dataset: str = ""
    team_id: int | None = None


def search(wish: Wish, *, now: datetime, limit: int) -> list[Offer]:
    """The best window of each resource that could serve the wish, the earliest first.

    From the earliest start at which at least the shortest length fits, each is as long as fits there. NotFound for a
    resource, dataset or facility that nobody knows.
    """
    with glance() as connection:
        beside = _dataset(connection, wish)
        rows = _candidates(connection, wish)
        versions = {row.id: row.version for row in [*rows, *([beside] if beside else [])]}
        known = known_resources(connection, versions, now)
        asker = _asker(connection, wish.team_id, known.values(), wish.span, now) if wish.team_id else None
    seat = known.get(beside.id) if beside else None
    found = ways(
        [known[row.id] for row in rows if row.id in known],
        wish.units,
        _besides(seat, asker),
        lengths=(wish.seconds, max(wish.longest, wish.seconds)),
        span=wish.span,
        now=now,
        asker=asker,
    )
    return best(found, {row.id: _preference(row, wish) for row in rows}, now=now, limit=limit, asker=asker)


def _besides(seat: Known | None, asker: Asker | None) -> list[Beside]:
    """With a seat that the team holds already, where it holds one, or with a seat of its own."""
    if seat is None:
        return [Beside()]
    holds = asker is not None and bool(asker.uses.get(seat.resource.id, Use()).units.changes)
    return [Beside(held=seat)] * holds + [Beside(seats=((seat, 1),))]


def _candidates(connection: Connection, wish: Wish) -> Sequence[AnyRow]:
    wanted = searches.Wanted(
        kind=wish.kind,
        resource=wish.resource,
        gpu_models=wish.gpu_models,
        memory_gib=wish.memory_gib,
        regions=wish.regions,
        regions_denied=wish.regions_denied,
        facility=wish.facility,
    )
    rows = searches.candidates(connection, wanted)
    if not rows:
        _check_known(connection, wish)
    return [row for row in rows if row.slug != wish.dataset]


def _check_known(connection: Connection, wish: Wish) -> None:
    if wish.resource and not searches.is_known(connection, wish.resource):
        raise NotFound("resource")
    if wish.facility and not searches.is_facility(connection, wish.facility):
        raise NotFound("facility")


def _dataset(connection: Connection, wish: Wish) -> AnyRow | None:
    """The dataset to have a seat of; None where none is asked for, or where it needs no booking."""
    if not wish.dataset:
        return None
    rows = searches.candidates(connection, searches.Wanted(kind="dataset", resource=wish.dataset))
    if not rows and not searches.is_known(connection, wish.dataset, "dataset"):
        raise NotFound("dataset")
    return rows[0] if rows else None


def _preference(row: AnyRow, wish: Wish) -> int:
    return wish.gpu_models.index(row.gpu_model) if row.gpu_model in wish.gpu_models else 0


def _asker(connection: Connection, team_id: int, known: Iterable[Known], span: Window, now: datetime) -> Asker:
    """The team with its quota, and what it uses already where that matters."""
    counting = [
        one.resource.id for one in known if one.resource.kind == "dataset" or depends_on_use(one.resource.policy)
    ]
    uses = teams.uses_of(connection, team_id, counting, span, now) if counting else {}
    team_grants = grants.read_grants(connection, {team_id})
    return Asker(teams.teams_by_id(connection, [team_id])[team_id], tuple(team_grants.get(team_id, ())), uses)


def suggest(order: Order, *, now: datetime, standing: Booking | None = None) -> tuple[Offer, ...]:
    """What would be admitted instead of a refused order: read without locks, so it may be gone by the time.

    For an edit the share of the `standing` booking is left out; one that has begun cannot be moved elsewhere.
    """
    if standing is not None and standing.window.start <= now:
        return ()
    with db.engine.connect() as connection:
        rows = resources.read_resources(connection, (claim.resource_id for claim in order.claims))
        since = _look_from(order, rows, now)
        latest = since + (order.window.end - order.window.start) + LOOK_AHEAD
        around = replace(order, window=Window(since, latest))
        without = [standing.id] if standing else []
        book = counted(connection, rows, [(order, now), (around, now)], lock=False, without=without)
        if standing is not None:
            _leave_out(connection, book, standing)
        return alternatives(order, book.situation(order, now), latest=latest, since=since)


def _look_from(order: Order, rows: Sequence[AnyRow], now: datetime) -> datetime:
    """The start asked for, or the running step where that is past or farther ahead than the resources are booked."""
    running = min(floor_to_grid(now, row.grid_minutes) for row in rows)
    horizons = [days for row in rows if (days := Policy.read(row.policy).horizon_days) is not None]
    is_too_far = bool(horizons) and order.window.end > now + timedelta(days=min(horizons))
    return running if is_too_far else max(running, order.window.start)


def _leave_out(connection: Connection, book: Counted, standing: Booking) -> None:
    own = [(claim.resource_id, claim.occupied, claim.units) for claim in standing.claims if claim.occupied]
    book.resources.update(resources.without_own(book.resources, own))
    lines = [line for some in grants.held_by(connection, standing.id).values() for line in some]
    book.grants[standing.team_id] = grants.without_held(book.grants[standing.team_id], lines)
