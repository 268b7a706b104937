"""Use cases of looking for a window: over all resources, or instead of an order that was refused. They only read."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from booking.db import db, direct
from booking.domain.admission import admit
from booking.domain.bases import Basis
from booking.domain.bookings import Booking
from booking.domain.errors import NotFound
from booking.domain.orders import Order, Resource, Situation, Use
from booking.domain.policies import Policy
from booking.domain.refusals import Code
from booking.domain.search import CURED_LATER, Offer, Why, alternatives, earliest_admitted, offer_of
from booking.domain.windows import Window, floor_to_grid
from booking.domain.wishes import Asker
from booking.models.rows import AnyRow
from booking.queries import grants, resources, searches, teams
from booking.queries.bases import bases_of
from booking.queries.known_profiles import Known, known_resources, recalled
from booking.queries.situations import NOBODY, Counted, counted, courses_of
from booking.services.holdings import Locked
from booking.services.ways import Beside, best, ways

LOOK_AHEAD = timedelta(days=14)
"""How much later than asked another window is looked for at first."""

MOST_DAYS = 3_660
"""As far as anything is looked for where no horizon ends it."""

ABOUT_THE_TEAM = frozenset({Code.TEAM_SUSPENDED, Code.TEAM_NOT_APPROVED})
"""Refusals that another pool cannot cure."""


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


def search(wish: Wish, *, now: datetime, limit: int, by: int | None = None) -> list[Offer]:
    """The best window of each resource that could serve the wish, the earliest first.

    From the earliest start at which at least the shortest length fits, each is as long as fits there. For a team, what
    the person `by` has not been trained for is left out, and each says what `by` has to accept or ask for first.
    NotFound for a resource, dataset or facility that nobody knows.
    """
    with direct.one_question(db.engine) as connection:
        rows = searches.candidates(connection, _wanted(wish))
        seats = searches.candidates(connection, _seat(wish)) if wish.dataset else []
    _check_known(wish, rows, seats)
    rows, beside = [row for row in rows if row.slug != wish.dataset], next(iter(seats), None)
    versions = {row.id: row.version for row in [*rows, *seats]}
    known, asker = recalled(db.engine, versions, now), None
    if wish.team_id or len(known) < len(versions):
        with db.engine.connect() as reading:
            known = known_resources(reading, versions, now)
            asker = asker_for(reading, wish.team_id, known.values(), wish.span, now, by) if wish.team_id else None
    seat = known.get(beside.id) if beside else None
    found = ways(
        [known[row.id] for row in rows if row.id in known],
        wish.units,
        besides(seat, asker),
        lengths=(wish.seconds, max(wish.longest, wish.seconds)),
        span=wish.span,
        now=now,
        asker=asker,
    )
    ranks = {model: rank for rank, model in enumerate(wish.gpu_models)}
    preferences = {row.id: ranks.get(row.gpu_model, 0) for row in rows}
    return best(found, preferences, now=now, limit=limit, asker=asker)


def besides(seat: Known | None, asker: Asker | None) -> list[Beside]:
    """With a seat that the team holds already, where it holds one, or with a seat of its own."""
    if seat is None:
        return [Beside()]
    holds = asker is not None and bool(asker.uses.get(seat.resource.id, Use()).units.changes)
    return [Beside(held=seat)] * holds + [Beside(seats=((seat, 1),))]


def _wanted(wish: Wish) -> searches.Wanted:
    return searches.Wanted(
        kind=wish.kind,
        resource=wish.resource,
        gpu_models=wish.gpu_models,
        memory_gib=wish.memory_gib,
        regions=wish.regions,
        regions_denied=wish.regions_denied,
        facility=wish.facility,
    )


def _seat(wish: Wish) -> searches.Wanted:
    """The dataset to have a seat of; there is none where it needs no booking."""
    return searches.Wanted(kind="dataset", resource=wish.dataset)


def _check_known(wish: Wish, rows: Sequence[AnyRow], seats: Sequence[AnyRow]) -> None:
    """NotFound for what nobody knows; what is known may serve nobody."""
    asked = {"resource": wish.resource if not rows else "", "dataset": wish.dataset if not seats else ""}
    facility = wish.facility if not rows else ""
    if not any((*asked.values(), facility)):
        return
    with db.engine.connect() as connection:
        if asked["resource"] and not searches.is_known(connection, asked["resource"]):
            raise NotFound("resource")
        if asked["dataset"] and not searches.is_known(connection, asked["dataset"], "dataset"):
            raise NotFound("dataset")
        if facility and not searches.is_facility(connection, facility):
            raise NotFound("facility")


def asker_for(
    connection: Connection, team_id: int, known: Collection[Known], span: Window, now: datetime, by: int | None
) -> Asker:
    """The team with its quota, what it uses already where that matters, and what the person `by` has completed."""
    team_grants = grants.read_grants(connection, {team_id})
    team = teams.teams_by_id(connection, [team_id])[team_id]
    claimed = [one.resource for one in known]
    courses = courses_of(connection, claimed, [by]).get(by or NOBODY, {})
    uses = _uses(connection, team_id, known, span, now)
    bases = _bases(connection, team_id, claimed, now, by)
    return Asker(team, tuple(team_grants.get(team_id, ())), uses, courses, bases)


def _bases(
    connection: Connection, team_id: int, claimed: Collection[Resource], now: datetime, by: int | None
) -> dict[int, Basis]:
    """What the datasets among some resources ask for, and what of it there is."""
    datasets = [one.id for one in claimed if one.kind == "dataset"]
    if not datasets:
        return {}
    rows = resources.read_resources(connection, datasets)
    found = bases_of(connection, rows, team_ids=[team_id], user_ids=[by or NOBODY])
    return found.of(datasets, team_id=team_id, user_id=by or NOBODY, now=now)


def _uses(
    connection: Connection,
    team_id: int,
    known: Iterable[Known],
    span: Window,
    now: datetime,
    *,
    without: Collection[int] = (),
) -> dict[int, Use]:
    counting = [
        one.resource.id for one in known if one.resource.kind == "dataset" or one.resource.policy.depends_on_use
    ]
    return teams.uses_of(connection, team_id, counting, span, now, without=without) if counting else {}


def suggest(order: Order, *, now: datetime, by: int | None, standing: Booking | None = None) -> tuple[Offer, ...]:
    """What would be admitted instead of an order that the person `by` was refused.

    It is read without locks, so it may be gone by the time. What `by` can put right at any time is taken as done.

    For an edit the share of the `standing` booking is left out; one that has begun cannot be moved elsewhere.
    """
    if standing is not None and standing.window.start <= now:
        return ()
    with db.engine.connect() as connection:
        rows = resources.read_resources(connection, (claim.resource_id for claim in order.claims))
        since = _look_from(order, rows, now)
        latest = since + (order.window.end - order.window.start) + LOOK_AHEAD
        asked = Asked(order, rows, Window(since, latest), standing, by)
        situation = asked.situation(connection, now)
        found = alternatives(order, situation, latest=latest, since=since)
        codes = {refusal.code for refusal in admit(order, situation).refusals}
        if codes <= CURED_LATER and all(offer.why is not Why.EARLIEST for offer in found):
            found = (*_much_later(connection, asked, now), *found)
        return found if codes & ABOUT_THE_TEAM else (*found, *_elsewhere(connection, asked, situation, now, found))


@dataclass(frozen=True, slots=True)
class Asked:
    """A refused order with the rows of its resources, and the span in which another window would do."""

    order: Order
    rows: Sequence[AnyRow]
    span: Window
    standing: Booking | None
    by: int | None

    @property
    def without(self) -> tuple[int, ...]:
        """The booking whose own share does not count, by its id."""
        return (self.standing.id,) if self.standing else ()

    def situation(self, connection: Connection, now: datetime) -> Situation:
        """What the order, and any like it in the span, is judged against."""
        orders = [(self.order, now), (replace(self.order, window=self.span), now)]
        book = counted(connection, self.rows, orders, lock=False, without=self.without, actors=[self.by])
        if self.standing is not None:
            _leave_out(connection, book, self.standing)
        situation = book.situation(self.order, now, by=self.by)
        return replace(situation, bases={number: basis.put_right() for number, basis in situation.bases.items()})


def _much_later(connection: Connection, asked: Asked, now: datetime) -> Iterator[Offer]:
    """The earliest window of the same shape in spans that grow twice as long each time, as far as bookings may lie."""
    horizons = [days for row in asked.rows if (days := Policy.read(row.policy).horizon_days) is not None]
    farthest = now + timedelta(days=min([*horizons, MOST_DAYS]))
    start, end = asked.span.start, asked.span.end
    while end < farthest:
        end = min(farthest, start + 2 * (end - start))
        further = replace(asked, span=Window(start, end))
        situation = further.situation(connection, now)
        moved = earliest_admitted(asked.order, situation, latest=end, since=start)
        if moved is not None:
            yield offer_of(Why.EARLIEST, moved, situation.resources, admit(moved, situation))
            return


def _elsewhere(
    connection: Connection, asked: Asked, situation: Situation, now: datetime, found: Sequence[Offer]
) -> list[Offer]:
    """The earliest window on another pool of the same model, where the order is for one.

    Where neither its own pool nor any other of its model ever has room, that of a pool of another model.
    """
    pools = [claim for claim in asked.order.claims if situation.resources[claim.resource_id].kind == "pool"]
    if len(pools) != 1:
        return []
    further = [claim for claim in asked.order.claims if claim not in pools]
    seats = known_resources(connection, searches.versions(connection, [claim.resource_id for claim in further]), now)
    beside = Beside(seats=tuple((seats[claim.resource_id], claim.units) for claim in further))
    span = Window(asked.span.start, asked.span.start + timedelta(days=MOST_DAYS))
    same, other = searches.other_pools(connection, pools[0].resource_id)
    fits_later = any(offer.why is Why.EARLIEST for offer in found)
    for versions in (same, {} if fits_later else other):
        known = known_resources(connection, versions, now)
        everything = [*known.values(), *seats.values()]
        uses = _uses(connection, asked.order.team_id, everything, span, now, without=asked.without)
        courses = courses_of(connection, [one.resource for one in everything], [asked.by]).get(asked.by or NOBODY, {})
        team = Asker(situation.team, situation.grants, uses, courses, situation.bases)
        lengths = (asked.order.window.seconds, asked.order.window.seconds)
        serving = ways(known.values(), pools[0].units, [beside], lengths=lengths, span=span, now=now, asker=team)
        offers = best(serving, {}, now=now, limit=1, asker=team)
        if any(not offer.first for offer in offers):
            return [replace(offer, why=Why.ELSEWHERE) for offer in offers]
    return []


def _look_from(order: Order, rows: Sequence[AnyRow], now: datetime) -> datetime:
    """The start asked for, or the running step where that is past or farther ahead than the resources are booked."""
    running = min(floor_to_grid(now, row.grid_minutes) for row in rows)
    horizons = [days for row in rows if (days := Policy.read(row.policy).horizon_days) is not None]
    is_too_far = bool(horizons) and order.window.end > now + timedelta(days=min(horizons))
    return running if is_too_far else max(running, order.window.start)


def _leave_out(connection: Connection, book: Counted, standing: Booking) -> None:
    book.resources.update(resources.without_own(book.resources, standing.own_blocks))
    held = Locked(connection, standing, [], ())
    lines = [*held.requested_lines(), *(line for some in held.held_lines().values() for line in some)]
    book.grants[standing.team_id] = grants.without_held(book.grants[standing.team_id], lines)
