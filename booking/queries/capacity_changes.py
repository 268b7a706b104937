"""Questions about single capacity changes, as their owner reads them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.domain.capacity import Change
from booking.domain.capacity_changes import PublishedChange
from booking.domain.errors import NotFound
from booking.models.capacity import CapacityChange
from booking.models.rows import AnyRow

# By column: what was read before a lock was waited for must not be remembered.
READ = select(
    CapacityChange.id,
    CapacityChange.kind,
    CapacityChange.units,
    CapacityChange.starts_at,
    CapacityChange.ends_at,
    CapacityChange.reason,
    CapacityChange.created_at,
)


def changes_of(
    session: Session, resource_id: int, *, after: int | None = None, limit: int | None = None
) -> Sequence[PublishedChange]:
    """The capacity changes of a resource in the order in which they were made, from behind `after` on."""
    wanted = READ.where(CapacityChange.resource_id == resource_id).order_by(CapacityChange.id).limit(limit)
    if after is not None:
        wanted = wanted.where(CapacityChange.id > after)
    return [_change(row) for row in session.execute(wanted)]


def find_change(session: Session, resource_id: int, change_id: int) -> PublishedChange:
    """One capacity change of a resource; NotFound where it has none of this id."""
    wanted = READ.where(CapacityChange.id == change_id, CapacityChange.resource_id == resource_id)
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("capacity change")
    return _change(row)


def _change(row: AnyRow) -> PublishedChange:
    return PublishedChange(
        id=row.id,
        kind=Change(row.kind),
        units=row.units,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        created_at=row.created_at,
    )
