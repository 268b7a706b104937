"""Teams: one's own, one by itself with its balance and members, applying for one, and deciding on it."""

from typing import NamedTuple

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking import clock
from booking.domain.errors import Conflict, Invalid, NotFound
from booking.domain.listings import Filters
from booking.domain.localtime import to_local
from booking.domain.notices import WARNING
from booking.domain.permissions import (
    may_answer,
    may_decide_team,
    may_grant_any,
    may_manage_team,
    may_see_any_team,
    may_see_team,
)
from booking.domain.teams import Application, Team, TeamState, year_hence
from booking.forms.teams import AnswerForm, ApplicationForm, MemberForm, TeamDecisionForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import read_in, say
from booking.queries.applications import find_team, teams_listed, visible_team
from booking.queries.balances import newest_ledger_of, visible_balances_of
from booking.queries.facilities import timezones
from booking.queries.organisations import find_organisation, organisations
from booking.queries.outcomes import Wanted, cases
from booking.queries.scenarios import find_scenario, scenarios
from booking.queries.votes import answer_of, ballots_of
from booking.services import memberships, teams, votes
from booking.web.answers import form_page, see
from booking.web.paging import asked_page

MOST_APPLICATIONS = 20

DECISIONS = {
    "approve": (teams.approve_team, _l("The team is approved.")),
    "decline": (teams.decline_team, _l("The application is declined.")),
    "return": (votes.return_team, _l("The application goes back with your questions.")),
    "suspend": (teams.suspend_team, _l("The team is suspended; its bookings stand for a day.")),
    "reinstate": (teams.reinstate_team, _l("The suspension is lifted.")),
}
WITH_REASON = ("decline", "suspend", "return")

bp = Blueprint("teams", __name__, url_prefix="/teams")


class Spending(NamedTuple):
    """What a team has to spend: its grants that count or will, those that have ended, and what ends soon."""

    present: list
    ended: list
    ending: list


@bp.get("")
def index():
    """One's own teams and applications; all teams for who decides on them or grants to them."""
    actor, page, words = current_actor(), asked_page(), request.args.get("q", "").strip()
    state = request.args.get("state", "")
    sees_all, session = may_see_any_team(actor), reading()
    zone = _read_here(session)
    own = teams_listed(session, visible=actor.teams.keys(), applied_by=actor.user_id, limit=100)
    states = [TeamState(state)] if state in set(TeamState) else []
    every = teams_listed(
        session, visible=None, words=words[:200], states=states, limit=page.limit, offset=page.offset
    ) if sees_all else []  # fmt: skip
    waiting = (
        teams_listed(session, visible=None, states=[TeamState.APPLIED], limit=MOST_APPLICATIONS)
        if may_decide_team(actor)
        else []
    )
    return render_template(
        "teams/index.html",
        own=own,
        every=page.of(every) if sees_all else None,
        q=words,
        state=state,
        states=list(TeamState),
        waiting=[(team, _decision_form(zone, team)) for team in waiting],
        ballots=ballots_of(session, [team.id for team in waiting]),
        now=clock.now(),
    )


@bp.route("/new", methods=["GET", "POST"])
def new():
    """Apply for a team."""
    actor, now = current_actor(), clock.now()
    form = ApplicationForm(lead=actor.email, scenario=request.args.get("scenario"))
    form.offer(
        [(one.slug, one.name) for one in scenarios(reading(), Filters(), now=now) if one.takes_teams(now)],
        [(one.slug, one.name) for one in organisations(reading())],
    )
    if not form.validate_on_submit():
        return form_page("teams/new.html", form)

    application = Application(
        name=form.name.data,
        slug=form.slug.data,
        scenario_id=find_scenario(reading(), form.scenario.data, actor=actor, now=now).id,
        organisation_id=find_organisation(reading(), form.organisation.data).id,
        lead=form.lead.data,
    )
    try:
        team = teams.apply_for_team(application, actor=actor, now=now)
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return form_page("teams/new.html", form)

    flash(_("Your application is on its way to the reviewers."), "success")
    return see("teams.show", team_id=team.slug)


@bp.get("/<team_id>")
def show(team_id):
    """One team: its standing, what it has to spend, and who is in it."""
    return _show(visible_team(reading(), team_id, current_actor()))


@bp.post("/<team_id>/<any('approve', 'decline', 'return', 'suspend', 'reinstate'):verb>")
def decide(team_id, verb):
    """Approve, decline, return, suspend or reinstate, as a reviewer."""
    actor, now = current_actor(), clock.now()
    team = visible_team(reading(), team_id, actor)
    form = _decision_form(_read_here(reading()), team)
    if not form.validate_on_submit():
        return _show(team, decision=form), 422

    act, done = DECISIONS[verb]
    until = {"until": form.instant} if verb == "approve" else {}
    try:
        if verb in WITH_REASON and not form.reason.data:
            raise Invalid("reason", "Say why; the team reads it.")
        decided = act(team.id, actor=actor, now=now, reason=form.reason.data or "", **until)
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return _show(visible_team(reading(), team_id, actor), decision=form), 422
    # A vote that is not the last one leaves the application where it was.
    flash(done if decided.state != TeamState.APPLIED else _("Your department's vote is counted."), "success")
    return see("teams.show", team_id=team_id)


@bp.post("/<team_id>/answer")
def answer(team_id):
    """Answer the questions of the reviewers, as an applicant."""
    actor, form = current_actor(), AnswerForm()
    team = visible_team(reading(), team_id, actor)
    if not form.validate_on_submit():
        return _show(team, answer=form), 422
    try:
        votes.answer_questions(team.id, form.answer.data or "", actor=actor, now=clock.now())
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return _show(visible_team(reading(), team_id, actor), answer=form), 422
    flash(_("Your answer is on its way to the reviewers."), "success")
    return see("teams.show", team_id=team_id)


@bp.post("/<team_id>/members")
def add_member(team_id):
    """Take a person into the team."""
    actor, form = current_actor(), MemberForm()
    team = visible_team(reading(), team_id, actor)
    if not form.validate_on_submit():
        return _show(team, member=form), 422
    try:
        memberships.add_member(team.id, form.email.data, form.role.data, actor=actor, now=clock.now())
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return _show(team, member=form), 422
    flash(_("%(email)s is in the team now.", email=form.email.data), "success")
    return see("teams.show", team_id=team_id)


@bp.post("/<team_id>/members/<member_id>/role")
def change_role(team_id, member_id):
    """Make a member a lead, or a lead a member."""
    actor, role = current_actor(), request.form.get("role", "")
    team = visible_team(reading(), team_id, actor)
    user_id = parse_id(member_id, "member")
    return _do(team_id, lambda: memberships.change_role(team.id, user_id, role, actor=actor, now=clock.now()))


@bp.post("/<team_id>/members/<member_id>/remove")
def remove_member(team_id, member_id):
    """Take a person out of the team; whoever takes out themselves leaves."""
    actor, user_id = current_actor(), parse_id(member_id, "member")
    team = visible_team(reading(), team_id, actor)
    return _do(team_id, lambda: memberships.remove_member(team.id, user_id, actor=actor, now=clock.now()))


@bp.get("/<team_id>/ledger")
def ledger(team_id):
    """Every entry on the team's grants, the newest first."""
    page, team = asked_page(), find_team(reading(), team_id)
    grants = visible_balances_of(reading(), team.id, current_actor())
    _read_here(reading())
    lines = newest_ledger_of(reading(), [one.id for one in grants], limit=page.limit, offset=page.offset)
    return render_template(
        "teams/ledger.html",
        team=team,
        sees_team=may_see_team(current_actor(), team.id, team.applied_by),
        grants={one.id: one for one in grants},
        page=page.of(lines),
    )


def _do(team_id, verb):
    """A button's one verb; what stands against it is said on the page that it leads back to."""
    actor = current_actor()
    try:
        team = verb()
    except (Invalid, Conflict) as problem:
        flash(say(problem), "danger")
        return see("teams.show", team_id=team_id)
    stays = any(member.user_id == actor.user_id for member in team.members)
    return see("teams.show", team_id=team_id) if stays or may_see_any_team(actor) else see("teams.index")


def _show(
    team: Team,
    *,
    decision: TeamDecisionForm | None = None,
    member: MemberForm | None = None,
    answer: AnswerForm | None = None,
) -> str:
    """The page of a team; what was typed into one of its forms is shown in it again."""
    actor, now, session = current_actor(), clock.now(), reading()
    zone = _read_here(session)
    return render_template(
        "teams/show.html",
        team=team,
        now=now,
        zone=zone,
        ends_soon=_ends_soon(team, now),
        spending=_spending(team, actor, now),
        cases=cases(session.connection(), Wanted(team=team.slug)),
        may_manage=may_manage_team(actor, team.id),
        may_decide=may_decide_team(actor),
        may_grant=may_grant_any(actor),
        ballot=ballots_of(session, [team.id])[team.id],
        answered=answer_of(session, team.id),
        may_answer=team.state == TeamState.RETURNED and may_answer(actor, team.id, team.applied_by),
        answer=answer or AnswerForm(formdata=None),
        decision=decision or _decision_form(zone, team, formdata=None),
        member=member or MemberForm(formdata=None),
    )


def _spending(team: Team, actor, now) -> Spending | None:
    """What of the team's grants the reader may see; None where that is nothing of theirs."""
    try:
        grants = visible_balances_of(reading(), team.id, actor)
    except NotFound:
        return None
    present = [one for one in grants if not one.has_ended(now)]
    ending = [one for one in present if one.grant.window.end <= now + WARNING and one.grant.left]
    return Spending(present, [one for one in grants if one.has_ended(now)], ending)


def _ends_soon(team: Team, now) -> bool:
    until = team.standing.approved_until
    return team.state == TeamState.APPROVED and until is not None and until <= now + WARNING


def _decision_form(zone: str, team: Team, **more) -> TeamDecisionForm:
    """A decision on one of the teams of a page, which begins with the usual end, a year hence."""
    begins = to_local(year_hence(clock.now()), zone).replace(second=0, microsecond=0)
    form = TeamDecisionForm(zone=zone, prefix=team.slug, until=begins, **more)
    form.until.label.text = _("Approved until (%(zone)s)", zone=zone)
    return form


def _read_here(session) -> str:
    """The zone in which the page shows its instants: that of most facilities."""
    zone = timezones(session)[0]
    read_in(zone)
    return zone
