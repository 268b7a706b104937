"""Questions of the public catalogue: what can be booked where, one page at a time."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from booking.models.facilities import Facility
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow

PUBLISHED = "published"

# What queries/capacity.py needs to know of a resource, and what a line of the catalogue shows.
LINE = (
    Resource.id,
    Resource.kind,
    Resource.name,
    Resource.slug,
    Resource.gpu_model,
    Resource.gpu_memory_gib,
    Resource.seats,
    Resource.access,
    Resource.licence,
    Resource.grid_minutes,
    Resource.policy,
    Resource.offer_version,
)
PLACE = (
    Facility.name.label("facility_name"),
    Facility.slug.label("facility"),
    Facility.region,
    Facility.place,
    Facility.timezone,
)
OWNER = (Organisation.name.label("owner_name"), Organisation.slug.label("owner"))


def pools_by_facility(
    session: Session, *, q: str = "", region: str = "", gpu_model: str = "", limit: int, offset: int = 0
) -> Sequence[AnyRow]:
    """Facilities by name, a row for each of their published pools; a facility without any has one row without a pool.

    `q` is looked for in the names of facilities and pools, the place and the GPU model.
    """
    its_pools = and_(Resource.facility_id == Facility.id, Resource.kind == "pool", Resource.state == PUBLISHED)
    wanted = select(*LINE, *PLACE).select_from(Facility).outerjoin(Resource, its_pools)
    if q:
        columns = (Facility.name, Facility.slug, Facility.place, Resource.name, Resource.slug, Resource.gpu_model)
        wanted = wanted.where(_any_contains(columns, q))
    if region:
        wanted = wanted.where(Facility.region == region)
    if gpu_model:
        wanted = wanted.where(Resource.gpu_model == gpu_model)
    ordered = wanted.order_by(Facility.name, Facility.id, Resource.name, Resource.id)
    return session.execute(ordered.limit(limit).offset(offset)).all()


def datasets(session: Session, *, q: str = "", region: str = "", limit: int, offset: int = 0) -> Sequence[AnyRow]:
    """Published datasets by name; `q` is looked for in name, licence and description."""
    wanted = _datasets().where(Resource.state == PUBLISHED)
    if q:
        wanted = wanted.where(_any_contains((Resource.name, Resource.slug, Resource.licence, Resource.description), q))
    if region:
        wanted = wanted.where(func.coalesce(Facility.region, Organisation.region) == region)
    return session.execute(wanted.order_by(Resource.name, Resource.id).limit(limit).offset(offset)).all()


def regions(session: Session) -> list[str]:
    """Every region that has a facility or an organisation with a dataset."""
    owners = select(Organisation.region).join(Resource, Resource.organisation_id == Organisation.id)
    return sorted(session.scalars(select(Facility.region).union(owners.where(Resource.kind == "dataset"))))


def gpu_models(session: Session) -> list[str]:
    """Every GPU model of a published pool."""
    models = select(Resource.gpu_model).where(Resource.kind == "pool", Resource.state == PUBLISHED).distinct()
    return sorted(model for model in session.scalars(models) if model)


def resources_of_facility(session: Session, facility_id: int) -> Sequence[AnyRow]:
    """The published pools and datasets of a facility, by name."""
    wanted = select(*LINE).where(Resource.facility_id == facility_id, Resource.state == PUBLISHED)
    return session.execute(wanted.order_by(Resource.name, Resource.id)).all()


def described(session: Session, resource_id: int) -> Mapping[str, Any] | None:
    """The Croissant description that a dataset was imported from, whole; None where it was not."""
    return session.scalar(select(Resource.croissant).where(Resource.id == resource_id))


def bookable(session: Session, more: Collection[int] = ()) -> list[AnyRow]:
    """Every published pool, every published dataset whose seats are booked, and those of the ids `more`.

    By the name of the facility, or of the owner where there is none, then by their own.
    """
    booked = and_(Resource.state == PUBLISHED, or_(Resource.kind == "pool", Resource.seats.is_not(None)))
    rows = session.execute(_placed(select(*LINE, *PLACE, *OWNER)).where(or_(booked, Resource.id.in_(more)))).all()
    return sorted(rows, key=lambda row: (row.facility_name or row.owner_name, row.name, row.id))


def _datasets() -> Select[*tuple[object, ...]]:
    return _placed(select(*LINE, Resource.description, *PLACE, *OWNER)).where(Resource.kind == "dataset")


def _placed(wanted: Select[*tuple[object, ...]]) -> Select[*tuple[object, ...]]:
    joined = wanted.select_from(Resource).outerjoin(Facility, Facility.id == Resource.facility_id)
    return joined.join(Organisation, Organisation.id == Resource.organisation_id)


def _any_contains(columns: Sequence[InstrumentedAttribute[Any]], q: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(q, autoescape=True) for column in columns))
