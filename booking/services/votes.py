"""Use cases of applications that departments vote on: questions, answers to them, and the deadline."""

from datetime import datetime

from booking.changes.teams import begin_vote, clear_votes, decide_team, note_team, tell_of_team
from booking.db import db, transaction
from booking.domain.errors import Forbidden, Invalid, NotFound
from booking.domain.jobs import JobResult, each
from booking.domain.permissions import Actor, may_administer, may_answer, may_decide_team, may_see_team
from booking.domain.teams import Team, TeamState, check_verb
from booking.domain.texts import clean_text
from booking.domain.votes import BECOMES, WITHOUT_QUORUM, Answer, check_reason, said_with
from booking.queries.applications import lock_team, team_by_id
from booking.queries.votes import ballots_of, due_applications, rule_of
from booking.services.voting import cast_vote

CLOCK = "scheduler"


def return_team(team_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Team:
    """Give an application back with questions: a reviewer's vote, or an administrator's decision."""
    reason = clean_text(reason, "reason")
    with transaction() as session:
        row = lock_team(session, team_id)
        if not may_see_team(actor, team_id, row.applied_by):
            raise NotFound("team")
        if not may_decide_team(actor):
            raise Forbidden("Only reviewers and administrators decide on teams.")
        check_verb(TeamState(row.state), "return")
        check_reason(Answer.RETURN, reason)
        if may_administer(actor):
            decide_team(session, row, TeamState.RETURNED, "return", by=actor.email, now=now, reason=reason)
        else:
            cast_vote(session, row, Answer.RETURN, actor=actor, now=now, reason=reason, until=None)
        return team_by_id(session, team_id)


def answer_questions(team_id: int, answer: str, *, actor: Actor, now: datetime) -> Team:
    """Answer what the reviewers asked, as an applicant: the application is voted on anew, with a new deadline.

    That goes on after the list has closed, as the application itself was in time.
    """
    answer = clean_text(answer, "answer")
    with transaction() as session:
        row = lock_team(session, team_id)
        if not may_see_team(actor, team_id, row.applied_by):
            raise NotFound("team")
        if not may_answer(actor, team_id, row.applied_by):
            raise Forbidden("Only the lead and who applied answer for this team.")
        check_verb(TeamState(row.state), "answer")
        if not answer:
            raise Invalid("answer", "Answer the questions of the reviewers.")
        row.state, row.answer = TeamState.APPLIED.value, answer
        begin_vote(row, rule_of(session, row.scenario_id), now)
        clear_votes(session, team_id)
        session.flush()
        note_team(session, row, "answer", actor.email, now, {"answer": answer})
        tell_of_team(session, team_id, "team_applied", now=now)
        return team_by_id(session, team_id)


def decide_due(now: datetime) -> JobResult:
    """Applications whose deadline passed without a quorum are declined or returned, as the rule says."""
    with db.session() as session:
        todo = due_applications(session, now)
    return each(todo, lambda team_id: _decide_due(team_id, now))


def _decide_due(team_id: int, now: datetime) -> bool:
    with transaction() as session:
        row = lock_team(session, team_id)
        if row.state != TeamState.APPLIED or row.decide_by is None or row.decide_by > now:
            return False
        ballot = ballots_of(session, [team_id])[team_id]
        answer = ballot.at_deadline()
        reason = said_with(answer, ballot.votes) or WITHOUT_QUORUM
        decide_team(session, row, BECOMES[answer], answer.value, by=CLOCK, now=now, reason=reason)
        return True
