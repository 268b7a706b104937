"""Questions about displaced bookings."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, bindparam, select, true, union_all
from sqlalchemy.orm import Session

from booking.domain.bookings import Booking
from booking.domain.change_requests import RequestState
from booking.domain.displacements import Displaced, OpenDisplacement
from booking.domain.errors import NotFound
from booking.domain.permissions import OWNER_OF, Actor, may_administer
from booking.domain.windows import Window
from booking.models.bookings import Booking as BookingRow
from booking.models.bookings import Claim
from booking.models.capacity import Displacement
from booking.models.change_requests import ChangeRequest as RequestRow
from booking.models.change_requests import ChangeRequestClaim as RequestedClaim
from booking.models.facilities import Facility
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.queries import bookings

OPEN = (
    select(
        Displacement.id,
        Displacement.booking_id,
        Displacement.resource_id,
        Displacement.created_at,
        Claim.units,
        Claim.starts_at,
        Claim.ends_at,
        BookingRow.created_at.label("admitted_at"),
    )
    .join(
        Claim, (Claim.booking_id == Displacement.booking_id) & (Claim.resource_id == Displacement.resource_id),
        isouter=True,
    )
    .join(BookingRow, BookingRow.id == Displacement.booking_id)
    .where(Displacement.resolved_at.is_(None))
    .order_by(Displacement.id)
)  # fmt: skip
TOUCHED = union_all(
    select(BookingRow.team_id, Claim.resource_id)
    .join(Claim, Claim.booking_id == BookingRow.id)
    .where(BookingRow.id.in_(bindparam("ids", expanding=True))),
    select(BookingRow.team_id, RequestedClaim.resource_id)
    .join(RequestRow, RequestRow.booking_id == BookingRow.id)
    .join(RequestedClaim, RequestedClaim.change_request_id == RequestRow.id)
    .where(BookingRow.id.in_(bindparam("ids", expanding=True)), RequestRow.state == RequestState.OPEN),
)
LOCK = (
    select(BookingRow.id)
    .where(BookingRow.id.in_(bindparam("ids", expanding=True)))
    .order_by(BookingRow.id)
    .with_for_update()
)


def open_displacements(connection: Connection, resource_ids: Collection[int] | None = None) -> list[Displaced]:
    """The open displacements, of some resources where these are said.

    What occupies nothing any more (it ended, or claims the resource no longer) is not displaced; see `lapsed`.
    """
    return [_displaced(row) for row in _open(connection, resource_ids) if _occupies(row)]


def lapsed(connection: Connection, resource_ids: Collection[int] | None = None) -> list[int]:
    """The ids of open displacements whose booking no longer holds anything of the resource."""
    return [row.id for row in _open(connection, resource_ids) if not _occupies(row)]


def find_displacement(connection: Connection, displacement_id: int) -> AnyRow:
    """A displacement that is open (booking_id, resource_id, created_at); NotFound where it is not."""
    row = connection.execute(OPEN.where(Displacement.id == displacement_id)).one_or_none()
    if row is None:
        raise NotFound("displacement")
    return row


def open_of_booking(connection: Connection, booking_id: int) -> list[tuple[int, int]]:
    """The open displacements of a booking: id and resource."""
    rows = connection.execute(OPEN.where(Displacement.booking_id == booking_id))
    return [(row.id, row.resource_id) for row in rows]


def waiting_for_decision(
    session: Session, resource_id: int, *, after: int | None = None, limit: int | None = None
) -> Sequence[OpenDisplacement]:
    """The open displacements of a resource in the order in which they came to be, from behind `after` on."""
    return _waiting(session, Displacement.resource_id == resource_id, after=after, limit=limit)


def waiting_of_booking(session: Session, booking_id: int) -> Sequence[OpenDisplacement]:
    """The open displacements of a booking."""
    return _waiting(session, Displacement.booking_id == booking_id)


def one_waiting(session: Session, displacement_id: int) -> OpenDisplacement:
    """One open displacement; NotFound where it is none."""
    found = _waiting(session, Displacement.id == displacement_id)
    if not found:
        raise NotFound("displacement")
    return found[0]


def all_waiting(
    session: Session, actor: Actor, *, after: int | None = None, limit: int | None = None, offset: int = 0
) -> Sequence[OpenDisplacement]:
    """The open displacements of what the actor looks after, and of the actor's teams; an administrator's are all."""
    mine: ColumnElement[bool] = BookingRow.team_id.in_(actor.teams.keys())
    for kind, role in OWNER_OF.items():
        mine |= (Resource.kind == kind) & Resource.organisation_id.in_(actor.organisations(role))
    seen = true() if may_administer(actor) else mine
    return _waiting(session, seen, after=after, limit=limit, offset=offset)


def _waiting(
    session: Session,
    chosen: ColumnElement[bool],
    *,
    after: int | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Sequence[OpenDisplacement]:
    wanted = (
        select(
            Displacement.id,
            Displacement.booking_id,
            Displacement.created_at,
            Resource.slug.label("resource"),
            Resource.name.label("resource_name"),
            Resource.kind,
            Facility.timezone,
            Team.slug,
            Team.name,
            BookingRow.state,
            BookingRow.starts_at,
            BookingRow.ends_at,
            Claim.units,
        )
        .join(BookingRow, BookingRow.id == Displacement.booking_id)
        .join(Team, Team.id == BookingRow.team_id)
        .join(Claim, (Claim.booking_id == BookingRow.id) & (Claim.resource_id == Displacement.resource_id))
        .join(Resource, Resource.id == Displacement.resource_id)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .where(chosen, Displacement.resolved_at.is_(None))
        .order_by(Displacement.id)
        .limit(limit)
        .offset(offset)
    )
    if after is not None:
        wanted = wanted.where(Displacement.id > after)
    return [_open_displacement(row) for row in session.execute(wanted)]


def _open_displacement(row: AnyRow) -> OpenDisplacement:
    return OpenDisplacement(
        id=row.id,
        booking_id=row.booking_id,
        resource=row.resource,
        resource_name=row.resource_name,
        kind=row.kind,
        timezone=row.timezone or "UTC",
        team=row.slug,
        team_name=row.name,
        state=row.state,
        window=Window(row.starts_at, row.ends_at),
        units=row.units,
        since=row.created_at,
    )


def open_counts(session: Session, resource_ids: Iterable[int]) -> dict[int, int]:
    """How many bookings wait for a decision on each resource."""
    counts: defaultdict[int, int] = defaultdict(int)
    wanted = select(Displacement.resource_id).where(
        Displacement.resource_id.in_(sorted(set(resource_ids))), Displacement.resolved_at.is_(None)
    )
    for resource_id in session.scalars(wanted):
        counts[resource_id] += 1
    return dict(counts)


def touched_by_all(connection: Connection, booking_ids: Collection[int]) -> tuple[set[int], set[int]]:
    """The teams and the resources of bookings and of their open change requests, to know what to lock."""
    rows = connection.execute(TOUCHED, {"ids": sorted(booking_ids)}).all() if booking_ids else []
    return {row.team_id for row in rows}, {row.resource_id for row in rows}


def lock_bookings(connection: Connection, booking_ids: Collection[int]) -> list[Booking]:
    """Bookings whole and locked in the order of their ids, always after their resources and their teams' grants."""
    ids = sorted(booking_ids)
    if not ids:
        return []
    connection.execute(LOCK, {"ids": ids})
    return bookings.bookings_by_ids(connection, ids)


def _open(connection: Connection, resource_ids: Collection[int] | None) -> Sequence[AnyRow]:
    wanted = OPEN if resource_ids is None else OPEN.where(Displacement.resource_id.in_(sorted(resource_ids)))
    return connection.execute(wanted).all()


def _occupies(row: AnyRow) -> bool:
    return row.starts_at is not None and row.starts_at < row.ends_at


def _displaced(row: AnyRow) -> Displaced:
    return Displaced(
        id=row.id,
        booking_id=row.booking_id,
        resource_id=row.resource_id,
        occupied=Window(row.starts_at, row.ends_at),
        units=row.units,
        admitted=(row.admitted_at, row.booking_id),
        created_at=row.created_at,
    )
