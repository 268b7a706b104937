"""Questions about teams: who they are, who is in them, and what they use."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.orm import Session

from booking.domain.capacity import Steps
from booking.domain.lifecycle import State
from booking.domain.orders import Team, Use
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim
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
USES = (
    select(
        Booking.id,
        Booking.created_at,
        Booking.state,
        Booking.starts_at.label("booked_from"),
        Booking.ends_at.label("booked_until"),
        Claim.resource_id,
        Claim.units,
        Claim.starts_at,
        Claim.ends_at,
    )
    .join(Claim, Claim.booking_id == Booking.id)
    .where(
        Booking.team_id == bindparam("team_id"),
        Claim.resource_id.in_(bindparam("resource_ids", expanding=True)),
        (Booking.ends_at > bindparam("since")) | (Booking.created_at > bindparam("recently")),
    )
)


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
    rows: defaultdict[int, list[AnyRow]] = defaultdict(list)
    wanted = {
        "team_id": team_id,
        "resource_ids": sorted(set(resource_ids)),
        "since": window.start,
        "recently": now - RECENT,
    }
    for row in connection.execute(USES, wanted):
        if row.id not in without:
            rows[row.resource_id].append(row)
    return {resource_id: summed_use(own, now) for resource_id, own in rows.items()}


def summed_use(rows: Sequence[AnyRow], now: datetime) -> Use:
    """The use that rows of one team on one resource add up to."""
    occupying = [row for row in rows if row.starts_at < row.ends_at]
    return Use(
        units=Steps.total((row.starts_at, row.ends_at, row.units) for row in occupying),
        bookings=Steps.total((row.starts_at, row.ends_at, 1) for row in occupying),
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
