"""What the outbox holds: what is due, how much stands where, and what waits for people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from booking.domain.clusters import cluster_destination
from booking.domain.outbox import MAIL, NOTICES, Item, ItemState
from booking.models.outbox import OutboxItem

# Partial indexes answer only to their own words, so these are literals, and the wider one stands beside the narrower.
_UNDELIVERED = OutboxItem.state != literal_column("'delivered'")
_PARKED = and_(OutboxItem.state == literal_column("'parked'"), _UNDELIVERED)
_WAITING = and_(OutboxItem.state == literal_column("'waiting'"), _UNDELIVERED)

_SEEN = select(
    OutboxItem.id,
    OutboxItem.state,
    OutboxItem.destination,
    OutboxItem.subject,
    OutboxItem.event,
    OutboxItem.attempts,
    OutboxItem.created_at,
    OutboxItem.due_at,
    func.coalesce(OutboxItem.last_error, "").label("last_error"),
    func.coalesce(OutboxItem.note, "").label("note"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One item as operators see it."""

    id: int
    state: ItemState
    destination: str
    subject: str
    event: str
    attempts: int
    created_at: datetime
    due_at: datetime
    last_error: str
    note: str


def due_notices(session: Session, now: datetime, limit: int) -> list[Item]:
    """Events that are still to be addressed, the oldest first, locked; at most one of each subject."""
    chosen = _due(now).where(OutboxItem.destination == NOTICES).limit(limit)
    return [_item(row) for row in session.scalars(chosen)]


def due_mail(session: Session, now: datetime, limit: int) -> list[Item]:
    """Mail to be sent, what has been due longest first, locked; at most one item of each address and subject."""
    chosen = _due(now).where(OutboxItem.destination.startswith(MAIL)).limit(limit)
    return [_item(row) for row in session.scalars(chosen)]


def due_of(session: Session, destination: str, now: datetime, limit: int) -> list[Item]:
    """Items for one destination, what has been due longest first, locked; at most one of each subject."""
    chosen = _due(now).where(OutboxItem.destination == destination).limit(limit)
    return [_item(row) for row in session.scalars(chosen)]


def waiting_subjects(connection: Connection, cluster: str) -> set[str]:
    """What a cluster is still to be told of."""
    chosen = select(OutboxItem.subject).distinct()
    to_it = OutboxItem.destination == cluster_destination(cluster)
    return set(connection.scalars(chosen.where(to_it, OutboxItem.state != literal_column("'delivered'"))))


def oldest_waiting(session: Session) -> datetime | None:
    """Since when the item has been waiting that has waited longest."""
    return session.scalar(select(func.min(OutboxItem.created_at)).where(_WAITING))


def parked(session: Session, limit: int = 100) -> list[Seen]:
    """What waits for an operator, the oldest first."""
    chosen = _SEEN.where(_PARKED).order_by(OutboxItem.id).limit(limit)
    return [Seen(**row) for row in session.execute(chosen).mappings()]


def failing(session: Session, limit: int = 20) -> list[Seen]:
    """What has failed and will be tried again, the next one first."""
    chosen = _SEEN.where(_WAITING, OutboxItem.attempts > 0).order_by(OutboxItem.due_at, OutboxItem.id).limit(limit)
    return [Seen(**row) for row in session.execute(chosen).mappings()]


def find_item(session: Session, item_id: int) -> Seen | None:
    """One item, wherever it stands; None where there is none."""
    row = session.execute(_SEEN.where(OutboxItem.id == item_id)).mappings().one_or_none()
    return Seen(**row) if row else None


def _due(now: datetime) -> Select[OutboxItem]:
    """Waiting items whose time has come, that nobody works on, and that nothing undelivered stands before.

    What stands before an item only ever leaves, so an item found free stays free; a lock that another worker holds is
    passed over, not waited for.
    """
    earlier = aliased(OutboxItem)
    held_up = exists().where(
        earlier.destination == OutboxItem.destination,
        earlier.subject == OutboxItem.subject,
        earlier.id < OutboxItem.id,
        earlier.state != literal_column("'delivered'"),
    )
    return (
        select(OutboxItem)
        .where(
            _WAITING,
            OutboxItem.due_at <= now,
            or_(OutboxItem.leased_until.is_(None), OutboxItem.leased_until <= now),
            ~held_up,
        )
        .order_by(OutboxItem.due_at, OutboxItem.id)
        .with_for_update(of=OutboxItem, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _item(row: OutboxItem) -> Item:
    return Item(
        id=row.id,
        stable_id=row.stable_id,
        destination=row.destination,
        subject=row.subject,
        event=row.event,
        payload=row.payload,
        attempts=row.attempts,
        created_at=row.created_at,
        leased_until=row.leased_until,
        booking_id=row.booking_id,
    )
