"""What the clock does to teams: approvals end, and no booking outlives the standing it rests on."""

from datetime import datetime

from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.bookings import Booking
from booking.domain.jobs import JobResult, each
from booking.domain.lifecycle import OPEN
from booking.domain.outbox import NOTICES
from booking.domain.teams import Standing, TeamState
from booking.queries.applications import ended_approvals, lock_team, team_standing, without_basis
from booking.services import holdings


def expire_approvals(now: datetime) -> JobResult:
    """Approved teams whose time is over become expired, and hear of it."""
    with db.session() as session:
        todo = ended_approvals(session, now)
    return each(todo, lambda team_id: _expire(team_id, now))


def revoke_without_basis(now: datetime) -> JobResult:
    """Bookings that reach beyond their team's approval, or a day beyond its suspension, end when that moment comes.

    What was confirmed or runs is revoked and charged for what was served while the team had access; what still waited
    is declined.
    """
    with db.session() as session:
        todo = without_basis(session, now)
    return each(todo, lambda booking_id: _revoke(booking_id, now))


def _expire(team_id: int, now: datetime) -> bool:
    with transaction() as session:
        row = lock_team(session, team_id)
        if row.state != TeamState.APPROVED or row.approved_until is None or row.approved_until > now:
            return False
        row.state = TeamState.EXPIRED.value
        tell(session, destination=NOTICES, subject=f"team:{team_id}", event="team_expired", payload={}, now=now)
        return True


def _revoke(booking_id: int, now: datetime) -> bool:
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        standing = team_standing(session, held.booking.team_id)
        if not _has_lost_its_basis(held.booking, standing, now):
            return False
        to, verb = holdings.forced_end(held.booking)
        holdings.end(
            held,
            to,
            verb,
            now=now,
            by=holdings.SYSTEM,
            reason=_reason(standing),
            prices=holdings.end_prices(held.booking, to, now, standing.access_ends or now),
        )
        return True


def _has_lost_its_basis(booking: Booking, standing: Standing, now: datetime) -> bool:
    """A booking that ends by then is none of this: it is completed."""
    lost = standing.bookings_end
    return booking.state in OPEN and lost is not None and lost <= now and lost < booking.window.end


def _reason(standing: Standing) -> str:
    if standing.bookings_end == standing.approved_until:
        return "the team's approval ended"
    return "the team has been suspended for a day"
