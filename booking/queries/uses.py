"""Questions about what bookings have occupied, as utilisation counts it, and about what is to be summed up anew."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Select, func, select

from booking.domain.lifecycle import State
from booking.domain.utilisation import Day, LocalDay, Share, Use, came
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim, History
from booking.models.capacity import CapacityChange
from booking.models.facilities import Facility
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.utilisation import UtilisationDay, UtilisationRoll, UtilisationShare

USES = (
    select(
        Claim.resource_id,
        Claim.units,
        Claim.starts_at,
        Claim.ends_at,
        Claim.measured_unit_seconds,
        Booking.team_id,
        Booking.state,
        Booking.check_in_from,
        Booking.checked_in_at,
    )
    .join(Booking, Booking.id == Claim.booking_id)
    .where(Claim.starts_at < Claim.ends_at)
)
ROLLED = (
    select(
        Resource.id,
        Resource.seats,
        Resource.policy,
        Resource.offer_version,
        func.coalesce(Facility.timezone, "UTC").label("timezone"),
        UtilisationRoll.rolled_until,
        UtilisationRoll.offer_version.label("rolled_version"),
        UtilisationRoll.history_id,
    )
    .outerjoin(Facility, Facility.id == Resource.facility_id)
    .outerjoin(UtilisationRoll, UtilisationRoll.resource_id == Resource.id)
    .where(Resource.state != "draft")
    .order_by(Resource.id)
)


def uses_of(connection: Connection, resource_ids: Collection[int], window: Window) -> dict[int, list[Use]]:
    """By resource: what bookings occupied of it inside a window, whole."""
    if not resource_ids:
        return {}
    wanted = USES.where(
        Claim.resource_id.in_(sorted(resource_ids)), Claim.ends_at > window.start, Claim.starts_at < window.end
    )
    found: defaultdict[int, list[Use]] = defaultdict(list)
    for row in connection.execute(wanted):
        found[row.resource_id].append(_use(row))
    return dict(found)


def rolled(connection: Connection, resource_ids: Collection[int] | None = None) -> Sequence[AnyRow]:
    """Resources with their offers' versions and zones, and how far each has been summed up (None: never)."""
    wanted = ROLLED if resource_ids is None else ROLLED.where(Resource.id.in_(sorted(resource_ids)))
    return connection.execute(wanted).all()


def first_use(connection: Connection, resource_id: int) -> datetime | None:
    """When the first booking of a resource began."""
    return connection.scalar(select(func.min(Claim.starts_at)).where(Claim.resource_id == resource_id))


def first_supply(connection: Connection, resource_id: int) -> datetime | None:
    """When a resource was first offered."""
    return connection.scalar(
        select(func.min(CapacityChange.starts_at)).where(CapacityChange.resource_id == resource_id)
    )


def last_move(connection: Connection, before: datetime) -> int:
    """The last move of a booking that was made before then; 0 where there is none."""
    newest = select(History.id).where(History.at < before).order_by(History.id.desc()).limit(1)
    return connection.scalar(newest) or 0


def moved_since(connection: Connection, history_id: int, now: datetime) -> dict[int, datetime]:
    """By resource: the earliest start of the bookings that have moved since then and have begun."""
    return {row.resource_id: row.since for row in connection.execute(_moved(history_id, now))}


def _moved(history_id: int, now: datetime) -> Select[int, datetime]:
    moved = select(History.booking_id).where(History.id > history_id).distinct().scalar_subquery()
    return (
        select(Claim.resource_id, func.min(Booking.starts_at).label("since"))
        .join(Booking, Booking.id == Claim.booking_id)
        .where(Booking.id.in_(moved), Booking.starts_at < now)
        .group_by(Claim.resource_id)
    )


def rolled_days(connection: Connection, resource_id: int, since: datetime | None = None) -> list[LocalDay]:
    """The days of a resource that have been summed up, those that end after `since`, in order."""
    wanted = select(UtilisationDay.day, UtilisationDay.starts_at, UtilisationDay.ends_at)
    wanted = wanted.where(UtilisationDay.resource_id == resource_id).order_by(UtilisationDay.day)
    if since is not None:
        wanted = wanted.where(UtilisationDay.ends_at > since)
    return [LocalDay(row.day, Window(row.starts_at, row.ends_at)) for row in connection.execute(wanted)]


def kept_days(connection: Connection, resource_id: int) -> list[Day]:
    """What the days of a resource were summed up to, in order."""
    mine = select(UtilisationShare).where(UtilisationShare.resource_id == resource_id)
    shares: defaultdict[object, dict[int, Share]] = defaultdict(dict)
    for row in connection.execute(mine):
        share = Share(row.booked, row.checked_in, row.no_show, row.measured, row.measured_of)
        shares[row.day][row.team_id] = share
    wanted = select(UtilisationDay).where(UtilisationDay.resource_id == resource_id).order_by(UtilisationDay.day)
    return [
        Day(
            row.day,
            Window(row.starts_at, row.ends_at),
            tuple(row.published_hours),
            tuple(row.booked_hours),
            shares[row.day],
        )
        for row in connection.execute(wanted)
    ]


def _use(row: AnyRow) -> Use:
    state = State(row.state)
    return Use(
        team_id=row.team_id,
        window=Window(row.starts_at, row.ends_at),
        units=row.units,
        came=came(state, row.check_in_from is not None, row.checked_in_at is not None),
        no_show=state is State.NO_SHOW,
        measured=row.measured_unit_seconds,
    )
