"""Writes on teams that several verbs share."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, update
from sqlalchemy.orm import Session

from booking.changes import audit, clusters
from booking.changes.outbox import tell
from booking.domain.editions import Rule
from booking.domain.outbox import NOTICES
from booking.domain.teams import TeamState
from booking.domain.votes import Vote
from booking.models.teams import Team, TeamVote


def suspend_auto_approval(connection: Connection, team_id: int, *, until: datetime) -> None:
    """Every booking of the team waits for its owners until then."""
    connection.execute(update(Team).where(Team.id == team_id).values(strikes_until=until))


def decide_team(
    session: Session, row: Team, to: TeamState, verb: str, *, by: str, now: datetime, reason: str,
    until: datetime | None = None,
) -> None:  # fmt: skip
    """Write what was decided on a locked team, in its row, the audit log and the outbox."""
    row.state, row.reason, row.decided_at = to.value, reason, now
    if until is not None:
        row.approved_until = until
    session.flush()
    details = {"reason": reason} | ({"until": until.isoformat()} if until else {})
    note_team(session, row, verb, by, now, details)
    tell_of_team(session, row.id, f"team_{to}", now=now, reason=reason)


def note_team(session: Session, row: Team, act: str, by: str, now: datetime, details: Mapping[str, Any]) -> None:
    """Put what somebody did with a team into the audit log."""
    connection = session.connection()
    audit.record(connection, by=by, act=f"team.{act}", subject=f"team:{row.slug}", details=details, now=now)


def tell_of_team(session: Session, team_id: int, event: str, *, now: datetime, reason: str = "") -> None:
    """The people of a team, and who decides on it, hear of something."""
    tell(session, destination=NOTICES, subject=f"team:{team_id}", event=event, payload={"reason": reason}, now=now)


def begin_vote(row: Team, rule: Rule | None, now: datetime) -> None:
    """By when an application is decided, and from when on deputies vote, as its edition says."""
    row.decide_by = now + timedelta(days=rule.vote_days) if rule else None
    row.deputies_from = now + timedelta(days=rule.deputy_days) if rule and rule.deputy_days else None


def write_vote(session: Session, team_id: int, vote: Vote) -> None:
    """Keep a department's vote, instead of what it said before."""
    clear_votes(session, team_id, vote.department)
    session.add(
        TeamVote(
            team_id=team_id, department=vote.department, user_id=vote.user_id, verb=vote.answer.value,
            reason=vote.reason, as_deputy=vote.as_deputy, at=vote.at,
        )
    )  # fmt: skip
    session.flush()


def clear_votes(session: Session, team_id: int, department: str | None = None) -> None:
    """Take the votes on an application away, or that of one department; the audit log keeps what was said."""
    gone = delete(TeamVote).where(TeamVote.team_id == team_id)
    session.execute(gone if department is None else gone.where(TeamVote.department == department))


def note_members(
    connection: Connection, team_id: int, slug: str, act: str, *, by: str, details: Mapping[str, Any], now: datetime
) -> None:
    """Who is in a team has changed: the audit log has it, and the clusters are brought along."""
    audit.record(connection, by=by, act=f"team.{act}", subject=f"team:{slug}", details=details, now=now)
    clusters.tell_of_teams(connection, [team_id], act, now)
