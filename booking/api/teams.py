"""Calls on teams: apply for one, decide on it, change who is in it, and what it has to spend."""

from collections.abc import Callable

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.errors import Forbidden
from booking.domain.grants import Balance
from booking.domain.permissions import may_decide_team, may_see_any_team
from booking.domain.teams import Application, Team
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.applications import find_team, teams_listed, visible_team
from booking.queries.balances import ledger_of, visible_balances_of
from booking.queries.organisations import find_organisation
from booking.queries.scenarios import find_scenario
from booking.queries.votes import answer_of, ballots_of
from booking.schemas.base import Page
from booking.schemas.grants import BalanceShape, GrantShape, LedgerShape
from booking.schemas.teams import (
    Answers,
    Approval,
    BallotShape,
    Decision,
    MemberShape,
    NewMember,
    NewRole,
    NewTeam,
    TeamFilter,
    TeamShape,
)
from booking.services import memberships, teams, votes

bp = Blueprint("teams", __name__)


@bp.post("/teams")
@call(body=NewTeam, gives={201: TeamShape}, fails=(403, 404, 409))
def create(body: NewTeam) -> Response:
    """Apply for a team; reviewers decide on it."""
    actor, now = current_actor(), clock.now()
    application = Application(
        name=body.name,
        slug=body.slug,
        scenario_id=find_scenario(reading(), body.scenario, actor=actor, now=now).id,
        organisation_id=find_organisation(reading(), body.organisation).id,
        lead=body.lead,
    )
    team = teams.apply_for_team(application, actor=actor, now=now)
    return created(TeamShape.of(team), "api.teams.read", team_id=team.slug)


@bp.get("/teams")
@call(query=TeamFilter, lists=TeamShape)
def index(query: TeamFilter) -> Response:
    """The teams that one may see, by slug: one's own and those that one applied for; reviewers and funders see all."""
    actor, after = current_actor(), query.after(str)
    found = teams_listed(
        reading(),
        visible=None if may_see_any_team(actor) else actor.teams.keys(),
        applied_by=actor.user_id,
        states=query.state or (),
        words=query.q,
        after=after[0] if after else "",
        limit=query.limit + 1,
    )
    return listed(found, query, shape=TeamShape.of, key=lambda team: [team.slug])


@bp.get("/teams/<team_id>")
@call(gives={200: TeamShape}, fails=(404,))
def read(team_id: str) -> Response:
    """One team with its members."""
    return show(TeamShape.of(visible_team(reading(), team_id, current_actor())))


@bp.post("/teams/<team_id>/approve")
@call(body=Approval, body_optional=True, gives={200: TeamShape}, fails=(403, 404, 409))
def approve(team_id: str, body: Approval) -> Response:
    """Let a team book until then, or give an approved team another end."""
    actor, now = current_actor(), clock.now()
    team = visible_team(reading(), team_id, actor)
    done = teams.approve_team(team.id, actor=actor, now=now, until=body.until, reason=body.reason)
    return show(TeamShape.of(done))


def _decision(verb: str, decide: Callable[..., Team], sentence: str) -> None:
    """Register the call of one decision on a team."""

    def act(team_id: str, body: Decision) -> Response:
        actor, now = current_actor(), clock.now()
        team = visible_team(reading(), team_id, actor)
        return show(TeamShape.of(decide(team.id, actor=actor, now=now, reason=body.reason)))

    act.__doc__ = sentence
    described = call(body=Decision, body_optional=True, gives={200: TeamShape}, fails=(403, 404, 409))(act)
    bp.add_url_rule(f"/teams/<team_id>/{verb}", verb, described, methods=["POST"])


_decision("decline", teams.decline_team, "Say no to an application, and why; departments vote on it.")
_decision("return", votes.return_team, "Give an application back with questions; departments vote on it.")
_decision("suspend", teams.suspend_team, "End a team's access at once, and its bookings after a day.")
_decision("reinstate", teams.reinstate_team, "Lift a suspension.")


@bp.post("/teams/<team_id>/answer")
@call(body=Answers, gives={200: TeamShape}, fails=(403, 404, 409))
def answer(team_id: str, body: Answers) -> Response:
    """Answer the questions of the reviewers, who then vote anew."""
    actor, now = current_actor(), clock.now()
    team = visible_team(reading(), team_id, actor)
    return show(TeamShape.of(votes.answer_questions(team.id, body.answer, actor=actor, now=now)))


@bp.get("/teams/<team_id>/votes")
@call(gives={200: BallotShape}, fails=(403, 404))
def ballot(team_id: str) -> Response:
    """What each department says to an application so far, for reviewers."""
    actor = current_actor()
    team = visible_team(reading(), team_id, actor)
    if not may_decide_team(actor):
        raise Forbidden("Only reviewers and administrators decide on teams.")
    found = ballots_of(reading(), [team.id])[team.id]
    return show(BallotShape.of(found, answer_of(reading(), team.id)))


@bp.post("/teams/<team_id>/members")
@call(body=NewMember, gives={200: TeamShape}, fails=(403, 404, 409))
def add_member(team_id: str, body: NewMember) -> Response:
    """Take a person into the team."""
    actor, now = current_actor(), clock.now()
    team = visible_team(reading(), team_id, actor)
    return show(TeamShape.of(memberships.add_member(team.id, body.email, body.role, actor=actor, now=now)))


@bp.patch("/teams/<team_id>/members/<member_id>")
@call(body=NewRole, gives={200: TeamShape}, fails=(403, 404, 409))
def change_role(team_id: str, member_id: str, body: NewRole) -> Response:
    """Make a member a lead, or a lead a member; somebody must stay lead."""
    actor, now = current_actor(), clock.now()
    team = visible_team(reading(), team_id, actor)
    user_id = parse_id(member_id, "member")
    return show(TeamShape.of(memberships.change_role(team.id, user_id, body.role, actor=actor, now=now)))


@bp.delete("/teams/<team_id>/members/<member_id>")
@call(gives={200: MemberShape}, fails=(403, 404, 409))
def remove_member(team_id: str, member_id: str) -> Response:
    """Take a person out of the team, or leave it; the answer is who was taken out."""
    actor, now = current_actor(), clock.now()
    team = visible_team(reading(), team_id, actor)
    user_id = parse_id(member_id, "member")
    memberships.remove_member(team.id, user_id, actor=actor, now=now)
    return show(next(MemberShape.of(member) for member in team.members if member.user_id == user_id))


@bp.get("/teams/<team_id>/balance")
@call(gives={200: BalanceShape}, fails=(404,))
def balance(team_id: str) -> Response:
    """What the team has to spend: its grants, the one that ends first at the top."""
    now = clock.now()
    return show(BalanceShape(grants=[GrantShape.of(one, now) for one in _balances(team_id)]))


@bp.get("/teams/<team_id>/ledger")
@call(query=Page, lists=LedgerShape, fails=(404,))
def ledger(team_id: str, query: Page) -> Response:
    """Every entry on the team's grants, oldest first."""
    grants, after = [one.id for one in _balances(team_id)], query.after(int)
    lines = ledger_of(reading(), grants, after=after[0] if after else 0, limit=query.limit + 1)
    return listed(lines, query, shape=LedgerShape.of, key=lambda line: [line.id])


def _balances(team_id: str) -> list[Balance]:
    """The grants of a team that are of the asker's concern."""
    return visible_balances_of(reading(), find_team(reading(), team_id).id, current_actor())
