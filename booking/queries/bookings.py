"""Questions about bookings: one whole, many at a time, and what is due."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, bindparam, literal_column, select, union_all

from booking.domain.bookings import BookedClaim, Booking, Move
from booking.domain.change_requests import ChangeRequest, RequestState
from booking.domain.errors import NotFound
from booking.domain.ledger import Terms
from booking.domain.lifecycle import State
from booking.domain.policies import Charge
from booking.domain.windows import Window
from booking.models.bookings import Booking as BookingRow
from booking.models.bookings import Claim as ClaimRow
from booking.models.bookings import History
from booking.models.change_requests import ChangeRequest as RequestRow
from booking.models.change_requests import ChangeRequestClaim as RequestedClaim
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.models.users import User
from booking.queries import change_requests

BOOKINGS = select(
    BookingRow.id,
    BookingRow.team_id,
    Team.slug.label("team"),
    BookingRow.state,
    BookingRow.starts_at,
    BookingRow.ends_at,
    BookingRow.purpose,
    BookingRow.hold_until,
    BookingRow.check_in_from,
    BookingRow.check_in_until,
    BookingRow.checked_in_at,
    BookingRow.ended_at,
    BookingRow.version,
    BookingRow.unit_seconds,
    BookingRow.created_at,
    BookingRow.created_by,
    BookingRow.series_id,
    BookingRow.occurrence,
    BookingRow.apart_since,
    BookingRow.counter_of,
).join(Team, Team.id == BookingRow.team_id)
# The open request of most bookings is none, which costs no statement to know.
ASKING = BOOKINGS.add_columns(RequestRow.id.label("request_id")).outerjoin(
    RequestRow, (RequestRow.booking_id == BookingRow.id) & (RequestRow.state == literal_column("'open'"))
)
BY_IDS = ASKING.where(BookingRow.id.in_(bindparam("ids", expanding=True)))
LOCK = select(BookingRow.id).where(BookingRow.id == bindparam("id")).with_for_update()
LOCK_MANY = (
    select(BookingRow.id)
    .where(BookingRow.id.in_(bindparam("ids", expanding=True)))
    .order_by(BookingRow.id)
    .with_for_update()
)
TEAMS = select(BookingRow.team_id).where(BookingRow.id.in_(bindparam("ids", expanding=True)))
CLAIMS = (
    select(
        ClaimRow,
        Resource.slug,
        Resource.kind,
        Resource.organisation_id,
        Resource.grid_minutes,
    )
    .join(Resource, Resource.id == ClaimRow.resource_id)
    .where(ClaimRow.booking_id.in_(bindparam("ids", expanding=True)))
    .order_by(ClaimRow.booking_id, ClaimRow.resource_id)
)
HISTORY = (
    select(History.booking_id, History.at, History.from_state, History.to_state, History.by, History.reason)
    .where(History.booking_id.in_(bindparam("ids", expanding=True)))
    .order_by(History.id)
)
TOUCHED = union_all(
    select(BookingRow.team_id, ClaimRow.resource_id)
    .join(ClaimRow, ClaimRow.booking_id == BookingRow.id)
    .where(BookingRow.id == bindparam("id")),
    select(BookingRow.team_id, RequestedClaim.resource_id)
    .join(RequestRow, RequestRow.booking_id == BookingRow.id)
    .join(RequestedClaim, RequestedClaim.change_request_id == RequestRow.id)
    .where(BookingRow.id == bindparam("id"), RequestRow.state == RequestState.OPEN),
)


def find_booking(connection: Connection, booking_id: int) -> Booking:
    """One booking whole; NotFound where there is none."""
    found = bookings_by_ids(connection, [booking_id])
    if not found:
        raise NotFound("booking")
    return found[0]


def lock_booking(connection: Connection, booking_id: int) -> Booking:
    """One booking whole and locked, always after its resources and its team's grants."""
    connection.execute(LOCK, {"id": booking_id})
    return find_booking(connection, booking_id)


def touched_by(connection: Connection, booking_id: int) -> tuple[int, frozenset[int]]:
    """The team and the resources of a booking and of its open change request, read without a lock, to know what to
    lock."""
    rows = connection.execute(TOUCHED, {"id": booking_id}).all()
    if not rows:
        raise NotFound("booking")
    return rows[0].team_id, frozenset(row.resource_id for row in rows)


def lock_bookings(connection: Connection, ids: Iterable[int], *, history: bool = True) -> list[Booking]:
    """Bookings whole and locked in the order of their ids, always after their resources and the team's grants."""
    ids = sorted(ids)
    connection.execute(LOCK_MANY, {"ids": ids})
    return bookings_by_ids(connection, ids, history=history)


def teams_of(connection: Connection, ids: Sequence[int]) -> set[int]:
    """The teams of some bookings, which they never leave."""
    return {row.team_id for row in connection.execute(TEAMS, {"ids": ids})}


def bookings_by_ids(connection: Connection, ids: Sequence[int], *, history: bool = True) -> list[Booking]:
    """Bookings whole, in the order of `ids`; unknown ids are left out."""
    rows = {row.id: row for row in connection.execute(BY_IDS, {"ids": ids})}
    claims: defaultdict[int, list[AnyRow]] = defaultdict(list)
    for row in connection.execute(CLAIMS, {"ids": list(rows)}) if rows else ():
        claims[row.booking_id].append(row)
    moves: defaultdict[int, list[Move]] = defaultdict(list)
    for past in connection.execute(HISTORY, {"ids": list(rows)}) if rows and history else ():
        before = State(past.from_state) if past.from_state else None
        moves[past.booking_id].append(Move(past.at, before, State(past.to_state), past.by, past.reason))
    asking = [row.id for row in rows.values() if row.request_id is not None]
    requests = change_requests.open_of_bookings(connection, asking) if asking else {}
    return [_booking(rows[found], claims[found], moves[found], requests.get(found)) for found in ids if found in rows]


def _booking(row: AnyRow, claims: Iterable[AnyRow], moves: Iterable[Move], request: ChangeRequest | None) -> Booking:
    window = Window(row.starts_at, row.ends_at)
    return Booking(
        id=row.id,
        team_id=row.team_id,
        team=row.team,
        state=State(row.state),
        window=window,
        claims=tuple(_claim(claim, window) for claim in claims),
        purpose=row.purpose,
        unit_seconds=row.unit_seconds,
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
        hold_until=row.hold_until,
        check_in_from=row.check_in_from,
        check_in_until=row.check_in_until,
        checked_in_at=row.checked_in_at,
        ended_at=row.ended_at,
        series_id=row.series_id,
        occurrence=row.occurrence,
        apart_since=row.apart_since,
        history=tuple(moves),
        change_request=request,
        counter_of=row.counter_of,
    )


def _claim(row: AnyRow, window: Window) -> BookedClaim:
    return BookedClaim(
        resource_id=row.resource_id,
        resource=row.slug,
        kind=row.kind,
        organisation_id=row.organisation_id,
        grid_minutes=row.grid_minutes,
        units=row.units,
        terms=Terms(
            units=row.units,
            window=window,
            weight_percent=row.weight_percent,
            cancel_cutoff_minutes=row.cancel_cutoff_minutes,
            late_cancel_percent=row.late_cancel_percent,
            charge=Charge(row.charge),
            min_charge_percent=row.min_charge_percent,
        ),
        approval=row.approval,
        occupied=Window(row.starts_at, row.ends_at) if row.starts_at < row.ends_at else None,
        measured_unit_seconds=row.measured_unit_seconds,
        least_units=row.least_units,
    )


DUE: dict[str, Select[int]] = {
    "start": select(BookingRow.id)
    .where(BookingRow.state == State.CONFIRMED, BookingRow.starts_at <= bindparam("now"))
    .where(BookingRow.check_in_until.is_(None) | BookingRow.checked_in_at.is_not(None))
    .order_by(BookingRow.starts_at, BookingRow.id),
    "complete": select(BookingRow.id)
    .where(BookingRow.state == State.ACTIVE, BookingRow.ends_at <= bindparam("now"))
    .order_by(BookingRow.ends_at, BookingRow.id),
    "expire": select(BookingRow.id)
    .where(
        BookingRow.state.in_((State.PENDING, State.OFFERED)),
        BookingRow.hold_until <= bindparam("now"),
    )
    .order_by(BookingRow.hold_until, BookingRow.id),
    "no_show": select(BookingRow.id)
    .where(BookingRow.state == State.CONFIRMED, BookingRow.check_in_until <= bindparam("now"))
    .where(BookingRow.checked_in_at.is_(None))
    .order_by(BookingRow.check_in_until, BookingRow.id),
    "remind": select(BookingRow.id)
    .where(BookingRow.state == State.CONFIRMED, BookingRow.starts_at <= bindparam("soon"))
    .where(BookingRow.starts_at > bindparam("now"), BookingRow.reminded_at.is_(None))
    .order_by(BookingRow.starts_at, BookingRow.id),
}
"""The candidates of each scheduler job, in the order in which they fell due."""


def due(connection: Connection, what: str, moments: Mapping[str, datetime], *, limit: int, skip: int = 0) -> list[int]:
    """The ids of bookings for which something is due, the first ones after `skip`, read without locks."""
    return list(connection.scalars(DUE[what].limit(limit).offset(skip), dict(moments)))


IN_THE_WAY = {
    what: DUE[what]
    .join(ClaimRow, ClaimRow.booking_id == BookingRow.id)
    .where(
        ClaimRow.resource_id.in_(bindparam("resource_ids", expanding=True))
        | (BookingRow.team_id == bindparam("team_id"))
    )
    .limit(1000)
    for what in ("expire", "no_show")
}


def standing_in_the_way(
    connection: Connection, team_id: int, resource_ids: Iterable[int], now: datetime
) -> list[tuple[str, int]]:
    """What is due and would free units of some resources, or quota of a team: lapsed holds, no-shows, requests."""
    claimed = sorted(set(resource_ids))
    asked = {"now": now, "team_id": team_id, "resource_ids": claimed}
    found = [
        (what, booking_id)
        for what, candidates in IN_THE_WAY.items()
        for booking_id in dict.fromkeys(connection.scalars(candidates, asked))
    ]
    lapsed = change_requests.in_the_way(connection, team_id, claimed, now)
    return [*found, *(("expire_request", booking_id) for booking_id in lapsed)]


def no_shows_since(connection: Connection, team_id: int, since: datetime) -> dict[int, Window]:
    """The bookings of a team that nobody came to since an instant, each with the time in which to check in."""
    missed = select(BookingRow.id, BookingRow.check_in_from, BookingRow.check_in_until).where(
        BookingRow.team_id == team_id, BookingRow.state == State.NO_SHOW, BookingRow.ended_at > since
    )
    # A policy may give no grace at all: then the time to check in is one instant, which is a window too.
    return {
        row.id: Window(row.check_in_from, row.check_in_until + timedelta.resolution)
        for row in connection.execute(missed)
    }


def email_of(connection: Connection, user_id: int) -> str:
    """The address of a person who acts on a booking by what they do elsewhere."""
    return connection.scalars(select(User.email).where(User.id == user_id)).one()
