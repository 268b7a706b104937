"""Questions about teams: who they are, who is in them, and what they use."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, bindparam, case, literal, select, union_all
from sqlalchemy.orm import Session

from booking.domain.capacity import Steps
from booking.domain.change_requests import RequestState
from booking.domain.lifecycle import State
from booking.domain.orders import Team, Use
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim
from booking.models.change_requests import ChangeRequest as Request
from booking.models.change_requests import ChangeRequestBlock as Added
from booking.models.organisations import Organisation
from booking.models.rows import AnyRow
from booking.models.teams import Membership
from booking.models.teams import Team as TeamRow
from booking.models.users import User

RECENT = timedelta(days=7)
NEVER_CAME_TO_BE = (State.DECLINED, State.EXPIRED, State.CANCELLED)

TEAMS = (
    select(
        TeamRow.id,
        TeamRow.name,
        TeamRow.slug,
        TeamRow.state,
        TeamRow.approved_until,
        TeamRow.strikes_until,
        Organisation.kind,
        Organisation.region,
    )
    .join(Organisation, Organisation.id == TeamRow.organisation_id)
    .where(TeamRow.id.in_(bindparam("ids", expanding=True)))
)
CLAIMED = (
    select(
        Booking.id,
        Booking.team_id,
        Booking.created_at,
        Booking.state,
        Booking.starts_at.label("booked_from"),
        Booking.ends_at.label("booked_until"),
        Claim.resource_id,
        Claim.units,
        Claim.starts_at,
        Claim.ends_at,
        literal(1).label("bookings"),
    )
    .join(Claim, Claim.booking_id == Booking.id)
    .where(
        Booking.team_id.in_(bindparam("team_ids", expanding=True)),
        Claim.resource_id.in_(bindparam("resource_ids", expanding=True)),
        (Booking.ends_at > bindparam("since")) | (Booking.created_at > bindparam("recently")),
    )
)
# More units at a time at which the booking is there anyway make no further booking.
ASKED = (
    select(
        Booking.id,
        Booking.team_id,
        Request.created_at,
        Booking.state,
        Added.starts_at.label("booked_from"),
        Added.ends_at.label("booked_until"),
        Added.resource_id,
        Added.units,
        Added.starts_at,
        Added.ends_at,
        case(((Claim.starts_at < Added.ends_at) & (Claim.ends_at > Added.starts_at), 0), else_=1),
    )
    .join(Request, Request.booking_id == Booking.id)
    .join(Added, Added.change_request_id == Request.id)
    .outerjoin(Claim, (Claim.booking_id == Booking.id) & (Claim.resource_id == Added.resource_id))
    .where(
        Booking.team_id.in_(bindparam("team_ids", expanding=True)),
        Added.resource_id.in_(bindparam("resource_ids", expanding=True)),
        Request.state == RequestState.OPEN,
    )
)
USES = union_all(CLAIMED, ASKED)


def teams_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Team]:
    """The teams with the kind and region of their organisations."""
    rows = connection.execute(TEAMS, {"ids": sorted(set(ids))})
    return {
        row.id: Team(
            id=row.id,
            name=row.name,
            state=row.state,
            approved_until=row.approved_until,
            organisation_kind=row.kind,
            region=row.region,
            strikes_until=row.strikes_until,
            slug=row.slug,
        )
        for row in rows
    }


def uses_of(
    connection: Connection,
    team_id: int,
    resource_ids: Iterable[int],
    window: Window,
    now: datetime,
    *,
    without: Collection[int] = (),
) -> dict[int, Use]:
    """A team's own use of resources around a window and in the last seven days, the bookings `without` left out."""
    rows = use_rows(connection, [team_id], resource_ids, window, now)
    return {
        resource_id: summed_use(left, now)
        for (_team_id, resource_id), own in rows.items()
        if (left := [row for row in own if row.id not in without])
    }


def use_rows(
    connection: Connection, team_ids: Iterable[int], resource_ids: Iterable[int], window: Window, now: datetime
) -> dict[tuple[int, int], list[AnyRow]]:
    """What teams' bookings, and the additions that they ask for, occupy of resources, by team and resource."""
    rows: defaultdict[tuple[int, int], list[AnyRow]] = defaultdict(list)
    wanted = {
        "team_ids": sorted(set(team_ids)),
        "resource_ids": sorted(set(resource_ids)),
        "since": window.start,
        "recently": now - RECENT,
    }
    for row in connection.execute(USES, wanted):
        rows[row.team_id, row.resource_id].append(row)
    return rows


def summed_use(rows: Sequence[AnyRow], now: datetime) -> Use:
    """The use that rows of one team on one resource add up to."""
    occupying = [row for row in rows if row.starts_at < row.ends_at]
    return Use(
        units=Steps.total((row.starts_at, row.ends_at, row.units) for row in occupying),
        bookings=Steps.total((row.starts_at, row.ends_at, row.bookings) for row in occupying),
        recent_unit_seconds=sum(
            row.units * int((row.booked_until - row.booked_from).total_seconds())
            for row in rows
            if row.created_at > now - RECENT and row.state not in NEVER_CAME_TO_BE
        ),
    )


def members(session: Session, team_id: int) -> Sequence[Row[Membership, User]]:
    """The people of a team, leads first, then by name."""
    rows = session.execute(
        select(Membership, User).join(User, User.id == Membership.user_id).where(Membership.team_id == team_id)
    ).all()
    return sorted(rows, key=lambda row: (row[0].role != "lead", row[1].name))
