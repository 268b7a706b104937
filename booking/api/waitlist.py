"""Calls on the wait list: join it, see one's place, leave it, and give an entry its class."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, url_for

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.errors import Invalid, NotFound
from booking.domain.orders import Order
from booking.domain.permissions import Actor, may_own, may_see_entry
from booking.domain.refusals import Refused
from booking.domain.waitlist import Entry, Wish, is_worth_waiting, wish_instead
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import glance, reading
from booking.http.words import say
from booking.queries import waitlist as questions
from booking.queries.names import Named, Names, named
from booking.schemas.bookings import Answer
from booking.schemas.waitlist import EntryFilter, EntryShape, NewEntry, NewPriority, PlaceShape, body_of
from booking.services import waitlist

bp = Blueprint("waitlist", __name__)


@bp.post("/waitlist")
@call(body=NewEntry, gives={201: EntryShape}, fails=(403, 404, 409))
def create(body: NewEntry) -> Response:
    """Wait for units that cannot be booked now; who is first in line is offered what is freed."""
    actor, now = current_actor(), clock.now()
    span = body.span()
    with glance() as connection:
        wanted = [name for name in (body.resource, body.dataset) if name]
        names = named(connection, team=body.team, resources=wanted)
    if names.team_id is None:
        raise NotFound("team")
    wish = Wish(
        team_id=names.team_id,
        units=body.units,
        min_seconds=body.seconds,
        max_seconds=body.max_seconds or body.seconds,
        span=span,
        resource_id=_named("resource", body.resource, names, actor),
        gpu_model=body.gpu_model or "",
        region=body.region or "",
        dataset_id=_named("dataset", body.dataset, names, actor),
        purpose=body.purpose,
        take_automatically=body.take_automatically,
    )
    return _created(waitlist.join_waitlist(wish, actor=actor, now=now), now)


@bp.get("/waitlist")
@call(query=EntryFilter, lists=EntryShape)
def index(query: EntryFilter) -> Response:
    """The entries that one may see, the newest first: one's teams', and those that wait for what one looks after."""
    now, after, connection = clock.now(), query.after(int), reading().connection()
    wanted = questions.Filter(query.team or "", query.resource or "", query.state or ())
    before = after[0] if after else None
    found = questions.entries_listed(connection, current_actor(), wanted, before=before, limit=query.limit + 1)
    known = questions.standings(connection, found, now)
    return listed(
        found, query, shape=lambda one: EntryShape.of(one, _places(known.get(one.id, ()))), key=lambda one: [one.id]
    )


@bp.get("/waitlist/<entry_id>")
@call(gives={200: EntryShape}, fails=(404,))
def read(entry_id: str) -> Response:
    """One entry, with its places and why they are what they are; who stands before it is nobody's business."""
    actor, connection = current_actor(), reading().connection()
    entry = questions.find_entry(connection, parse_id(entry_id, "wait-list entry"))
    owners = [(row.organisation_id, row.kind) for row in questions.waited_for(connection, entry.id)]
    if not may_see_entry(actor, entry.wish.team_id, owners):
        raise NotFound("wait-list entry")
    return show(_shape(entry, clock.now()))


@bp.post("/waitlist/<entry_id>/withdraw")
@call(body=Answer, body_optional=True, gives={200: EntryShape}, fails=(403, 404, 409))
def withdraw(entry_id: str, body: Answer) -> Response:
    """Wait no longer; an offer is declined at its booking."""
    actor, now = current_actor(), clock.now()
    number = parse_id(entry_id, "wait-list entry")
    return show(_shape(waitlist.withdraw_from_waitlist(number, actor=actor, now=now, reason=body.reason), now))


@bp.post("/waitlist/<entry_id>/rejoin")
@call(gives={201: EntryShape}, fails=(403, 404, 409, 422))
def rejoin(entry_id: str) -> Response:
    """Wait once more, at the end of the queue, for what an entry that has ended was for."""
    now = clock.now()
    number = parse_id(entry_id, "wait-list entry")
    return _created(waitlist.rejoin_waitlist(number, actor=current_actor(), now=now), now)


@bp.post("/waitlist/<entry_id>/priority")
@call(body=NewPriority, gives={200: EntryShape}, fails=(403, 404, 409))
def prioritise(entry_id: str, body: NewPriority) -> Response:
    """Give an entry a class on the resources that one looks after; a class is worth three days of waiting."""
    actor, now = current_actor(), clock.now()
    number = parse_id(entry_id, "wait-list entry")
    return show(_shape(waitlist.set_priority(number, body.priority, actor=actor, now=now), now))


def wait_instead(refused: Refused, order: Order, *, team: str, resources: Mapping[str, Named]) -> dict[str, Any] | None:
    """How to wait for what was refused, where others can cure that and an entry can say it."""
    if not is_worth_waiting(refused.refusals):
        return None
    wish = wish_instead(order, {one.id: one.kind for one in resources.values()})
    if wish is None:
        return None
    slugs = {one.id: one.slug for one in resources.values()}
    return {"href": url_for("api.waitlist.create"), "body": body_of(wish, team=team, slugs=slugs)}


def _named(field: str, slug: str | None, names: Names, actor: Actor) -> int | None:
    """The id of a resource; NotFound where the actor knows of none, Invalid where it cannot be waited for."""
    if not slug:
        return None
    found = names.resources.get(slug)
    if found is None or (found.state == "draft" and not may_own(actor, found.organisation_id, found.kind)):
        raise NotFound("resource")
    if field == "dataset" and found.kind != "dataset":
        raise Invalid("dataset", "%(resource)s is no dataset.", {"resource": found.slug})
    if not found.needs_booking:
        raise Invalid(
            field, "%(resource)s needs no booking: it is open to everyone.", {"resource": found.slug}
        )  # fmt: skip
    return found.id


def _created(entry: Entry, now: datetime) -> Response:
    return created(_shape(entry, now), "api.waitlist.read", entry_id=str(entry.id))


def _shape(entry: Entry, now: datetime) -> EntryShape:
    known = questions.standings(reading().connection(), [entry], now)
    return EntryShape.of(entry, _places(known.get(entry.id, ())))


def _places(known: Iterable[questions.Standing]) -> list[PlaceShape]:
    return [PlaceShape.of(one, say(one.place.why)) for one in known]
