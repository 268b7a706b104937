"""Writes of what resources offer; every one raises the versions that guard copies of the offer."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from booking.changes.waitlist import OWES_LOOK
from booking.domain.capacity import CapacityChange, Change
from booking.models.capacity import CapacityChange as ChangeRow
from booking.models.resources import Resource

ADD = insert(ChangeRow).returning(ChangeRow.id)


def add(connection: Connection, resource_id: int, change: CapacityChange, *, by: int | None, now: datetime) -> int:
    """Publish a change of a locked resource; its id. `offer_changed` is the caller's to say."""
    row = {
        "resource_id": resource_id,
        "kind": change.kind.value,
        "units": None if change.kind is Change.CLOSED else change.units,
        "starts_at": change.start,
        "ends_at": change.end,
        "reason": change.reason,
        "created_at": now,
        "created_by": by,
    }
    return connection.execute(ADD, row).scalar_one()


def end(connection: Connection, change_id: int, ends_at: datetime) -> None:
    """Give a change of a locked resource another end. `offer_changed` is the caller's to say."""
    connection.execute(update(ChangeRow).where(ChangeRow.id == change_id).values(ends_at=ends_at))


def offer_changed(connection: Connection, resource_id: int, **columns: Any) -> None:
    """Say that a locked resource offers something else from this transaction on, and set columns along with it.

    Whoever waits for it is to be looked at again.
    Nothing may ask for its offer after this in the same transaction: what is remembered by version would be wrong.
    """
    connection.execute(
        update(Resource)
        .where(Resource.id == resource_id)
        .values(version=Resource.version + 1, offer_version=Resource.offer_version + 1, owes_look=OWES_LOOK, **columns)
    )
