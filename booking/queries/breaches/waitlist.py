"""Does the wait list agree with what it offers, and does nobody wait in vain?

Whether somebody who waits could have what is free is not asked here: that is decided whenever a resource that owes a
look is served, and time itself may open a window between two looks.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, exists, extract, or_, select

from booking.domain.lifecycle import State
from booking.domain.rules import MOST_NAMED
from booking.domain.teams import GRACE
from booking.models.bookings import Booking, Claim
from booking.models.teams import Team
from booking.models.waitlist import WaitlistEntry as Entry
from booking.queries.breaches import Check, Rows, ask

LATE = timedelta(hours=1)
"""How late the scheduler may be with closing what has ended."""

OFFERED_OTHERWISE = (
    select(Entry.id)
    .join(Booking, Booking.id == Entry.booking_id)
    .where((Entry.state == "offered") != (Booking.state == State.OFFERED.value))
    .order_by(Entry.id)
)
OF_ANOTHER_TEAM = (
    select(Entry.id)
    .join(Booking, Booking.id == Entry.booking_id)
    .where(Booking.team_id != Entry.team_id)
    .order_by(Entry.id)
)
OF_SOMETHING_ELSE = (
    select(Entry.id)
    .join(Booking, Booking.id == Entry.booking_id)
    .where(
        Entry.state == "offered",
        or_(
            ~exists().where(
                Claim.booking_id == Booking.id,
                or_(Entry.resource_id.is_(None), Claim.resource_id == Entry.resource_id),
            ),
            Entry.dataset_id.is_not(None)
            & ~exists().where(Claim.booking_id == Booking.id, Claim.resource_id == Entry.dataset_id),
        ),
    )
    .order_by(Entry.id)
)
LAST_START = extract("epoch", Entry.latest) - Entry.min_seconds
IN_VAIN = (
    select(Entry.id)
    .join(Team, Team.id == Entry.team_id)
    .where(
        Entry.state == "waiting",
        or_(
            bindparam("late_seconds") > LAST_START,
            Team.approved_until < bindparam("late"),
            Team.suspended_at < bindparam("given_up"),
        ),
    )
    .order_by(Entry.id)
    .limit(MOST_NAMED + 1)
)


def _in_vain(connection: Connection, now: datetime) -> Rows:
    """Entries that wait although their time is past or their team has lost its standing."""
    late = now - LATE
    asked = {"late_seconds": int(late.timestamp()), "late": late, "given_up": late - GRACE}
    return connection.execute(IN_VAIN, asked).all()


CHECKS = (
    Check(5, "wait-list entries whose offer stands otherwise than they say", ask(OFFERED_OTHERWISE)),
    Check(6, "wait-list entries with another team's booking", ask(OF_ANOTHER_TEAM)),
    Check(6, "wait-list entries that are offered something else", ask(OF_SOMETHING_ELSE)),
    Check(8, "wait-list entries that wait in vain", _in_vain),
)
