"""Questions of a search: which resources could serve it, and what bookings hold of many resources at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from booking.domain.capacity import Steps
from booking.domain.windows import Window
from booking.models.capacity import HeldStep
from booking.models.facilities import Facility
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.queries.availability import HELD_AT
from booking.queries.resources import COLUMNS

HELD_WITHIN = (
    select(HeldStep.resource_id, HeldStep.at, HeldStep.held)
    .where(
        HeldStep.resource_id.in_(bindparam("ids", expanding=True)),
        HeldStep.at > bindparam("since"),
        HeldStep.at <= bindparam("until"),
    )
    .order_by(HeldStep.resource_id, HeldStep.at)
)


def candidates(
    connection: Connection, *, kind: str = "", slug: str = "", gpu_model: str = "", region: str = ""
) -> Sequence[AnyRow]:
    """Published resources that take bookings, by slug; a resource without a place is in its owner's region."""
    chosen = (
        select(*COLUMNS)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .join(Organisation, Organisation.id == Resource.organisation_id)
        .where(Resource.state == "published", (Resource.kind == "pool") | Resource.seats.is_not(None))
        .order_by(Resource.slug)
    )
    if kind:
        chosen = chosen.where(Resource.kind == kind)
    if slug:
        chosen = chosen.where(Resource.slug == slug)
    if gpu_model:
        chosen = chosen.where(Resource.gpu_model == gpu_model)
    if region:
        own = Facility.region.is_(None) & (Organisation.region == region)
        chosen = chosen.where((Facility.region == region) | own)
    return connection.execute(chosen).all()


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
