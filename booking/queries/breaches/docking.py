"""Does the docking board agree with what is proposed, and does nobody look for a window in vain?"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, extract, or_, select

from booking.domain.lifecycle import State
from booking.domain.rules import MOST_NAMED
from booking.domain.teams import GRACE
from booking.models.bookings import Booking
from booking.models.docking import DockingDemand as Demand
from booking.models.teams import Team
from booking.queries.breaches import Check, Rows, ask

LATE = timedelta(hours=1)
"""How late the scheduler may be with closing what has ended."""

PROPOSED_OTHERWISE = (
    select(Demand.id)
    .join(Booking, Booking.id == Demand.booking_id)
    .where((Demand.state == "matched") != (Booking.state == State.OFFERED.value))
    .order_by(Demand.id)
)
OF_ANOTHER_TEAM = (
    select(Demand.id)
    .join(Booking, Booking.id == Demand.booking_id)
    .where(Booking.team_id != Demand.team_id)
    .order_by(Demand.id)
)
LAST_START = extract("epoch", Demand.latest) - Demand.seconds
IN_VAIN = (
    select(Demand.id)
    .join(Team, Team.id == Demand.team_id)
    .where(
        Demand.state == "open",
        or_(
            bindparam("late_seconds") > LAST_START,
            Team.approved_until < bindparam("late"),
            Team.suspended_at < bindparam("given_up"),
        ),
    )
    .order_by(Demand.id)
    .limit(MOST_NAMED + 1)
)


def _in_vain(connection: Connection, now: datetime) -> Rows:
    """Demands that stand although their time is past or their team has lost its standing."""
    late = now - LATE
    asked = {"late_seconds": int(late.timestamp()), "late": late, "given_up": late - GRACE}
    return connection.execute(IN_VAIN, asked).all()


CHECKS = (
    Check(5, "demands whose proposal stands otherwise than they say", ask(PROPOSED_OTHERWISE)),
    Check(6, "demands with another team's booking", ask(OF_ANOTHER_TEAM)),
    Check(8, "demands that stand in vain", _in_vain),
)
