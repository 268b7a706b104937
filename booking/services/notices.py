"""Use cases of warning teams: of grants and approvals that end soon, each once."""

from datetime import datetime

from sqlalchemy import select

from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.jobs import JobResult, each
from booking.domain.notices import WARNING, is_ending
from booking.domain.outbox import NOTICES
from booking.models.grants import Grant
from booking.models.teams import Team


def warn_of_ending_grants(now: datetime) -> JobResult:
    """Teams hear a fortnight before that a grant of theirs ends."""
    chosen = select(Grant.id, Grant.ends_at, Grant.warned_at).where(
        Grant.ends_at > now, Grant.ends_at <= now + WARNING, Grant.expired_at.is_(None)
    )
    with db.engine.connect() as connection:
        todo = [row.id for row in connection.execute(chosen) if is_ending(row.ends_at, row.warned_at, now)]
    return each(todo, lambda grant_id: _warn_of_grant(grant_id, now))


def warn_of_ending_approvals(now: datetime) -> JobResult:
    """Teams hear a fortnight before that their approval ends."""
    chosen = select(Team.id, Team.approved_until, Team.warned_at).where(
        Team.state == "approved", Team.approved_until > now, Team.approved_until <= now + WARNING
    )
    with db.engine.connect() as connection:
        rows = connection.execute(chosen)
        todo = [row.id for row in rows if is_ending(row.approved_until, row.warned_at, now)]
    return each(todo, lambda team_id: _warn_of_approval(team_id, now))


def _warn_of_grant(grant_id: int, now: datetime) -> bool:
    with transaction() as session:
        grant = session.get_one(Grant, grant_id, with_for_update=True, populate_existing=True)
        if grant.expired_at or not is_ending(grant.ends_at, grant.warned_at, now):
            return False
        grant.warned_at = now
        tell(
            session,
            destination=NOTICES,
            subject=f"grant:{grant_id}",
            event="grant_ending",
            payload={},
            now=now,
        )
        return True


def _warn_of_approval(team_id: int, now: datetime) -> bool:
    with transaction() as session:
        team = session.get_one(Team, team_id, with_for_update=True, populate_existing=True)
        if team.state != "approved" or not team.approved_until:
            return False
        if not is_ending(team.approved_until, team.warned_at, now):
            return False
        team.warned_at = now
        tell(
            session,
            destination=NOTICES,
            subject=f"team:{team_id}",
            event="team_ending",
            payload={},
            now=now,
        )
        return True
