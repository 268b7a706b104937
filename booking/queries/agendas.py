"""Questions of the pages about bookings: what a team has before it, what waits for an owner, what each thing is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from booking.domain.bookings import Booking
from booking.domain.lifecycle import State
from booking.domain.permissions import OWNER_OF, Actor, may_administer
from booking.models.bookings import Booking as BookingRow
from booking.models.bookings import Claim
from booking.models.facilities import Facility
from booking.models.grants import LedgerEntry
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.queries import change_requests
from booking.queries.bookings import bookings_by_ids


@dataclass(frozen=True, slots=True)
class Place:
    """A claimed resource by name, and the zone in which its bookings are read."""

    id: int
    kind: str
    slug: str
    name: str
    timezone: str
    facility_name: str | None
    how_to_use: str


def bookings_of_teams(
    connection: Connection,
    team_ids: Collection[int],
    states: Collection[State],
    *,
    since: datetime | None = None,
    latest_first: bool = False,
    limit: int,
    offset: int = 0,
) -> list[Booking]:
    """Bookings of some teams in some states, without their history, by their start; those that end after `since`."""
    start, number = BookingRow.starts_at, BookingRow.id
    order = (start.desc(), number.desc()) if latest_first else (start, number)
    wanted = select(BookingRow.id).where(BookingRow.team_id.in_(team_ids), BookingRow.state.in_(states))
    if since is not None:
        wanted = wanted.where(BookingRow.ends_at > since)
    ids = connection.scalars(wanted.order_by(*order).limit(limit).offset(offset))
    return bookings_by_ids(connection, list(ids), history=False)


def bookings_waiting_for(connection: Connection, actor: Actor, *, limit: int, offset: int = 0) -> list[Booking]:
    """Bookings that wait for the actor's answer, the earliest deadline first, without their history."""
    deadline = func.coalesce(BookingRow.hold_until, BookingRow.starts_at)
    wanted = select(BookingRow.id).where(_waits_for(actor)).order_by(deadline, BookingRow.id)
    return bookings_by_ids(connection, list(connection.scalars(wanted.limit(limit).offset(offset))), history=False)


def bookings_asking(connection: Connection, actor: Actor, *, limit: int) -> list[Booking]:
    """Bookings whose change request waits for the actor's answer, the earliest deadline first, without history."""
    ids = change_requests.bookings_asking(connection, looks_after(actor), limit=limit)
    return bookings_by_ids(connection, ids, history=False)


def rivals(connection: Connection, bookings: Collection[Booking], *, limit: int = 100) -> list[Booking]:
    """Bookings that wait without holding anything, of the same resources and over the same time, without history."""
    if not bookings:
        return []
    wanted = (
        select(BookingRow.id)
        .join(Claim, Claim.booking_id == BookingRow.id)
        .where(
            BookingRow.state == State.PENDING,
            Claim.starts_at == Claim.ends_at,
            Claim.resource_id.in_(sorted({each for one in bookings for each in one.resource_ids})),
            BookingRow.starts_at < max(one.window.end for one in bookings),
            BookingRow.ends_at > min(one.window.start for one in bookings),
        )
        .distinct()
        .order_by(BookingRow.id)
        .limit(limit)
    )
    return bookings_by_ids(connection, list(connection.scalars(wanted)), history=False)


def count_waiting_for(connection: Connection, actor: Actor) -> int:
    """How many bookings and change requests wait for the actor's answer."""
    asking = change_requests.count_asking(connection, looks_after(actor))
    return asking + (connection.scalar(select(func.count(BookingRow.id)).where(_waits_for(actor))) or 0)


def counter_offer_of(connection: Connection, booking_id: int) -> int | None:
    """The booking that was offered instead of one, where one was."""
    return connection.scalar(select(BookingRow.id).where(BookingRow.counter_of == booking_id))


def places(connection: Connection, resource_ids: Iterable[int]) -> dict[int, Place]:
    """The names and zones of resources, by id."""
    wanted = (
        select(
            Resource.id,
            Resource.kind,
            Resource.slug,
            Resource.name,
            Resource.how_to_use,
            Facility.timezone,
            Facility.name.label("facility_name"),
        )
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .where(Resource.id.in_(sorted(set(resource_ids))))
    )
    return {row.id: _place(row) for row in connection.execute(wanted)}


def team_names(connection: Connection, team_ids: Iterable[int]) -> dict[int, str]:
    """The names of teams, by id."""
    rows = connection.execute(select(Team.id, Team.name).where(Team.id.in_(sorted(set(team_ids)))))
    return {row.id: row.name for row in rows}


def ledger_sums(connection: Connection, booking_id: int) -> dict[int, dict[str, int]]:
    """By claimed resource, the sum of each kind of ledger entry of a booking."""
    wanted = (
        select(LedgerEntry.resource_id, LedgerEntry.kind, func.sum(LedgerEntry.unit_seconds).label("unit_seconds"))
        .where(LedgerEntry.booking_id == booking_id, LedgerEntry.resource_id.is_not(None))
        .where(LedgerEntry.change_request_id.is_(None))
        .group_by(LedgerEntry.resource_id, LedgerEntry.kind)
    )
    found: dict[int, dict[str, int]] = {}
    for row in connection.execute(wanted):
        found.setdefault(row.resource_id, {})[row.kind] = int(row.unit_seconds)
    return found


def _waits_for(actor: Actor) -> ColumnElement[bool]:
    asked = (
        select(Claim.booking_id)
        .join(Resource, Resource.id == Claim.resource_id)
        .where(Claim.booking_id == BookingRow.id, Claim.approval == "waiting", looks_after(actor))
    )
    return and_(BookingRow.state == State.PENDING, asked.exists())


def looks_after(actor: Actor) -> ColumnElement[bool]:
    """The condition of `may_decide` on a resource."""
    if may_administer(actor):
        return true()
    own = (
        and_(Resource.kind == kind, Resource.organisation_id.in_(actor.organisations(role)))
        for kind, role in OWNER_OF.items()
    )
    return or_(*own)


def _place(row: AnyRow) -> Place:
    return Place(
        id=row.id,
        kind=row.kind,
        slug=row.slug,
        name=row.name,
        timezone=row.timezone or "UTC",
        facility_name=row.facility_name,
        how_to_use=row.how_to_use,
    )
