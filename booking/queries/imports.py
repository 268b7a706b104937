"""Questions of imports: what an earlier one has made already."""

from itertools import count

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from booking.domain.capacity import CapacityChange, Change, Steps, offered
from booking.domain.croissant import Described, numbered
from booking.domain.nodes import REASON
from booking.models.capacity import CapacityChange as ChangeRow
from booking.models.facilities import Facility
from booking.models.resources import Resource


def dataset_described(
    session: Session, described: Described, organisation_id: int | None = None, *, lock: bool = False
) -> Resource | None:
    """The dataset that was made of the same source: the same address or, without one, the same name and version.

    With an organisation, one of its own.
    """
    wanted = select(Resource).where(Resource.kind == "dataset").order_by(Resource.id)
    if organisation_id is not None:
        wanted = wanted.where(Resource.organisation_id == organisation_id)
    if described.url:
        wanted = wanted.where(Resource.source_url == described.url)
    else:
        same_version = Resource.source_version.is_not_distinct_from(described.version or None)
        wanted = wanted.where(
            Resource.source_url.is_(None),
            Resource.croissant.is_not(None),
            Resource.name == described.name,
            same_version,
        )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalars(wanted.limit(1)).one_or_none()


def free_slug(session: Session, described: Described) -> str:
    """The slug that a dataset's name suggests, with a number where another resource has that."""
    slugs = (numbered(described.slug, number) for number in count(1))
    return next(slug for slug in slugs if session.scalar(select(Resource.id).where(Resource.slug == slug)) is None)


def facility_exists(connection: Connection, slug: str) -> bool:
    """Whether a facility has this slug."""
    return connection.scalar(select(Facility.id).where(Facility.slug == slug)) is not None


def listed_gpus(connection: Connection, facility: str) -> dict[str, Steps]:
    """What node lists have each pool of a facility offer, by slug; pools without a list are left out."""
    rows = connection.execute(
        select(Resource.slug, ChangeRow.kind, ChangeRow.units, ChangeRow.starts_at, ChangeRow.ends_at)
        .join(Resource, Resource.id == ChangeRow.resource_id)
        .join(Facility, Facility.id == Resource.facility_id)
        .where(Facility.slug == facility, Resource.kind == "pool", ChangeRow.reason == REASON)
        .order_by(ChangeRow.id)
    )
    changes: dict[str, list[CapacityChange]] = {}
    for row in rows:
        change = CapacityChange(Change(row.kind), row.units or 0, row.starts_at, row.ends_at)
        changes.setdefault(row.slug, []).append(change)
    return {slug: offered(own) for slug, own in sorted(changes.items())}


def pools_by_slug(connection: Connection, facility: str) -> set[str]:
    """The slugs of a facility's pools."""
    chosen = select(Resource.slug).join(Facility, Facility.id == Resource.facility_id)
    return set(connection.scalars(chosen.where(Facility.slug == facility, Resource.kind == "pool")))
