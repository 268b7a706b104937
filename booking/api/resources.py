"""Calls on pools and datasets alike: what they offer, what is free of it, and whether they are open to bookings."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.api.displacements import displaces
from booking.domain.availability import Level
from booking.domain.displacements import Displaces
from booking.domain.errors import Forbidden, Invalid, NotFound
from booking.domain.permissions import may_own
from booking.domain.windows import Window
from booking.http.actor import asking, current_actor
from booking.http.paths import parse_id
from booking.http.reading import glance, reading
from booking.queries.availability import levels_over
from booking.queries.capacity_changes import changes_of, find_change
from booking.queries.displacements import waiting_for_decision
from booking.queries.known_profiles import known_table, version_of
from booking.queries.listings import find_listing
from booking.queries.resources import read_resources
from booking.schemas.base import Page
from booking.schemas.bookings import window_of
from booking.schemas.capacity import (
    AvailabilityQuery,
    AvailabilityShape,
    ChangeShape,
    EarlierEnd,
    NewChange,
)
from booking.schemas.displacements import DisplacementShape, resolutions_of
from booking.schemas.resources import ResourceShape
from booking.services.capacity import add_capacity, end_capacity_early
from booking.services.resources import publish_resource, retire_resource

FORTNIGHT = timedelta(days=14)
LONGEST = timedelta(days=400)
STEP = '{"at":"%sZ","offered":%s,"held":%s,"free":%s}'

bp = Blueprint("resources", __name__, url_prefix="/resources")


@bp.get("/<resource_id>")
@call(gives={200: ResourceShape}, fails=(401, 404), public=True)
def read(resource_id: str) -> Response:
    """One pool or dataset."""
    actor = asking()
    listing = find_listing(reading(), resource_id, actor=actor)
    return show(ResourceShape.of(listing, owned=may_own(actor, listing.organisation_id, listing.kind)))


@bp.post("/<resource_id>/publish")
@call(gives={200: ResourceShape}, fails=(403, 404, 409))
def publish(resource_id: str) -> Response:
    """Open a draft to everyone who may book it, as its owner."""
    return show(ResourceShape.of(publish_resource(resource_id, actor=current_actor(), now=clock.now()), owned=True))


@bp.post("/<resource_id>/retire")
@call(gives={200: ResourceShape}, fails=(403, 404, 409))
def retire(resource_id: str) -> Response:
    """Take no more bookings, as owner; those that stand run to their end."""
    return show(ResourceShape.of(retire_resource(resource_id, actor=current_actor(), now=clock.now()), owned=True))


@bp.get("/<resource_id>/availability")
@call(query=AvailabilityQuery, gives={200: AvailabilityShape}, fails=(401, 404), public=True)
def availability(resource_id: str, query: AvailabilityQuery) -> Response:
    """What a resource offers and what is held of it over a window of at most 400 days."""
    actor, now = asking(), clock.now()
    window = _window(query, now)
    with glance() as connection:
        row = version_of(connection, resource_id)
        if row is None or (row.state == "draft" and not may_own(actor, row.organisation_id, row.kind)):
            raise NotFound("resource")
        table = known_table(connection, row, window, now)
        levels = (
            _rows(levels_over(connection, read_resources(connection, [row.id])[0], window))
            if table is None
            else table.rows()
        )
    # A month has thousands of steps, which are told faster than shapes of them are made.
    steps = ",".join(map(STEP.__mod__, levels))
    said = f'"resource":"{row.slug}","from":"{_told(window.start)}","to":"{_told(window.end)}"'
    return Response(f'{{{said},"steps":[{steps}]}}', mimetype="application/json")


@bp.get("/<resource_id>/capacity")
@call(query=Page, lists=ChangeShape, fails=(404,))
def capacity(resource_id: str, query: Page) -> Response:
    """The published changes of what a resource offers, in the order in which they were made."""
    listing, after = find_listing(reading(), resource_id, actor=current_actor()), query.after(int)
    found = changes_of(reading(), listing.id, after=after[0] if after else None, limit=query.limit + 1)
    return listed(
        found, query, shape=lambda change: ChangeShape.of(change, listing.slug), key=lambda change: [change.id]
    )


@bp.post("/<resource_id>/capacity")
@call(body=NewChange, gives={201: ChangeShape}, fails=(403, 404, 409))
def add(resource_id: str, body: NewChange) -> Response:
    """Publish more units, an outage of some, or a closure, as owner.

    Where bookings lose their place and `resolution` does not name each: 409 with `displaced`, and nothing done.
    """
    asked, resolutions = body.asked(), resolutions_of(body.resolution)
    try:
        change = add_capacity(resource_id, asked, actor=current_actor(), now=clock.now(), resolutions=resolutions)
    except Displaces as found:
        return displaces(found)
    return created(
        ChangeShape.of(change, resource_id),
        "api.resources.capacity_change",
        resource_id=resource_id,
        change_id=str(change.id),
    )


@bp.get("/<resource_id>/capacity/<change_id>")
@call(gives={200: ChangeShape}, fails=(404,))
def capacity_change(resource_id: str, change_id: str) -> Response:
    """One published change of what a resource offers."""
    listing = find_listing(reading(), resource_id, actor=current_actor())
    change = find_change(reading(), listing.id, parse_id(change_id, "capacity change"))
    return show(ChangeShape.of(change, listing.slug))


@bp.patch("/<resource_id>/capacity/<change_id>")
@call(body=EarlierEnd, gives={200: ChangeShape}, fails=(403, 404, 409))
def end_early(resource_id: str, change_id: str, body: EarlierEnd) -> Response:
    """End a supply, an outage or a closure before its time, as owner.

    Where bookings lose their place and `resolution` does not name each: 409 with `displaced`, and nothing done.
    """
    resolutions = resolutions_of(body.resolution)
    try:
        change = end_capacity_early(
            resource_id,
            parse_id(change_id, "capacity change"),
            body.ends_at,
            actor=current_actor(),
            now=clock.now(),
            resolutions=resolutions,
        )
    except Displaces as found:
        return displaces(found)
    return show(ChangeShape.of(change, resource_id))


@bp.get("/<resource_id>/displacements")
@call(query=Page, lists=DisplacementShape, fails=(403, 404))
def displacements(resource_id: str, query: Page) -> Response:
    """The bookings that have lost their place on a resource and wait for its owner, in order of displacement."""
    actor, after = current_actor(), query.after(int)
    listing = find_listing(reading(), resource_id, actor=actor)
    if not may_own(actor, listing.organisation_id, listing.kind):
        raise Forbidden("Only who looks after the resource sees which bookings lost their place on it.")
    found = waiting_for_decision(reading(), listing.id, after=after[0] if after else None, limit=query.limit + 1)
    return listed(found, query, shape=DisplacementShape.of, key=lambda one: [one.id])


def _window(query: AvailabilityQuery, now: datetime) -> Window:
    since = query.since or now
    window = window_of(since, query.until or since + FORTNIGHT, "to")
    if window.end - window.start > LONGEST:
        raise Invalid("to", "At most %(days)s days are answered at once.", {"days": LONGEST.days})
    return window


def _rows(levels: Iterable[Level]) -> Iterator[tuple[str, int, int, int]]:
    return ((level.at.isoformat().removesuffix("+00:00"), level.offered, level.held, level.free) for level in levels)


def _told(instant: datetime) -> str:
    """An instant as shapes tell it."""
    return instant.isoformat().replace("+00:00", "Z")
