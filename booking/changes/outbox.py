"""Writes to the outbox, in the transaction that they tell of."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update
from sqlalchemy.orm import Session

from booking.domain.outbox import Item, ItemState, Verdict, kept_payload
from booking.models.outbox import OutboxItem

LONGEST_ERROR = 2_000

_INSERT = insert(OutboxItem).inline()
_ITEM = update(OutboxItem).execution_options(synchronize_session=False)

Row = dict[str, Any]


def tell(
    session: Session,
    *,
    destination: str,
    subject: str,
    event: str,
    payload: Mapping[str, Any],
    now: datetime,
    booking_id: int | None = None,
) -> None:
    """Have one destination told of one event; it leaves if, and as soon as, the transaction commits."""
    tell_all(session.connection(), [row(destination, subject, event, payload, now=now, booking_id=booking_id)])


def tell_all(connection: Connection, rows: Sequence[Row]) -> None:
    """Have many things told by one statement; `row` makes each of them."""
    if rows:
        connection.execute(_INSERT, rows)


def row(
    destination: str,
    subject: str,
    event: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    booking_id: int | None = None,
    stable_id: str = "",
) -> Row:
    """What `tell_all` takes: due at once, with an identity of its own unless one is given."""
    return {
        "stable_id": stable_id or str(uuid.uuid4()),
        "destination": destination,
        "subject": subject,
        "event": event,
        "booking_id": booking_id,
        "payload": dict(payload),
        "state": ItemState.WAITING.value,
        "created_at": now,
        "due_at": now,
        "attempts": 0,
    }


def lease(session: Session, item: Item, until: datetime) -> Item:
    """Keep a locked item for one worker until then; answers the item with its lease."""
    session.execute(_ITEM.where(OutboxItem.id == item.id).values(leased_until=until))
    return replace(item, leased_until=until)


def record_addressed(session: Session, items: Sequence[Item], now: datetime) -> None:
    """Locked notices have become mail for each of their readers."""
    session.execute(
        _ITEM.where(OutboxItem.id.in_([item.id for item in items])).values(
            state=ItemState.DELIVERED.value, delivered_at=now, attempts=OutboxItem.attempts + 1
        )
    )


def record_delivery(session: Session, item: Item, now: datetime, remark: str | None = None) -> None:
    """The item has reached its destination, which is true whoever holds its lease by now."""
    session.execute(
        _ITEM.where(OutboxItem.id == item.id, OutboxItem.state != ItemState.DELIVERED).values(
            state=ItemState.DELIVERED.value,
            delivered_at=now,
            leased_until=None,
            attempts=OutboxItem.attempts + 1,
            payload=dict(kept_payload(item.event, item.payload)),
            last_error=remark,
        )
    )


def record_failure(session: Session, item: Item, follows: Verdict, error: str) -> None:
    """The item has not reached its destination; nothing is written where the lease has passed to somebody else."""
    session.execute(
        _ITEM.where(
            OutboxItem.id == item.id,
            OutboxItem.state == ItemState.WAITING.value,
            OutboxItem.leased_until == item.leased_until,
        ).values(
            state=follows.state.value,
            due_at=follows.due_at,
            leased_until=None,
            attempts=OutboxItem.attempts + 1,
            last_error=error[:LONGEST_ERROR],
        )
    )
