"""Use cases around the approval of teams: apply, approve, decline, suspend, reinstate."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.changes.teams import begin_vote, decide_team, note_team, tell_of_team
from booking.db import transaction
from booking.domain.accounts import clean_name
from booking.domain.errors import Conflict, Forbidden, IllegalMove, NotFound
from booking.domain.permissions import Actor, may_administer, may_apply_for_team, may_decide_team, may_see_team
from booking.domain.scenarios import check_takes_teams
from booking.domain.slugs import clean_slug
from booking.domain.teams import Application, Team, TeamState, check_verb, clean_until
from booking.domain.texts import clean_text
from booking.domain.votes import Answer, check_reason
from booking.models.teams import Membership
from booking.models.teams import Team as TeamRow
from booking.queries.applications import lock_team, standing_of, team_by_id
from booking.queries.scenarios import scenario_by_id
from booking.queries.votes import ballots_of, rule_of
from booking.services.people import person_named
from booking.services.voting import cast_vote


def apply_for_team(application: Application, *, actor: Actor, now: datetime) -> Team:
    """Ask that a team be approved for a scenario; reviewers hear of it, and its lead is in it from the first moment.

    Who applies need not be in the team, and sees it all the same. Raises Invalid where the lead has no account, and
    Conflict where the slug is taken.
    """
    if not may_apply_for_team(actor):
        raise Forbidden("Sign in to apply for a team.")
    name, slug = clean_name(application.name), clean_slug(application.slug)
    with transaction() as session:
        _must_take_teams(session, application.scenario_id, now)
        lead = person_named(session, application.lead, "lead")
        row = TeamRow(
            name=name,
            slug=slug,
            scenario_id=application.scenario_id,
            organisation_id=application.organisation_id,
            state=TeamState.APPLIED.value,
            applied_at=now,
            applied_by=actor.user_id,
        )
        begin_vote(row, rule_of(session, application.scenario_id), now)
        _add_unless_taken(session, row)
        session.add(Membership(team_id=row.id, user_id=lead.id, role="lead", joined_at=now))
        session.flush()
        note_team(session, row, "apply", actor.email, now, {"lead": lead.email})
        tell_of_team(session, row.id, "team_applied", now=now)
        return team_by_id(session, row.id)


def approve_team(team_id: int, *, actor: Actor, now: datetime, until: datetime | None = None, reason: str = "") -> Team:
    """Let a team book until then, a year hence where nobody says; also to give an approved one another end.

    A reviewer's word on an application is the vote of a department, which decides where the quorum is one; an
    administrator decides at once.
    """
    until, reason = clean_until(until, now), clean_text(reason, "reason")
    with transaction() as session:
        row = _to_decide(session, team_id, "approve", actor)
        if _is_voted_on(session, row, actor):
            cast_vote(session, row, Answer.APPROVE, actor=actor, now=now, reason=reason, until=until)
        else:
            decide_team(
                session, row, TeamState.APPROVED, "approve", by=actor.email, now=now, reason=reason, until=until
            )
        return team_by_id(session, team_id)


def decline_team(team_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Team:
    """Say no to an application, and why: a reviewer's vote, or an administrator's decision."""
    reason = clean_text(reason, "reason")
    with transaction() as session:
        row = _to_decide(session, team_id, "decline", actor)
        check_reason(Answer.DECLINE, reason)
        if _is_voted_on(session, row, actor):
            cast_vote(session, row, Answer.DECLINE, actor=actor, now=now, reason=reason, until=None)
        else:
            decide_team(session, row, TeamState.DECLINED, "decline", by=actor.email, now=now, reason=reason)
        return team_by_id(session, team_id)


def suspend_team(team_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Team:
    """End a team's access at once; its bookings are revoked a day later unless it is reinstated before."""
    with transaction() as session:
        row = _to_decide(session, team_id, "suspend", actor)
        row.suspended_at = now
        reason = clean_text(reason, "reason")
        decide_team(session, row, TeamState.SUSPENDED, "suspend", by=actor.email, now=now, reason=reason)
        return team_by_id(session, team_id)


def reinstate_team(team_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Team:
    """Lift a suspension: the team is approved as before, or its approval has ended meanwhile."""
    with transaction() as session:
        row = _to_decide(session, team_id, "reinstate", actor)
        to = standing_of(row).reinstated(now)
        row.suspended_at = None
        reason = clean_text(reason, "reason")
        decide_team(session, row, to, "reinstate", by=actor.email, now=now, reason=reason)
        return team_by_id(session, team_id)


def _must_take_teams(session: Session, scenario_id: int, now: datetime) -> None:
    scenario = scenario_by_id(session, scenario_id)
    if not scenario.is_public(now):
        raise NotFound("scenario")
    check_takes_teams(scenario, now)


def _add_unless_taken(session: Session, row: TeamRow) -> None:
    taken = session.scalar(select(TeamRow.id).where(TeamRow.slug == row.slug)) is not None
    if not taken:
        session.add(row)
        try:
            session.flush()
        except IntegrityError:
            taken = True  # somebody took it at the same moment
    if taken:
        raise Conflict("There is a team “%(slug)s” already. Take another short name.", {"slug": row.slug}, field="slug")


def _to_decide(session: Session, team_id: int, verb: str, actor: Actor) -> TeamRow:
    """The locked row of a team that the actor decides on and the verb is for."""
    row = lock_team(session, team_id)
    if not may_see_team(actor, team_id, row.applied_by):
        raise NotFound("team")
    if not may_decide_team(actor):
        raise Forbidden("Only reviewers and administrators decide on teams.")
    check_verb(TeamState(row.state), verb)
    return row


def _is_voted_on(session: Session, row: TeamRow, actor: Actor) -> bool:
    """Whether a verb is a vote rather than a decision; what several departments decided, a reviewer does not undo."""
    if may_administer(actor):
        return False
    if row.state == TeamState.APPLIED:
        return True
    if ballots_of(session, [row.id])[row.id].quorum > 1:
        raise IllegalMove(row.state, "vote")
    return False
