"""Questions of a search: which resources could serve it, and what bookings hold of many resources at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from booking.domain.capacity import Steps
from booking.domain.windows import Window
from booking.models.capacity import HeldStep
from booking.models.facilities import Facility
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.queries.availability import HELD_AT

HELD_WITHIN = (
    select(HeldStep.resource_id, HeldStep.at, HeldStep.held)
    .where(
        HeldStep.resource_id.in_(bindparam("ids", expanding=True)),
        HeldStep.at > bindparam("since"),
        HeldStep.at <= bindparam("until"),
    )
    .order_by(HeldStep.resource_id, HeldStep.at)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a resource must be; what is empty is not asked for."""

    kind: str = ""
    resource: str = ""
    gpu_models: Collection[str] = ()
    memory_gib: int = 0
    regions: Collection[str] = ()
    regions_denied: Collection[str] = ()
    facility: str = ""


def candidates(connection: Connection, wanted: Wanted) -> Sequence[AnyRow]:
    """Published resources that take bookings: id, slug, version, model; without a place they are in the owner's region.

    All conditions are asked anew each time, so that only what is offered and held needs a version.
    """
    chosen = select(Resource.id, Resource.slug, Resource.version, Resource.gpu_model).where(
        Resource.state == "published", (Resource.kind == "pool") | Resource.seats.is_not(None)
    )
    equals = ((Resource.kind, wanted.kind), (Resource.slug, wanted.resource), (Facility.slug, wanted.facility))
    chosen = chosen.where(*(column == value for column, value in equals if value))
    if wanted.gpu_models:
        chosen = chosen.where(Resource.gpu_model.in_(wanted.gpu_models))
    if wanted.memory_gib:
        chosen = chosen.where(Resource.gpu_memory_gib >= wanted.memory_gib)
    region = func.coalesce(Facility.region, Organisation.region)
    if wanted.regions:
        chosen = chosen.where(region.in_(wanted.regions))
    if wanted.regions_denied:
        chosen = chosen.where(region.not_in(wanted.regions_denied))
    if wanted.facility or wanted.regions or wanted.regions_denied:
        chosen = chosen.outerjoin(Facility, Facility.id == Resource.facility_id)
        chosen = chosen.join(Organisation, Organisation.id == Resource.organisation_id)
    return connection.execute(chosen).all()


def is_facility(connection: Connection, slug: str) -> bool:
    """Whether there is a facility of this slug."""
    return connection.scalar(select(Facility.id).where(Facility.slug == slug)) is not None


def is_known(connection: Connection, slug: str, kind: str = "") -> bool:
    """Whether there is a resource of this slug, and of this kind where one is named, that people may know of."""
    known = select(Resource.id).where(Resource.slug == slug, Resource.state != "draft")
    return connection.scalar(known.where(Resource.kind == kind) if kind else known) is not None


def held_within(connection: Connection, ids: Collection[int], window: Window) -> dict[int, Steps]:
    """What bookings hold of each resource from the window's start up to and including its end; two statements."""
    wanted = sorted(set(ids))
    levels: defaultdict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for row in connection.execute(HELD_AT, {"ids": wanted, "at": window.start}):
        levels[row.id].append((window.start, row.held or 0))
    within = {"ids": wanted, "since": window.start, "until": window.end}
    for row in connection.execute(HELD_WITHIN, within):
        levels[row.resource_id].append((row.at, row.held))
    return {resource_id: Steps.of(own) for resource_id, own in levels.items()}
