"""Questions about resources: their rows under lock, and what each is around a window."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from booking.domain.additions import Block
from booking.domain.capacity import Steps
from booking.domain.orders import Resource
from booking.domain.policies import Policy
from booking.models.resources import Resource as ResourceRow
from booking.models.rows import AnyRow
from booking.models.waitlist import WaitlistEntry
from booking.queries import capacity

COLUMNS = (
    ResourceRow.id,
    ResourceRow.kind,
    ResourceRow.name,
    ResourceRow.slug,
    ResourceRow.state,
    ResourceRow.organisation_id,
    ResourceRow.facility_id,
    ResourceRow.grid_minutes,
    ResourceRow.policy,
    ResourceRow.seats,
    ResourceRow.access,
    ResourceRow.sensitivity,
    ResourceRow.deletion_days,
    ResourceRow.offer_version,
)
READ = select(*COLUMNS).where(ResourceRow.id.in_(bindparam("ids", expanding=True))).order_by(ResourceRow.id)
OWES_LOOK = or_(
    ResourceRow.owes_look,
    exists().where(
        WaitlistEntry.owes_look,
        or_(
            WaitlistEntry.resource_id == ResourceRow.id,
            WaitlistEntry.gpu_model == ResourceRow.gpu_model,
            WaitlistEntry.dataset_id == ResourceRow.id,
        ),
    ),
).label("owes_look")
"""Whether those who wait for it are to be looked at first: units were freed, or one of their teams got quota."""

LOCK = READ.add_columns(OWES_LOOK).with_for_update()


def lock_resources(connection: Connection, ids: Iterable[int]) -> Sequence[AnyRow]:
    """Lock resources in the order of their ids, always before any grant.

    A statement of its own: what is read together with the lock would be from before the wait. What their own rows
    hold is from after it, and says among other things whether they owe the wait list a look.
    """
    return connection.execute(LOCK, {"ids": sorted(set(ids))}).all()


def keep_resource(connection: Connection, resource_id: int) -> None:
    """Wait for who has locked a resource, and let nobody else lock it, as every row does that is to refer to it.

    Whoever writes such a row under the lock of a booking asks for this first: resources come before bookings.
    """
    kept = select(ResourceRow.id).where(ResourceRow.id == resource_id)
    connection.execute(kept.with_for_update(read=True, key_share=True))


def read_resources(connection: Connection, ids: Iterable[int]) -> Sequence[AnyRow]:
    """The same rows without a lock, for a preview."""
    return connection.execute(READ, {"ids": sorted(set(ids))}).all()


def resources_holding(connection: Connection, rows: Sequence[AnyRow], held: Mapping[int, Steps]) -> dict[int, Resource]:
    """Each resource with its policy, its offer, and what is held of it as far as that was read."""
    offers = capacity.offers(connection, rows)
    return {
        row.id: Resource(
            id=row.id,
            kind=row.kind,
            name=row.name,
            slug=row.slug,
            state=row.state,
            organisation_id=row.organisation_id,
            facility_id=row.facility_id,
            grid_minutes=row.grid_minutes,
            policy=offers[row.id].policy,
            offer=offers[row.id].steps,
            closures=offers[row.id].closures,
            held=held[row.id],
            access=row.access,
        )
        for row in rows
    }


def without_own(resources: Mapping[int, Resource], occupied: Iterable[Block]) -> dict[int, Resource]:
    """The resources as they would be without the blocks that a booking holds itself."""
    left = dict(resources)
    for block in occupied:
        if block.resource_id in left:
            own = Steps.total([(block.window.start, block.window.end, block.units)])
            left[block.resource_id] = replace(left[block.resource_id], held=left[block.resource_id].held.minus(own))
    return left


def published_resources(session: Session, kind: str) -> Sequence[ResourceRow]:
    """All published resources of a kind, by slug."""
    rows = session.scalars(select(ResourceRow).where(ResourceRow.kind == kind, ResourceRow.state == "published"))
    return sorted(rows, key=lambda row: row.slug)


def policy_of(row: ResourceRow) -> Policy:
    """The policy stored with a resource."""
    return Policy.read(row.policy)


def owners(session: Session, ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """The owning organisation and the kind of each resource."""
    rows = session.execute(
        select(ResourceRow.id, ResourceRow.organisation_id, ResourceRow.kind).where(ResourceRow.id.in_(ids))
    )
    return {row.id: (row.organisation_id, row.kind) for row in rows}
