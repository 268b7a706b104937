"""Questions of a timeline: which bookings hold a resource over a window, named for who may read them."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from booking.domain.timelines import Bar
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim
from booking.models.rows import AnyRow
from booking.models.teams import Team


def bars_within(
    connection: Connection,
    resource_id: int,
    window: Window,
    *,
    teams: Collection[int] | None,
    limit: int,
) -> tuple[list[Bar], list[Bar]]:
    """Bars of bookings of these teams (None: of all), named, and those of others, without a name; at most so many each.

    One look for each, along the index of a resource's claims by their end.
    """
    held = (
        select(Claim.booking_id, Claim.units, Claim.starts_at, Claim.ends_at, Booking.state, Team.name.label("team"))
        .join(Booking, Booking.id == Claim.booking_id)
        .join(Team, Team.id == Booking.team_id)
        .where(
            Claim.resource_id == resource_id,
            Claim.ends_at > window.start,
            Claim.starts_at < window.end,
            Claim.starts_at < Claim.ends_at,
        )
        .order_by(Claim.ends_at, Claim.booking_id)
        .limit(limit)
    )
    if teams is None:
        return [_named(row) for row in connection.execute(held)], []
    own = [_named(row) for row in connection.execute(held.where(Booking.team_id.in_(teams)))] if teams else []
    others = held.where(Booking.team_id.not_in(teams)) if teams else held
    return own, [Bar(Window(row.starts_at, row.ends_at), row.units) for row in connection.execute(others)]


def _named(row: AnyRow) -> Bar:
    return Bar(Window(row.starts_at, row.ends_at), row.units, row.booking_id, row.team, row.state)
