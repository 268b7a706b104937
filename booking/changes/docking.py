"""Writes of the docking board: demands with their proposals and ends, and offers. A demand is locked after its booking
and the team's grants."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from booking.domain.docking import DemandState, NewDemand, NewOffer, after_proposal
from booking.models.docking import DockingDemand, DockingOffer

ADD = insert(DockingDemand).returning(DockingDemand.id)
OFFER = insert(DockingOffer).returning(DockingOffer.id)


def add_demand(connection: Connection, asked: NewDemand, *, entry_id: int | None, by: int | None, now: datetime) -> int:
    """Put a demand on the board; its id."""
    row = {
        "team_id": asked.team_id,
        "gpu_models": list(asked.gpu_models),
        "dataset_id": asked.dataset_id,
        "units": asked.units,
        "seconds": asked.seconds,
        "earliest": asked.span.start,
        "latest": asked.span.end,
        "regions": list(asked.regions),
        "memory_gib": asked.memory_gib,
        "note": asked.note,
        "state": DemandState.OPEN.value,
        "entry_id": entry_id,
        "created_at": now,
        "created_by": by,
        "reason": "",
    }
    return connection.execute(ADD, row).scalar_one()


def match_demand(connection: Connection, demand_id: int, booking_id: int) -> None:
    """Note the booking that is proposed to a locked demand."""
    _set(connection, demand_id, state=DemandState.MATCHED.value, booking_id=booking_id)


def close_demand(connection: Connection, demand_id: int, to: DemandState, *, now: datetime, reason: str) -> None:
    """End a locked demand that is open."""
    _set(connection, demand_id, state=to.value, closed_at=now, reason=reason)


def end_proposal(connection: Connection, booking_id: int, verb: str, *, now: datetime) -> None:
    """Say of the demand that a booking was proposed to, where there is one, what became of it.

    What was taken and then not confirmed is open again too.
    """
    to = after_proposal(verb)
    again: dict[str, Any] = {"state": to.value, "booking_id": None, "closed_at": None}
    values = {"state": to.value, "closed_at": now} if to is DemandState.FULFILLED else again
    connection.execute(update(DockingDemand).where(DockingDemand.booking_id == booking_id).values(**values))


def add_offer(connection: Connection, offered: NewOffer, *, by: int, now: datetime) -> int:
    """Put an offer on the board; its id."""
    row = {
        "resource_id": offered.resource_id,
        "units": offered.units,
        "starts_at": offered.span.start,
        "ends_at": offered.span.end,
        "until": offered.until,
        "region": offered.region or None,
        "kind": offered.kind or None,
        "team_id": offered.team_id,
        "note": offered.note,
        "created_at": now,
        "created_by": by,
    }
    return connection.execute(OFFER, row).scalar_one()


def withdraw_offer(connection: Connection, offer_id: int, now: datetime) -> None:
    """Take a locked offer from the board."""
    connection.execute(update(DockingOffer).where(DockingOffer.id == offer_id).values(withdrawn_at=now))


def _set(connection: Connection, demand_id: int, **values: Any) -> None:
    connection.execute(update(DockingDemand).where(DockingDemand.id == demand_id).values(**values))
