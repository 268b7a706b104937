"""Use cases of looking for a window: over all resources, or instead of an order that was refused. They only read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from booking.db import db
from booking.domain.bookings import Booking
from booking.domain.capacity import NOTHING
from booking.domain.errors import NotFound
from booking.domain.orders import Order
from booking.domain.policies import Policy
from booking.domain.search import Offer, alternatives
from booking.domain.windows import Window, floor_to_grid
from booking.domain.wishes import Share, length_of, offer_of, span_of
from booking.models.rows import AnyRow
from booking.queries import grants, resources, searches
from booking.queries.situations import Counted, counted

FIRST_LOOK = timedelta(days=30)
"""How far a search reads at first; each further look reads twice as far."""

LOOK_AHEAD = timedelta(days=14)
"""How much later than asked another window may still be what was wanted."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Units for `seconds` inside `span`, of one kind or one resource, by slug; `dataset` is one to have a seat of."""

    units: int
    seconds: int
    span: Window
    kind: str = ""
    resource: str = ""
    gpu_model: str = ""
    region: str = ""
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An offer of a resource; `slugs` name everything that it claims, by id."""

    resource: str
    offer: Offer
    slugs: dict[int, str]


@dataclass(frozen=True, slots=True)
class Possible:
    """What a booking of one resource would claim together, and for how long."""

    shares: tuple[Share, ...]
    seconds: int


def search(wish: Wish, *, now: datetime, limit: int) -> list[Found]:
    """The earliest window of each resource that could serve the wish, the earliest of all first.

    A team's own standing and quota are not asked for. NotFound for a resource or dataset that nobody knows.
    """
    with db.engine.connect() as connection:
        open_to = _possible(connection, wish)
        found: list[Found] = []
        for look in _looks(wish.span):
            found += _look(connection, wish.span, open_to, look, now)
            for one in found:
                open_to.pop(one.resource, None)
            if len(found) >= limit or not open_to:
                break
        found.sort(key=lambda one: (one.offer.window.start, one.offer.cost, one.resource))
        return found[:limit]


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


def _candidates(connection: Connection, wish: Wish) -> Sequence[AnyRow]:
    rows = searches.candidates(
        connection, kind=wish.kind, slug=wish.resource, gpu_model=wish.gpu_model, region=wish.region
    )
    if wish.resource and not rows and not searches.is_known(connection, wish.resource):
        raise NotFound("resource")
    return [row for row in rows if row.slug != wish.dataset]


def _dataset(connection: Connection, wish: Wish) -> AnyRow | None:
    """The dataset to have a seat of; None where none is asked for, or where it needs no booking."""
    if not wish.dataset:
        return None
    rows = searches.candidates(connection, kind="dataset", slug=wish.dataset)
    if not rows and not searches.is_known(connection, wish.dataset, "dataset"):
        raise NotFound("dataset")
    return rows[0] if rows else None


def _possible(connection: Connection, wish: Wish) -> dict[str, Possible]:
    """By slug, what could serve the wish as far as limits tell; what is held is not read yet."""
    beside = _dataset(connection, wish)
    rows = _candidates(connection, wish)
    read = [*rows, *([beside] if beside else [])]
    by_id = resources.resources_holding(connection, read, {row.id: NOTHING for row in read})
    possible = {}
    for row in rows:
        shares = (Share(by_id[row.id], wish.units), *([Share(by_id[beside.id], 1)] if beside else []))
        seconds = length_of(shares, wish.seconds)
        if seconds is not None:
            possible[row.slug] = Possible(shares, seconds)
    return possible


def _looks(span: Window) -> Iterator[Window]:
    """The span in parts, each twice as long as the one before; most is found in the first."""
    start, reach = span.start, FIRST_LOOK
    while start < span.end:
        yield Window(start, min(start + reach, span.end))
        start, reach = start + reach, reach * 2


def _look(
    connection: Connection, span: Window, possible: Mapping[str, Possible], look: Window, now: datetime
) -> Iterator[Found]:
    """The offers that begin inside one look."""
    longest = timedelta(seconds=max((one.seconds for one in possible.values()), default=0))
    ids = {share.resource.id for one in possible.values() for share in one.shares}
    held = searches.held_within(connection, ids, Window(look.start, look.end + longest))
    for slug, one in possible.items():
        shares = [
            replace(share, resource=replace(share.resource, held=held[share.resource.id])) for share in one.shares
        ]
        bookable = span_of(shares, one.seconds, span, now)
        within = bookable and bookable.intersection(Window(look.start, look.end + timedelta(seconds=one.seconds)))
        offer = offer_of(shares, one.seconds, within) if within else None
        if offer is not None:
            yield Found(slug, offer, {share.resource.id: share.resource.slug for share in shares})
