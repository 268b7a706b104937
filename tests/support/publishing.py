"""What tests of publishing do again and again: book, cut, and look at what is free and who was displaced."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.bookings import Booking
from booking.domain.capacity_changes import NewChange, PublishedChange
from booking.domain.displacements import UNDECIDED, Resolution, Resolutions
from booking.domain.windows import Window
from booking.models.capacity import Displacement
from booking.models.grants import Grant
from booking.models.outbox import OutboxItem
from booking.queries import availability, resources
from booking.queries.bookings import find_booking
from booking.services import bookings, capacity
from booking.services.fsck import check_rules
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = Resolutions(otherwise=Resolution.LATER)


@contextmanager
def world_of(app: Flask, **fields: Any) -> Iterator[World]:
    """A world in which, whatever a test has done, every rule of the house holds in the end."""
    world = build_world(app, **fields)
    with app.app_context():
        yield world
        assert [str(finding) for finding in check_rules(NOW) if not finding.is_kept] == []


def hours(start: float, end: float) -> Window:
    """A window between two hours counted from NOW."""
    return Window(NOW + start * HOUR, NOW + end * HOUR)


def book(world: World, window: Window, units: int, **more: int) -> Booking:
    """Units of the pool for the team, confirmed by themselves."""
    return bookings.request_booking(world.order(window, units, **more), actor=world.lead, now=NOW)


def cut(world: World, units: Any, window: Window, resolutions: Resolutions = UNDECIDED, **more: Any) -> PublishedChange:
    """A capacity change of the pool by its operator; negative units are an outage."""
    new = NewChange(units, window.start, window.end, "cooling repair")
    asked = {"actor": world.operator, "now": NOW, "resolutions": resolutions, **more}
    return capacity.add_capacity(World.POOL, new, **asked)


def resolved(booking: Booking, resolution: Resolution) -> Resolutions:
    return Resolutions({booking.id: resolution})


def again(booking: Booking) -> Booking:
    """The booking as it stands now."""
    return find_booking(db.session.connection(), booking.id)


def free(resource_id: int, window: Window) -> list[tuple[float, int]]:
    """What is free of a resource, by the hours counted from NOW."""
    connection = db.session.connection()
    (row,) = resources.read_resources(connection, [resource_id])
    return [((level.at - NOW) / HOUR, level.free) for level in availability.levels_over(connection, row, window)]


def quota(grant_id: int) -> tuple[int, int]:
    """Held and charged unit-seconds of a grant."""
    held, charged = db.session.execute(select(Grant.held, Grant.charged).where(Grant.id == grant_id)).one()
    return held, charged


def displacements() -> list[tuple[int, str | None]]:
    """Who was ever displaced, and what became of it."""
    rows = db.session.execute(select(Displacement.booking_id, Displacement.resolution).order_by(Displacement.id))
    return [(row.booking_id, row.resolution) for row in rows]


def told(booking: Booking) -> list[str]:
    """The events of a booking that its readers hear of."""
    chosen = select(OutboxItem.event).where(OutboxItem.booking_id == booking.id).order_by(OutboxItem.id)
    return list(db.session.scalars(chosen))
