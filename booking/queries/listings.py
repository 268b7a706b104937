"""Questions about listings: pools and datasets with their owners and places."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from booking.domain.errors import NotFound
from booking.domain.listings import Access, Filters, Listing, ResourceState
from booking.domain.permissions import OWNER_OF, Actor, may_administer, may_own
from booking.domain.permits import Sensitivity
from booking.domain.policies import Policy
from booking.models.facilities import Facility
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow

_region = func.coalesce(Facility.region, Organisation.region)
# All but the imported description, which can be long.
COLUMNS = (
    Resource.id,
    Resource.kind,
    Resource.slug,
    Resource.name,
    Resource.state,
    Resource.organisation_id,
    Resource.facility_id,
    Resource.description,
    Resource.how_to_use,
    Resource.grid_minutes,
    Resource.policy,
    Resource.version,
    Resource.created_at,
    Resource.gpu_model,
    Resource.gpu_memory_gib,
    Resource.seats,
    Resource.licence,
    Resource.access,
    Resource.source_url,
    Resource.source_version,
    Resource.sensitivity,
    Resource.files_root,
    Resource.files_folder,
    Resource.withdrawn_at,
    Resource.deletion_days,
)
READ = (
    select(
        *COLUMNS,
        Organisation.slug.label("organisation"),
        Organisation.name.label("organisation_name"),
        Facility.slug.label("facility"),
        Facility.name.label("facility_name"),
        Facility.timezone,
        _region.label("region"),
    )
    .join(Organisation, Organisation.id == Resource.organisation_id)
    .outerjoin(Facility, Facility.id == Resource.facility_id)
)
Rows = Select[*tuple[object, ...]]


def find_listing(session: Session, slug: str, *, actor: Actor, kind: str = "") -> Listing:
    """The pool or dataset of this slug, of one kind where it is said; NotFound too for a draft of somebody else."""
    row = session.execute(READ.where(Resource.slug == slug)).one_or_none()
    if row is None or (kind and row.kind != kind):
        raise NotFound(kind or "resource")
    listing = _listing(row)
    if listing.state is ResourceState.DRAFT and not may_own(actor, listing.organisation_id, listing.kind):
        raise NotFound(kind or "resource")
    return listing


def listing_by_id(session: Session, resource_id: int) -> Listing:
    """The pool or dataset of this id, in whatever state; NotFound where there is none."""
    row = session.execute(READ.where(Resource.id == resource_id)).one_or_none()
    if row is None:
        raise NotFound("resource")
    return _listing(row)


def listings(
    session: Session,
    kind: str,
    filters: Filters,
    *,
    actor: Actor,
    after: str | None = None,
    limit: int | None = None,
) -> Sequence[Listing]:
    """Published pools or datasets, and the actor's own drafts, in the order of their slugs, from behind `after` on."""
    wanted = READ.where(Resource.kind == kind, _visible(kind, actor))
    wanted = _filtered(wanted, kind, filters).order_by(Resource.slug).limit(limit)
    if after is not None:
        wanted = wanted.where(Resource.slug > after)
    return [_listing(row) for row in session.execute(wanted)]


def listings_of(session: Session, actor: Actor) -> Sequence[Listing]:
    """Every pool and dataset that the actor looks after, in whatever state, by kind and name."""
    own = [
        and_(Resource.kind == kind, Resource.organisation_id.in_(actor.organisations(role)))
        for kind, role in OWNER_OF.items()
    ]
    wanted = READ.where(true() if may_administer(actor) else or_(*own))
    rows = session.execute(wanted.order_by(Resource.kind.desc(), Resource.name, Resource.id))
    return [_listing(row) for row in rows]


def _visible(kind: str, actor: Actor) -> ColumnElement[bool]:
    if may_administer(actor):
        return Resource.state.in_((ResourceState.PUBLISHED, ResourceState.DRAFT))
    own = actor.organisations(OWNER_OF[kind])
    drafts = and_(Resource.state == ResourceState.DRAFT, Resource.organisation_id.in_(own))
    return or_(Resource.state == ResourceState.PUBLISHED, drafts)


def _filtered(wanted: Rows, kind: str, filters: Filters) -> Rows:
    if filters.words:
        texts = (Resource.name, Resource.slug, Resource.description, Resource.gpu_model, Resource.licence)
        wanted = wanted.where(or_(*(text.icontains(filters.words, autoescape=True) for text in texts)))
    if filters.region:
        wanted = wanted.where(_region == filters.region)
    if filters.gpu_model:
        wanted = wanted.where(_with_gpu_model(kind, filters.gpu_model))
    if filters.resource_kind and filters.resource_kind != kind:
        wanted = wanted.where(false())
    if filters.owner_kind:
        wanted = wanted.where(Organisation.kind == filters.owner_kind)
    return wanted


def _with_gpu_model(kind: str, gpu_model: str) -> ColumnElement[bool]:
    """Pools of the model, and datasets whose facility has a published pool of it."""
    if kind == "pool":
        return Resource.gpu_model == gpu_model
    pool = aliased(Resource)
    return exists().where(
        pool.facility_id == Resource.facility_id,
        pool.gpu_model == gpu_model,
        pool.state == ResourceState.PUBLISHED,
    )


def _listing(row: AnyRow) -> Listing:
    return Listing(
        id=row.id,
        kind=row.kind,
        slug=row.slug,
        name=row.name,
        state=ResourceState(row.state),
        organisation_id=row.organisation_id,
        organisation=row.organisation,
        organisation_name=row.organisation_name,
        facility_id=row.facility_id,
        facility=row.facility,
        facility_name=row.facility_name,
        region=row.region,
        timezone=row.timezone or "UTC",
        description=row.description,
        how_to_use=row.how_to_use,
        grid_minutes=row.grid_minutes,
        policy=Policy.read(row.policy),
        version=row.version,
        created_at=row.created_at,
        gpu_model=row.gpu_model,
        gpu_memory_gib=row.gpu_memory_gib,
        seats=row.seats,
        licence=row.licence,
        access=Access(row.access) if row.access else None,
        url=row.source_url,
        source_version=row.source_version,
        sensitivity=Sensitivity(row.sensitivity or Sensitivity.PUBLIC),
        files_root=row.files_root,
        files_folder=row.files_folder or "",
        withdrawn_at=row.withdrawn_at,
        deletion_days=row.deletion_days,
    )
