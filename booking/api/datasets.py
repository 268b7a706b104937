"""Calls on datasets."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.api.displacements import displaces
from booking.domain.croissant import read_croissant
from booking.domain.csv_lines import Unreadable
from booking.domain.displacements import Displaces
from booking.domain.permissions import may_own
from booking.http.actor import asking, current_actor
from booking.http.errors import invalid_fields
from booking.http.reading import reading
from booking.http.words import say
from booking.queries.listings import find_listing, listings
from booking.schemas.bookings import Answer
from booking.schemas.displacements import resolutions_of
from booking.schemas.listings import ResourceFilter
from booking.schemas.resources import DatasetChange, DatasetShape, Described, NewDataset
from booking.services.datasets import create_dataset
from booking.services.imports import import_dataset
from booking.services.resources import change_resource, withdraw_dataset

bp = Blueprint("datasets", __name__)


@bp.post("/datasets")
@call(body=NewDataset, gives={201: DatasetShape}, fails=(403, 404, 409))
def create(body: NewDataset) -> Response:
    """Publish a dataset, as steward of the organisation that owns it."""
    dataset = create_dataset(body.asked(), actor=current_actor(), now=clock.now())
    return created(DatasetShape.of(dataset, owned=True), "api.datasets.read", dataset_id=dataset.slug)


@bp.post("/imports/croissant")
@call(body=Described, gives={200: DatasetShape, 201: DatasetShape}, fails=(403, 404))
def bring(body: Described) -> Response:
    """Publish a dataset by its description in Croissant, or bring the one of the same source up to date, as steward."""
    actor = current_actor()
    try:
        described = read_croissant(body.content())
    except Unreadable as unreadable:
        wrong = (unreadable, *unreadable.others)
        return invalid_fields([(".".join(filter(None, ("croissant", each.field))), say(each)) for each in wrong])
    done = import_dataset(described, actor=actor, now=clock.now(), organisation=body.organisation)
    shape = DatasetShape.of(find_listing(reading(), done.slug, actor=actor), owned=True)
    return created(shape, "api.datasets.read", dataset_id=done.slug) if done.is_new else show(shape)


@bp.get("/datasets")
@call(query=ResourceFilter, lists=DatasetShape, fails=(401,), public=True)
def index(query: ResourceFilter) -> Response:
    """The published datasets and one's own drafts, by slug."""
    after = query.after(str)
    found = listings(
        reading(),
        "dataset",
        query.filters,
        actor=asking(),
        after=after[0] if after else None,
        limit=query.limit + 1,
    )
    return listed(found, query, shape=DatasetShape.of, key=lambda dataset: [dataset.slug])


@bp.get("/datasets/<dataset_id>")
@call(gives={200: DatasetShape}, fails=(401, 404), public=True)
def read(dataset_id: str) -> Response:
    """One dataset."""
    actor = asking()
    dataset = find_listing(reading(), dataset_id, actor=actor, kind="dataset")
    return show(DatasetShape.of(dataset, owned=may_own(actor, dataset.organisation_id, "dataset")))


@bp.patch("/datasets/<dataset_id>")
@call(body=DatasetChange, gives={200: DatasetShape}, fails=(403, 404, 409))
def change(dataset_id: str, body: DatasetChange) -> Response:
    """Say other words of a dataset, set other rules or another number of seats, as its steward.

    Fewer seats can displace bookings: 409 with `displaced`, and nothing done, where `resolution` does not name each.
    """
    actor = current_actor()
    find_listing(reading(), dataset_id, actor=actor, kind="dataset")
    resolutions = resolutions_of(body.resolution)
    try:
        changed = change_resource(dataset_id, body.given(), actor=actor, now=clock.now(), resolutions=resolutions)
    except Displaces as found:
        return displaces(found)
    return show(DatasetShape.of(changed, owned=True))


@bp.post("/datasets/<dataset_id>/withdraw")
@call(body=Answer, body_optional=True, gives={200: DatasetShape}, fails=(403, 404, 409))
def withdraw(dataset_id: str, body: Answer) -> Response:
    """Hand nothing of a dataset out any more, as its steward, from this moment on; bookings of it are revoked."""
    actor = current_actor()
    find_listing(reading(), dataset_id, actor=actor, kind="dataset")
    withdrawn = withdraw_dataset(dataset_id, actor=actor, now=clock.now(), reason=body.reason)
    return show(DatasetShape.of(withdrawn, owned=True))
