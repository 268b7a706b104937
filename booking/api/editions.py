"""Calls on editions of scenario lists: announce one, read it with what changed, and begin an entry of it."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.entries import differences
from booking.http.actor import asking, current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries import editions as questions
from booking.queries.scenarios import entries_of, published_entries
from booking.schemas.base import Page
from booking.schemas.editions import EditionShape, ListShape, NewEditionBody
from booking.schemas.scenarios import NewEntryBody, ScenarioShape
from booking.services.editions import announce_edition
from booking.services.scenarios import draft_entry

bp = Blueprint("editions", __name__, url_prefix="/editions")


@bp.get("")
@call(query=Page, lists=EditionShape, public=True)
def index(query: Page) -> Response:
    """The editions of the scenario lists, the newest first."""
    after = query.after(int)
    found = questions.editions(reading(), before=after[0] if after else None, limit=query.limit + 1)
    return listed(found, query, shape=EditionShape.of, key=lambda one: [one.number])


@bp.post("")
@call(body=NewEditionBody, gives={201: EditionShape}, fails=(403, 409))
def create(body: NewEditionBody) -> Response:
    """Announce the next edition, as an administrator: its times, and how its applications are decided."""
    made = announce_edition(body.edition(), actor=current_actor(), now=clock.now())
    return created(EditionShape.of(made), "api.editions.read", number=str(made.number))


@bp.get("/<number>")
@call(gives={200: ListShape}, fails=(401, 404), public=True)
def read(number: str) -> Response:
    """One edition: its entries, and what changed since the one before.

    Entries that are not published yet are there for their owners and for reviewers.
    """
    now = clock.now()
    edition = questions.find_edition(reading(), parse_id(number, "scenario list"))
    entries = entries_of(reading(), edition.id, actor=asking(), now=now)
    public = [one.listed for one in entries if one.is_public(now)]
    before = [one.listed for one in published_entries(reading(), edition.number - 1, now)]
    return show(ListShape.of(edition, entries, differences(before, public)))


@bp.post("/<number>/entries")
@call(body=NewEntryBody, gives={201: ScenarioShape}, fails=(403, 404, 409))
def create_entry(number: str, body: NewEntryBody) -> Response:
    """Begin an entry, as a scenario owner of its organisation; it is a draft until it is handed in."""
    named = parse_id(number, "scenario list")
    made = draft_entry(named, body.entry(), actor=current_actor(), now=clock.now())
    return created(ScenarioShape.of(made), "api.scenarios.read", scenario_id=made.slug)
