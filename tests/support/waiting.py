"""What tests of the wait list do again and again: fill a pool, wait for it, and look at what became of that."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from booking.db import db
from booking.domain.bookings import Booking
from booking.domain.permissions import Actor
from booking.domain.waitlist import Entry, Wish
from booking.models.resources import Resource
from booking.queries import waitlist as questions
from booking.services.bookings import request_booking
from booking.services.waitlist import join_waitlist
from tests.support.lives import NOW, at, found, window
from tests.support.world import World

HOURS = 3600


def wish(world: World, units: int = 8, hours: float = 2, span: tuple[float, float] = (24, 26), **more: Any) -> Wish:
    """Units of the pool for the team, inside hours counted from NOW, unless it says otherwise."""
    longest = more.pop("most_hours", hours)
    usual: dict[str, Any] = {"team_id": world.team, "resource_id": world.pool, "purpose": "training"}
    if "gpu_model" in more:
        usual["resource_id"] = None
    lengths = {"min_seconds": int(hours * HOURS), "max_seconds": int(longest * HOURS)}
    return Wish(units=units, span=window(*span), **{**usual, **lengths, **more})


def join(
    world: World, units: int = 8, hours: float = 2, span: tuple[float, float] = (24, 26), *, now: datetime = NOW,
    by: Actor | None = None, **more: Any,
) -> Entry:  # fmt: skip
    """The entry of such a wish, joined by the team's lead, or by the rival for the rival's team."""
    wanted = wish(world, units, hours, span, **more)
    who = by or (world.rival if wanted.team_id == world.rival_team else world.lead)
    return join_waitlist(wanted, actor=who, now=now)


def take(
    world: World, start: float = 24, end: float = 26, units: int = 8, *, rival: bool = False, now: datetime = NOW
) -> Booking:
    """A booking of the pool that leaves so much less for others."""
    who, team = (world.rival, world.rival_team) if rival else (world.lead, world.team)
    return request_booking(world.order(window(start, end), units, team=team), actor=who, now=now)


def entry(entry_id: int) -> Entry:
    """An entry as it stands."""
    with db.engine.connect() as connection:
        return questions.find_entry(connection, entry_id)


def offer_of(entry_id: int) -> Booking:
    """The booking that an entry is offered, or became."""
    booking_id = entry(entry_id).booking_id
    assert booking_id is not None, "there is no offer"
    return found(booking_id)


def owes_look(resource_id: int) -> bool:
    """Whether a resource is marked."""
    return bool(db.session.scalar(select(Resource.owes_look).where(Resource.id == resource_id)))


__all__ = ["at", "entry", "join", "offer_of", "owes_look", "take", "window", "wish"]
