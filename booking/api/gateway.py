"""Calls of the gateway: the files that are open now with their addresses, and the log of who fetched them."""

from collections.abc import Sequence

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, listed
from booking.domain.errors import Forbidden, NotFound
from booking.domain.gateway import Pass
from booking.domain.permissions import may_see_booking, may_steward
from booking.http.actor import asking, current_actor
from booking.http.files import address_of, pass_for, stores
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.bookings import find_booking
from booking.queries.gateway import Logged, accesses_of, claimed_with_files
from booking.queries.listings import find_listing
from booking.schemas.base import Page
from booking.schemas.gateway import AccessShape, FileFilter, FileShape
from booking.services.gateway import Shelf, look_at_files

bp = Blueprint("gateway", __name__)


@bp.get("/bookings/<booking_id>/files")
@call(query=FileFilter, lists=FileShape, fails=(403, 404, 409))
def files(booking_id: str, query: FileFilter) -> Response:
    """The files that a running booking opens to who asks, each with an address that is good for minutes."""
    number, actor = _visible(booking_id), current_actor()
    claimed = claimed_with_files(reading().connection(), number)
    if query.dataset is not None:
        claimed = {slug: found for slug, found in claimed.items() if slug == query.dataset}
    if not claimed:
        raise NotFound("dataset")
    after = query.after(str, str)
    wanted = [(slug, pass_for(dataset_id, number, actor)) for slug, dataset_id in sorted(claimed.items())]
    return _listed_files(_shelves(wanted, after, query.limit + 1), query)


@bp.get("/datasets/<dataset_id>/files")
@call(query=Page, lists=FileShape, fails=(401, 403, 404, 409), public=True)
def open_files(dataset_id: str, query: Page) -> Response:
    """The files of a dataset that needs no booking, each with an address that is good for minutes."""
    actor = asking()
    dataset = find_listing(reading(), dataset_id, actor=actor, kind="dataset")
    given = pass_for(dataset.id, 0, actor)
    return _listed_files(_shelves([(dataset.slug, given)], query.after(str, str), query.limit + 1), query)


@bp.get("/bookings/<booking_id>/accesses")
@call(query=Page, lists=AccessShape, fails=(404,))
def booking_log(booking_id: str, query: Page) -> Response:
    """What was fetched in a booking, and what was refused, the newest first."""
    number, after = _visible(booking_id), query.after(int)
    before = after[0] if after else None
    found = accesses_of(reading().connection(), booking_id=number, before=before, limit=query.limit + 1)
    return listed(found, query, shape=_access, key=lambda one: [one.id])


@bp.get("/datasets/<dataset_id>/accesses")
@call(query=Page, lists=AccessShape, fails=(403, 404))
def dataset_log(dataset_id: str, query: Page) -> Response:
    """Who fetched what of a dataset, for its stewards, the newest first."""
    actor, after = current_actor(), query.after(int)
    dataset = find_listing(reading(), dataset_id, actor=actor, kind="dataset")
    if not may_steward(actor, dataset.organisation_id):
        raise Forbidden("Only stewards of the organisation that owns a dataset see who has fetched it.")
    before = after[0] if after else None
    found = accesses_of(reading().connection(), dataset_id=dataset.id, before=before, limit=query.limit + 1)
    return listed(found, query, shape=_access, key=lambda one: [one.id])


def _visible(booking_id: str) -> int:
    """The number of a booking that the asker may see."""
    actor = current_actor()
    booking = find_booking(reading().connection(), parse_id(booking_id, "booking"))
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")
    return booking.id


def _shelves(wanted: Sequence[tuple[str, Pass]], after: list[str] | None, limit: int) -> list[Shelf]:
    """The open files of some datasets, by slug, from behind `after` on; Forbidden where none of them is open."""
    since = after or ["", ""]
    shelves: list[Shelf] = []
    for slug, given in wanted:
        if slug < since[0] or limit <= 0:
            continue
        behind = since[1] if slug == since[0] else ""
        shelf = look_at_files(given, stores(), now=clock.now(), after=behind, limit=limit)
        limit -= len(shelf.files)
        shelves.append(shelf)
    shut = [shelf.shut for shelf in shelves if shelf.shut is not None]
    if shut and len(shut) == len(shelves):
        raise shut[0]
    return shelves


def _listed_files(shelves: Sequence[Shelf], page: Page) -> Response:
    shapes = [
        FileShape.of(
            file, shelf.entrance.stock.slug, address_of(shelf.given, file.path, external=True), shelf.given.until
        )
        for shelf in shelves
        for file in shelf.files
    ]
    return listed(shapes, page, shape=lambda shape: shape, key=lambda shape: [shape.dataset, shape.path])


def _access(line: Logged) -> AccessShape:
    return AccessShape(
        id=str(line.id),
        booking=str(line.booking_id) if line.booking_id else None,
        dataset=line.dataset,
        team=line.team,
        by=line.by,
        path=line.path,
        status=line.status,
        why=line.why,
        first_byte=line.first_byte,
        promised=line.promised,
        sent=line.sent,
        at=line.at,
        ended_at=line.ended_at,
    )
