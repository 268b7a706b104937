"""Questions of who looks after resources about today: what begins and ends, who is missing, what waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from booking.domain.bookings import Booking
from booking.domain.lifecycle import State
from booking.domain.permissions import Actor
from booking.domain.windows import Window
from booking.models.bookings import Booking as BookingRow
from booking.models.bookings import Claim
from booking.models.capacity import Displacement
from booking.models.resources import Resource
from booking.queries.agendas import looks_after
from booking.queries.bookings import bookings_by_ids

TAKES_PLACE = (State.CONFIRMED, State.ACTIVE, State.COMPLETED)


class Which(StrEnum):
    """The lists of bookings behind the numbers of a day."""

    RUNNING = "running"
    STARTS = "starts"
    ENDS = "ends"
    UNCHECKED = "unchecked"
    NO_SHOWS = "no-shows"
    DISPLACED = "displaced"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the actor's approval: how many, the oldest since when, the next to be answered until when."""

    count: int
    since: datetime | None
    until: datetime | None


def counts(connection: Connection, actor: Actor, day: Window, now: datetime) -> Mapping[Which, int]:
    """How many bookings are in each list, of those that claim what the actor looks after."""
    each = {
        which: select(func.count(BookingRow.id)).where(_in(which, actor, day, now)).scalar_subquery().label(which.name)
        for which in Which
    }
    row = connection.execute(select(*each.values())).one()
    return {which: getattr(row, which.name) for which in Which}


def bookings_in(
    connection: Connection, which: Which, actor: Actor, day: Window, now: datetime, *, limit: int, offset: int = 0
) -> list[Booking]:
    """The bookings of a list, without their history: what ends by its end, the others by their start."""
    first = BookingRow.ends_at if which is Which.ENDS else BookingRow.starts_at
    wanted = select(BookingRow.id).where(_in(which, actor, day, now)).order_by(first, BookingRow.id)
    return bookings_by_ids(connection, list(connection.scalars(wanted.limit(limit).offset(offset))), history=False)


def waiting(connection: Connection, actor: Actor) -> Waiting:
    """What waits for the actor's approval."""
    deadline = func.coalesce(BookingRow.hold_until, BookingRow.starts_at)
    wanted = select(func.count(BookingRow.id), func.min(BookingRow.created_at), func.min(deadline)).where(
        BookingRow.state == State.PENDING, _claims(actor, Claim.approval == "waiting")
    )
    count, since, until = connection.execute(wanted).one()
    return Waiting(count, since, until)


def _in(which: Which, actor: Actor, day: Window, now: datetime) -> ColumnElement[bool]:
    if which is Which.DISPLACED:
        return _displaced(actor)
    begins, ends = BookingRow.starts_at, BookingRow.ends_at
    of_the_list = {
        Which.RUNNING: or_(
            BookingRow.state == State.ACTIVE, and_(BookingRow.state == State.CONFIRMED, begins <= now, ends > now)
        ),
        Which.STARTS: and_(BookingRow.state.in_(TAKES_PLACE), begins >= day.start, begins < day.end),
        Which.ENDS: and_(BookingRow.state.in_(TAKES_PLACE), ends > day.start, ends <= day.end),
        Which.UNCHECKED: and_(
            BookingRow.state == State.CONFIRMED, begins <= now, BookingRow.check_in_until > now,
            BookingRow.checked_in_at.is_(None),
        ),
        Which.NO_SHOWS: and_(
            BookingRow.state == State.NO_SHOW, BookingRow.ended_at >= day.start, BookingRow.ended_at < day.end
        ),
    }  # fmt: skip
    return and_(of_the_list[which], _claims(actor))


def _claims(actor: Actor, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a booking claims something that the actor looks after."""
    claimed = select(Claim.booking_id).join(Resource, Resource.id == Claim.resource_id)
    return claimed.where(Claim.booking_id == BookingRow.id, looks_after(actor), *conditions).exists()


def _displaced(actor: Actor) -> ColumnElement[bool]:
    lost = select(Displacement.id).join(Resource, Resource.id == Displacement.resource_id)
    open_ones = lost.where(
        Displacement.booking_id == BookingRow.id, Displacement.resolved_at.is_(None), looks_after(actor)
    )
    return open_ones.exists()
