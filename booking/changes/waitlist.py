"""Writes of the wait list: entries, their offers and ends, and the marks that say who has to be looked at again.

A mark on a resource is set under its lock, by whatever frees or offers units of it while somebody waits; a mark on an
entry under the lock of its team's grants, by whatever gives the team quota. An entry is locked after all of these.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from booking.domain.queues import Priority
from booking.domain.waitlist import STANDING, EntryState, Wish
from booking.models.grants import Grant
from booking.models.resources import Resource
from booking.models.waitlist import WaitlistEntry, WaitlistPriority

ADD = insert(WaitlistEntry).returning(WaitlistEntry.id)
IS_WAITED_FOR = exists().where(
    WaitlistEntry.state == "waiting",
    or_(
        WaitlistEntry.resource_id == Resource.id,
        WaitlistEntry.gpu_model == Resource.gpu_model,
        WaitlistEntry.dataset_id == Resource.id,
    ),
)
OWES_LOOK = or_(Resource.owes_look, IS_WAITED_FOR)
"""What the mark of a resource becomes when more of it is free than before."""

FREE = (
    update(Resource)
    .where(Resource.id == bindparam("of"))
    .values(version=Resource.version + 1, owes_look=OWES_LOOK)
)  # fmt: skip
"""Say that units of a locked resource were freed; in the one statement that says that anything changed."""

STIR = (
    update(WaitlistEntry)
    .where(
        WaitlistEntry.state == "waiting",
        WaitlistEntry.team_id.in_(select(Grant.team_id).where(Grant.id.in_(bindparam("grant_ids", expanding=True)))),
    )
    .values(owes_look=True)
)


def _prioritise(insert: type[postgresql.Insert] | type[sqlite.Insert]) -> postgresql.Insert | sqlite.Insert:
    row = insert(WaitlistPriority)
    return row.on_conflict_do_update(
        index_elements=["entry_id", "organisation_id"], set_={"priority": row.excluded.priority}
    )


PRIORITISE = {"postgresql": _prioritise(postgresql.Insert), "sqlite": _prioritise(sqlite.Insert)}


def add(connection: Connection, wish: Wish, *, by: int | None, now: datetime) -> int:
    """Put a wish on the list; its id."""
    row = {
        "team_id": wish.team_id,
        "resource_id": wish.resource_id,
        "gpu_model": wish.gpu_model or None,
        "region": wish.region or None,
        "dataset_id": wish.dataset_id,
        "units": wish.units,
        "min_seconds": wish.min_seconds,
        "max_seconds": wish.max_seconds,
        "earliest": wish.span.start,
        "latest": wish.span.end,
        "purpose": wish.purpose,
        "take_automatically": wish.take_automatically,
        "state": EntryState.WAITING.value,
        "owes_look": False,
        "created_at": now,
        "created_by": by,
        "reason": "",
    }
    return connection.execute(ADD, row).scalar_one()


def owe_look(connection: Connection, resource_ids: Iterable[int]) -> None:
    """Mark locked resources: whoever waits for them is to be looked at again."""
    connection.execute(update(Resource).where(Resource.id.in_(sorted(set(resource_ids)))).values(owes_look=True))


def forget_look(connection: Connection, resource_id: int) -> None:
    """Take the mark from a locked resource: nobody who waits can have anything of it now."""
    connection.execute(update(Resource).where(Resource.id == resource_id).values(owes_look=False))


def stir(connection: Connection, grant_ids: Iterable[int]) -> None:
    """Mark what the teams of locked grants wait for: there is more quota for it than before."""
    connection.execute(STIR, {"grant_ids": sorted(grant_ids)})


def calm(connection: Connection, entry_id: int) -> None:
    """Take the mark from a locked entry: its resources owe the look now."""
    _set(connection, entry_id, owes_look=False)


def offer(connection: Connection, entry_id: int, booking_id: int, *, taken: bool, now: datetime) -> None:
    """Note the booking that a locked entry is offered, or has become at once."""
    state = EntryState.TAKEN if taken else EntryState.OFFERED
    closed_at = now if taken else None
    _set(connection, entry_id, state=state.value, booking_id=booking_id, owes_look=False, closed_at=closed_at)


def end_turn(connection: Connection, booking_id: int, to: EntryState, *, now: datetime, reason: str = "") -> None:
    """Say of the entry that a booking was offered to, where there is one, what became of it with the offer."""
    ended: dict[str, Any] = {"state": to.value, "closed_at": now, "reason": reason}
    again = {"state": to.value, "booking_id": None}
    its_entry = (WaitlistEntry.booking_id == booking_id, WaitlistEntry.state == EntryState.OFFERED.value)
    values = again if to in STANDING else ended
    connection.execute(update(WaitlistEntry).where(*its_entry).values(**values))


def close(connection: Connection, entry_id: int, to: EntryState, *, now: datetime, reason: str) -> None:
    """End a locked entry that waits."""
    _set(connection, entry_id, state=to.value, owes_look=False, closed_at=now, reason=reason)


def prioritise(connection: Connection, entry_id: int, organisation_ids: Sequence[int], priority: Priority) -> None:
    """Give an entry its class on the resources of some organisations."""
    rows = [{"entry_id": entry_id, "organisation_id": each, "priority": priority.value} for each in organisation_ids]
    connection.execute(PRIORITISE[connection.dialect.name], rows)


def _set(connection: Connection, entry_id: int, **values: Any) -> None:
    connection.execute(update(WaitlistEntry).where(WaitlistEntry.id == entry_id).values(**values))
