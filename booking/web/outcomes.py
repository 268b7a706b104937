"""Outcomes: the cases that everybody reads, the reports that teams write, and those that wait for a review."""

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking import clock
from booking.domain.errors import Conflict, Forbidden, Invalid, Stale
from booking.domain.outcomes import OWED, REVIEWS, Outcome, OutcomeState, after_verb
from booking.domain.permissions import may_report, may_review, may_review_any
from booking.forms.outcomes import ReportForm, ReviewForm, filled
from booking.http.actor import asking, current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.outcomes import CASES, Wanted, find_outcome, outcomes_listed
from booking.services import outcomes
from booking.web.answers import form_page, see
from booking.web.paging import asked_page
from booking.web.zones import read_where_most_are

MOST_OWED = 20

DONE = {
    "publish": _l("The report is published as a case."),
    "return": _l("The report goes back to the team."),
    "decline": _l("The report is not published."),
}

bp = Blueprint("outcomes", __name__, url_prefix="/outcomes")


@bp.get("")
def index():
    """The published cases; what one's teams owe, and what waits for one's review, before them."""
    actor, page, connection = asking(), asked_page(20), reading().connection()
    owed = Wanted(states=OWED, teams=list(actor.teams))
    waiting = Wanted(states=[OutcomeState.SUBMITTED])
    read_where_most_are()
    return render_template(
        "outcomes/index.html",
        page=page.of(
            outcomes_listed(connection, actor, Wanted(states=CASES), limit=page.limit, offset=page.offset)
        ),
        owed=outcomes_listed(connection, actor, owed, limit=MOST_OWED) if actor.teams else [],
        waiting=outcomes_listed(connection, actor, waiting, limit=MOST_OWED) if may_review_any(actor) else [],
    )  # fmt: skip


@bp.get("/<outcome_id>")
def show(outcome_id):
    """One case, or a report that one may see: what came of it, and what can be done with it."""
    return _page(_visible(outcome_id))


@bp.route("/<outcome_id>/report", methods=["GET", "POST"])
def report(outcome_id):
    """Write what came of a booking, as a member of its team."""
    actor = current_actor()
    outcome = _visible(outcome_id)
    if not may_report(actor, outcome.team_id):
        raise Forbidden("Only members of the team report what came of its booking.")
    if not outcome.is_owed:
        return see(".show", outcome_id=outcome.id)
    read_where_most_are()
    form = ReportForm(data=filled(outcome))
    if not form.validate_on_submit():
        return form_page("outcomes/report.html", form, outcome=outcome)
    try:
        outcomes.submit_outcome(outcome.id, form.report(), actor=actor, now=clock.now(), version=form.read_version())
    except (Conflict, Invalid, Stale) as problem:
        form.refuse(problem)
        return form_page("outcomes/report.html", form, outcome=outcome)
    flash(_("The reviewers have your report."), "success")
    return see(".show", outcome_id=outcome.id)


@bp.post("/<outcome_id>/<any('publish', 'return', 'decline'):verb>")
def review(outcome_id, verb):
    """Publish, return or decline a report."""
    outcome, form = _visible(outcome_id), ReviewForm()
    if not form.validate_on_submit():
        return _page(outcome, form), 422
    decided = {"reason": form.reason.data or "", "version": form.read_version()}
    try:
        outcomes.review_outcome(outcome.id, verb, actor=current_actor(), now=clock.now(), **decided)
    except (Conflict, Invalid, Stale) as problem:
        form.refuse(problem)
        return _page(_visible(outcome_id), form), 422 if isinstance(problem, Invalid) else 409
    flash(DONE[verb], "success")
    return see(".show", outcome_id=outcome.id)


def _visible(outcome_id) -> Outcome:
    return find_outcome(reading().connection(), parse_id(outcome_id, "outcome"), asking())


def _page(outcome: Outcome, form=None):
    actor = asking()
    read_where_most_are()
    reviews = may_review(actor, outcome.team_id, outcome.organisation_id)
    return render_template(
        "outcomes/show.html",
        outcome=outcome,
        inside=reviews or outcome.team_id in actor.teams,
        may_report=outcome.is_owed and actor.signed_in and may_report(actor, outcome.team_id),
        verbs=[verb for verb in REVIEWS if reviews and _leads_on(outcome, verb)],
        form=form or ReviewForm(formdata=None, data={"version": str(outcome.version)}),
    )


def _leads_on(outcome: Outcome, verb: str) -> bool:
    try:
        return bool(after_verb(outcome.state, verb))
    except Conflict:
        return False
