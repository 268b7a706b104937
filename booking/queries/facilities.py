"""Questions about facilities."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from booking.domain.errors import NotFound
from booking.domain.facilities import Facility
from booking.domain.listings import Filters, ResourceState
from booking.models.facilities import Facility as FacilityRow
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow

READ = select(
    FacilityRow.id,
    FacilityRow.slug,
    FacilityRow.name,
    FacilityRow.organisation_id,
    Organisation.slug.label("organisation"),
    Organisation.name.label("organisation_name"),
    FacilityRow.region,
    FacilityRow.place,
    FacilityRow.timezone,
    FacilityRow.description,
).join(Organisation, Organisation.id == FacilityRow.organisation_id)


def find_facility(session: Session, slug: str) -> Facility:
    """The facility of this slug; NotFound where there is none."""
    row = session.execute(READ.where(FacilityRow.slug == slug)).one_or_none()
    if row is None:
        raise NotFound("facility")
    return _facility(row)


def facilities(
    session: Session, filters: Filters, *, after: str | None = None, limit: int | None = None
) -> Sequence[Facility]:
    """Facilities in the order of their slugs, those behind `after` first."""
    wanted = _filtered(READ, filters).order_by(FacilityRow.slug).limit(limit)
    if after is not None:
        wanted = wanted.where(FacilityRow.slug > after)
    return [_facility(row) for row in session.execute(wanted)]


def facilities_of(session: Session, organisation_ids: frozenset[int] | None) -> Sequence[Facility]:
    """The facilities of some organisations, by name; None stands for all."""
    wanted = READ if organisation_ids is None else READ.where(FacilityRow.organisation_id.in_(organisation_ids))
    return [_facility(row) for row in session.execute(wanted.order_by(FacilityRow.name, FacilityRow.id))]


def timezones(session: Session) -> list[str]:
    """The time zones of all facilities, that of most first, and UTC."""
    zone = FacilityRow.timezone
    found = session.scalars(select(zone).where(zone != "UTC").group_by(zone).order_by(func.count().desc(), zone))
    return [*found, "UTC"]


def _filtered(wanted: Select[*tuple[object, ...]], filters: Filters) -> Select[*tuple[object, ...]]:
    if filters.words:
        texts = (FacilityRow.name, FacilityRow.slug, FacilityRow.place, FacilityRow.description, Organisation.name)
        wanted = wanted.where(or_(*(text.icontains(filters.words, autoescape=True) for text in texts)))
    if filters.region:
        wanted = wanted.where(FacilityRow.region == filters.region)
    if filters.gpu_model:
        wanted = wanted.where(_has(Resource.gpu_model == filters.gpu_model))
    if filters.resource_kind:
        wanted = wanted.where(_has(Resource.kind == filters.resource_kind))
    if filters.owner_kind:
        wanted = wanted.where(Organisation.kind == filters.owner_kind)
    return wanted


def _has(what: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a facility has such a published resource."""
    return (
        select(Resource.id)
        .where(Resource.facility_id == FacilityRow.id, Resource.state == ResourceState.PUBLISHED, what)
        .exists()
    )


def _facility(row: AnyRow) -> Facility:
    return Facility(
        id=row.id,
        slug=row.slug,
        name=row.name,
        organisation_id=row.organisation_id,
        organisation=row.organisation,
        organisation_name=row.organisation_name,
        region=row.region,
        place=row.place,
        timezone=row.timezone,
        description=row.description,
    )
