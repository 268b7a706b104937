"""Questions about the claims of bookings that were made, to try a rule of quota on."""

from datetime import datetime

from sqlalchemy import Connection, select

from booking.domain.lifecycle import State
from booking.domain.permissions import Actor
from booking.domain.what_if import Past
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim
from booking.models.resources import Resource
from booking.models.teams import Team
from booking.queries.agendas import looks_after

CAME_TO_NOTHING = (State.DECLINED, State.EXPIRED, State.CANCELLED)
MOST = 100_000


def past_claims(connection: Connection, actor: Actor, kind: str, since: datetime) -> list[Past]:
    """What was booked since then of what the actor looks after, but for what came to nothing; the newest, if many."""
    chosen = (
        select(
            Claim.booking_id,
            Claim.units,
            Claim.unit_seconds,
            Booking.starts_at,
            Booking.ends_at,
            Booking.created_at,
            Team.slug,
        )
        .join(Booking, Booking.id == Claim.booking_id)
        .join(Resource, Resource.id == Claim.resource_id)
        .join(Team, Team.id == Booking.team_id)
        .where(
            Booking.created_at >= since,
            Booking.state.not_in(CAME_TO_NOTHING),
            Resource.kind == kind,
            looks_after(actor),
        )
        .order_by(Booking.id.desc())
        .limit(MOST)
    )
    return [
        Past(row.booking_id, row.slug, Window(row.starts_at, row.ends_at), row.units, row.unit_seconds, row.created_at)
        for row in connection.execute(chosen)
    ]
