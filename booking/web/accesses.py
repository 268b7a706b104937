"""Files that a booking opens, and the log of who fetched them: as pages, and as lists to take away."""

from flask import Blueprint, Response, render_template

from booking.domain.bookings import Booking
from booking.domain.errors import NotFound
from booking.domain.permissions import may_see_booking
from booking.http.actor import asking, current_actor
from booking.http.csv_answers import AT_ONCE, csv_answer, every
from booking.http.files import pass_for
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import read_in
from booking.queries.agendas import places
from booking.queries.bookings import find_booking
from booking.queries.gateway import Logged, accesses_of, claimed_with_files
from booking.queries.listings import find_listing
from booking.web.owned import owned
from booking.web.paging import asked_page
from booking.web.shelves import shelf_of

MOST_FILES = 200
COLUMNS = (
    "at",
    "booking",
    "dataset",
    "team",
    "by",
    "path",
    "status",
    "why",
    "first_byte",
    "promised",
    "sent",
    "ended_at",
)

bp = Blueprint("accesses", __name__)


@bp.get("/bookings/<booking_id>/files")
def files(booking_id):
    """The files that a running booking opens to the reader, each with its address, or why they are closed."""
    booking, actor = _visible(booking_id), current_actor()
    claimed = claimed_with_files(reading().connection(), booking.id)
    shelves = [shelf_of(pass_for(dataset_id, booking.id, actor), MOST_FILES) for dataset_id in claimed.values()]
    return render_template("accesses/files.html", booking=booking, shelves=shelves)


@bp.get("/datasets/<slug>/files")
def open_files(slug):
    """The files of a dataset that needs no booking."""
    actor = asking()
    dataset = find_listing(reading(), slug, actor=actor, kind="dataset")
    read_in(dataset.timezone)
    shelves = [shelf_of(pass_for(dataset.id, 0, actor), MOST_FILES)]
    return render_template("accesses/files.html", booking=None, dataset=dataset, shelves=shelves)


@bp.get("/bookings/<booking_id>/accesses")
def booking_log(booking_id):
    """What was fetched in a booking, and what was refused, the newest first."""
    booking = _visible(booking_id)
    return _log_page(booking=booking, booking_id=booking.id)


@bp.get("/bookings/<booking_id>/accesses.csv")
def booking_lines(booking_id):
    """The same as a list to take away."""
    booking = _visible(booking_id)
    return _lines(f"booking-{booking.id}", booking_id=booking.id)


@bp.get("/operate/datasets/<slug>/accesses")
def dataset_log(slug):
    """Who fetched what of a dataset, for its steward, the newest first."""
    dataset = owned(slug, "dataset")
    return _log_page(dataset=dataset, dataset_id=dataset.id)


@bp.get("/operate/datasets/<slug>/accesses.csv")
def dataset_lines(slug):
    """The same as a list to take away."""
    dataset = owned(slug, "dataset")
    return _lines(dataset.slug, dataset_id=dataset.id)


def _visible(booking_id: str) -> Booking:
    """A booking that the reader may see, its page read in the zone of its first place."""
    actor = current_actor()
    connection = reading().connection()
    booking = find_booking(connection, parse_id(booking_id, "booking"))
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")
    read_in(places(connection, booking.resource_ids)[booking.resource_ids[0]].timezone)
    return booking


def _log_page(booking=None, dataset=None, **whose):
    page = asked_page()
    found = accesses_of(reading().connection(), limit=page.limit, offset=page.offset, **whose)
    return render_template("accesses/log.html", page=page.of(found), booking=booking, dataset=dataset)


def _lines(name, **whose) -> Response:
    rows = every(lambda last: accesses_of(
        reading().connection(), before=last.id if last else None, limit=AT_ONCE, **whose
    ))  # fmt: skip
    return csv_answer(name, COLUMNS, map(_row, rows))


def _row(one: Logged):
    return (
        one.at, one.booking_id, one.dataset, one.team, one.by, one.path, one.status, one.why,
        one.first_byte, one.promised, one.sent, one.ended_at,
    )  # fmt: skip
