"""Questions of a search: which resources could serve it, and what bookings hold of many resources at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

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


_MODEL = select(Resource.gpu_model).where(Resource.id == bindparam("pool_id")).correlate(None).scalar_subquery()
OTHER_POOLS = select(Resource.id, Resource.version, (Resource.gpu_model == _MODEL).label("is_same")).where(
    Resource.kind == "pool", Resource.state == "published", Resource.id != bindparam("pool_id")
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a resource must be; what is empty is not asked for."""

    kind: str = ""
    resource: str = ""
    gpu_models: tuple[str, ...] = ()
    memory_gib: int = 0
    regions: tuple[str, ...] = ()
    regions_denied: tuple[str, ...] = ()
    facility: str = ""


NAMES = [field.name for field in fields(Wanted)]


def candidates(connection: Connection, wanted: Wanted) -> Sequence[AnyRow]:
    """Published resources that take bookings: id, slug, version, model; without a place they are in the owner's region.

    All conditions are asked anew each time, so that only what is offered and held needs a version.
    """
    given = {name: value for name in NAMES if (value := getattr(wanted, name))}
    lists = {name: list(value) for name, value in given.items() if isinstance(value, tuple)}
    return connection.execute(_statement(frozenset(given)), given | lists).all()


@cache
def _statement(given: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """The question of `candidates` where so much is asked for; put together once, which takes longer than to ask it."""
    chosen = select(Resource.id, Resource.slug, Resource.version, Resource.gpu_model).where(
        Resource.state == "published", (Resource.kind == "pool") | Resource.seats.is_not(None)
    )
    if given & {"facility", "regions", "regions_denied"}:
        chosen = chosen.outerjoin(Facility, Facility.id == Resource.facility_id)
        chosen = chosen.join(Organisation, Organisation.id == Resource.organisation_id)
    region = func.coalesce(Facility.region, Organisation.region)
    conditions = {
        "kind": Resource.kind == bindparam("kind"),
        "resource": Resource.slug == bindparam("resource"),
        "facility": Facility.slug == bindparam("facility"),
        "gpu_models": Resource.gpu_model.in_(bindparam("gpu_models", expanding=True)),
        "memory_gib": Resource.gpu_memory_gib >= bindparam("memory_gib"),
        "regions": region.in_(bindparam("regions", expanding=True)),
        "regions_denied": region.not_in(bindparam("regions_denied", expanding=True)),
    }
    return chosen.where(*(condition for name, condition in conditions.items() if name in given))


def other_pools(connection: Connection, pool_id: int) -> tuple[dict[int, int], dict[int, int]]:
    """The version of every other published pool by id: those of the GPU model of this one, and those of another."""
    rows = connection.execute(OTHER_POOLS, {"pool_id": pool_id}).all()
    same = {row.id: row.version for row in rows if row.is_same}
    return same, {row.id: row.version for row in rows if not row.is_same}


def versions(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """The version of each resource."""
    rows = connection.execute(select(Resource.id, Resource.version).where(Resource.id.in_(ids))) if ids else ()
    return {row.id: row.version for row in rows}


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
