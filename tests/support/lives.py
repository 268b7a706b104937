"""What the tests of bookings' lives share: hours from one morning, what grants hold, and what is free."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from booking.db import db
from booking.domain.bookings import Booking
from booking.domain.capacity import Steps
from booking.domain.windows import Window
from booking.models.bookings import History
from booking.models.grants import Grant, LedgerEntry
from booking.models.outbox import OutboxItem
from booking.queries.bookings import find_booking
from booking.queries.capacity import held
from booking.services.bookings import request_booking
from booking.services.fsck import check_rules
from tests.support.world import World

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOURS = 3600


def at(hours: float) -> datetime:
    """So many hours after this morning at eight, which is a Monday."""
    return NOW + timedelta(hours=hours)


def window(start: float, end: float) -> Window:
    return Window(at(start), at(end))


def book(
    world: World, start: float = 24, end: float = 26, units: int = 8, *, seats: int = 0, now: datetime = NOW
) -> Booking:
    """The team's booking, requested by its lead."""
    return request_booking(world.order(window(start, end), units, seats=seats), actor=world.lead, now=now)


class Totals(NamedTuple):
    """What a grant holds and has charged, in whole hours."""

    held: float
    charged: float


def totals(grant_id: int) -> Totals:
    """As the grant says; that it agrees with its ledger is a rule that `check` asks for."""
    with db.engine.connect() as connection:
        row = connection.execute(select(Grant.held, Grant.charged).where(Grant.id == grant_id)).one()
    return Totals(row.held / HOURS, row.charged / HOURS)


def entries(booking_id: int) -> list[tuple[str, float]]:
    """The ledger of a booking: kinds and hours, oldest first."""
    asked = select(LedgerEntry.kind, LedgerEntry.unit_seconds).where(LedgerEntry.booking_id == booking_id)
    with db.engine.connect() as connection:
        return [(row.kind, row.unit_seconds / HOURS) for row in connection.execute(asked.order_by(LedgerEntry.id))]


def found(booking_id: int) -> Booking:
    """A booking as it stands."""
    with db.engine.connect() as connection:
        return find_booking(connection, booking_id)


def levels(resource_id: int, around: Window) -> Steps:
    """What bookings hold of a resource."""
    with db.engine.connect() as connection:
        return held(connection, resource_id, around)


def events(booking_id: int) -> list[str]:
    """What the outside is told of a booking, in order."""
    asked = select(OutboxItem.event).where(OutboxItem.booking_id == booking_id, OutboxItem.destination == "notices")
    with db.engine.connect() as connection:
        return list(connection.scalars(asked.order_by(OutboxItem.id)))


def check() -> None:
    """Every rule of the house holds at the last moment that anything happened."""
    with db.engine.connect() as connection:
        last = connection.scalar(select(func.max(History.at))) or NOW
    broken = [str(finding) for finding in check_rules(last) if not finding.is_kept]
    assert not broken, broken
