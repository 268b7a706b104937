"""Calls on the terms of datasets: read them, see what changed, accept them; stewards publish versions."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.errors import Forbidden, Invalid, NotFound
from booking.domain.listings import Listing
from booking.domain.permissions import may_steward
from booking.domain.terms import differences, in_force
from booking.http.actor import asking, current_actor
from booking.http.reading import reading
from booking.queries.bases import accepted_by
from booking.queries.listings import find_listing
from booking.queries.terms import acceptances, terms_of
from booking.schemas.base import Page
from booking.schemas.terms import (
    AcceptanceShape,
    DifferenceShape,
    DifferencesShape,
    NewTermsBody,
    SinceVersion,
    TermsShape,
    VersionsShape,
)
from booking.services.terms import accept_terms, publish_terms

LARGEST_NUMBER = 1_000_000

bp = Blueprint("terms", __name__)


@bp.get("/datasets/<dataset_id>/terms")
@call(gives={200: VersionsShape}, fails=(401, 404), public=True)
def index(dataset_id: str) -> Response:
    """Every version of a dataset's terms, and which of them who asks has accepted."""
    return show(VersionsShape(items=_shapes(_dataset(dataset_id))))


@bp.get("/datasets/<dataset_id>/terms/<number>")
@call(gives={200: TermsShape}, fails=(401, 404), public=True)
def read(dataset_id: str, number: str) -> Response:
    """One version."""
    return show(_numbered(_shapes(_dataset(dataset_id)), number))


@bp.post("/datasets/<dataset_id>/terms")
@call(body=NewTermsBody, gives={201: TermsShape}, fails=(403, 404))
def create(dataset_id: str, body: NewTermsBody) -> Response:
    """Publish a new version, as steward; those before it stay as they were."""
    made = publish_terms(dataset_id, body.asked(), actor=current_actor(), now=clock.now())
    shape = _numbered(_shapes(_dataset(dataset_id)), str(made.number))
    return created(shape, "api.terms.read", dataset_id=dataset_id, number=str(made.number))


@bp.post("/datasets/<dataset_id>/terms/<number>/accept")
@call(gives={200: TermsShape}, fails=(403, 404, 409))
def accept(dataset_id: str, number: str) -> Response:
    """Accept the version in force, or one that is announced."""
    accept_terms(dataset_id, _number(number), actor=current_actor(), now=clock.now())
    return show(_numbered(_shapes(_dataset(dataset_id)), number))


@bp.get("/datasets/<dataset_id>/terms/<number>/differences")
@call(query=SinceVersion, gives={200: DifferencesShape}, fails=(401, 404), public=True)
def compare(dataset_id: str, number: str, query: SinceVersion) -> Response:
    """What changed from one version to another, line by line."""
    shapes = _shapes(_dataset(dataset_id))
    after = _numbered(shapes, number)
    since = query.since if query.since is not None else after.number - 1
    if since > after.number:
        raise Invalid("since", "Say an earlier version than the one it is compared with.")
    before = _numbered(shapes, str(since)).text if since else ""
    found = [DifferenceShape.of(one) for one in differences(before, after.text)]
    return show(DifferencesShape(since=since, number=after.number, differences=found))


@bp.get("/datasets/<dataset_id>/acceptances")
@call(query=Page, lists=AcceptanceShape, fails=(403, 404))
def accepted(dataset_id: str, query: Page) -> Response:
    """Who has accepted which version, for the dataset's stewards."""
    dataset, after = _dataset(dataset_id), query.after(int, int)
    if not may_steward(current_actor(), dataset.organisation_id):
        raise Forbidden("Only stewards of the organisation that owns a dataset see who has accepted its terms.")
    key = (after[0], after[1]) if after else (0, 0)
    found = acceptances(reading().connection(), dataset.id, after=key, limit=query.limit + 1)
    return listed(found, query, shape=AcceptanceShape.of, key=lambda one: [one.number, one.user_id])


def _dataset(slug: str) -> Listing:
    return find_listing(reading(), slug, actor=asking(), kind="dataset")


def _shapes(dataset: Listing) -> list[TermsShape]:
    connection, asker = reading().connection(), asking().user_id
    versions = terms_of(connection, dataset.id)
    present = in_force(versions, clock.now())
    accepted_version = accepted_by(connection, [dataset.id], [asker]).get((asker, dataset.id), 0)
    number = present.number if present else 0
    return [TermsShape.of(one, in_force=number, accepted=accepted_version) for one in versions]


def _number(text: str) -> int:
    """The number of a version in an address; what is none names no version."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST_NUMBER)):
        raise NotFound("version of the terms")
    return int(text)


def _numbered(shapes: list[TermsShape], text: str) -> TermsShape:
    number = _number(text)
    if not 0 < number <= len(shapes):
        raise NotFound("version of the terms")
    return shapes[number - 1]
