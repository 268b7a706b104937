"""Permits: those of one's teams, those that a steward decides on, and asking for one."""

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking import clock
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.localtime import to_local
from booking.domain.permissions import may_steward
from booking.domain.permits import PermitState
from booking.domain.teams import year_hence
from booking.forms.permits import PermitDecisionForm, PermitForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import shown_zone
from booking.queries.applications import find_team
from booking.queries.listings import find_listing
from booking.queries.permits import Wanted, permits_listed, visible_permit
from booking.services import permits
from booking.web.answers import form_page, see
from booking.web.order_forms import teams_of
from booking.web.paging import asked_page

DONE = {
    "grant": _l("The permit is granted."),
    "decline": _l("The wish is declined."),
    "withdraw": _l("The permit is withdrawn; bookings that rest on it end."),
}

bp = Blueprint("permits", __name__, url_prefix="/permits")


@bp.get("")
def index():
    """The permits of one's teams, and those for data that one looks after, the newest first."""
    return _index_page()


@bp.route("/new/<slug>", methods=["GET", "POST"])
def new(slug):
    """Ask for a permit in a team's name."""
    actor, now = current_actor(), clock.now()
    dataset = find_listing(reading(), slug, actor=actor, kind="dataset")
    own = teams_of(reading(), actor)
    if not own:
        raise Forbidden("Only members of a team ask for permits.")
    form = PermitForm()
    form.offer((team.slug, team.name) for team in own)
    if not form.validate_on_submit():
        return form_page("permits/new.html", form, dataset=dataset)
    team_id = find_team(reading(), form.team.data).id
    try:
        permits.ask_for_permit(slug, team_id, form.purpose.data, actor=actor, now=now)
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return form_page("permits/new.html", form, dataset=dataset)
    flash(_("The stewards of %(name)s have your wish.", name=dataset.name), "success")
    return see("permits.index")


@bp.post("/<permit_id>/<any('grant', 'decline', 'withdraw'):verb>")
def decide(permit_id, verb):
    """Grant, decline or withdraw, as steward."""
    actor, now = current_actor(), clock.now()
    permit = visible_permit(reading().connection(), parse_id(permit_id, "permit"), actor)
    form = PermitDecisionForm(zone=shown_zone(), prefix=f"p{permit.id}-")
    if not form.validate_on_submit():
        return _index_page({permit.id: form}), 422
    reason = form.reason.data or ""
    try:
        if verb == "grant":
            until = form.instant or year_hence(now)
            permits.grant_permit(permit.id, until, actor=actor, now=now, reason=reason)
        elif verb == "decline":
            permits.decline_permit(permit.id, actor=actor, now=now, reason=reason)
        else:
            permits.withdraw_permit(permit.id, actor=actor, now=now, reason=reason)
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return _index_page({permit.id: form}), 422
    flash(DONE[verb], "success")
    return see("permits.index")


def _index_page(said=None):
    actor, page = current_actor(), asked_page()
    state = request.args.get("state", "")
    wanted = Wanted(states=[PermitState(state)] if state in set(PermitState) else [])
    found = permits_listed(reading().connection(), actor, wanted, limit=page.limit, offset=page.offset)
    shown = page.of(found)
    usual = to_local(year_hence(clock.now()), shown_zone())
    forms = {
        one.id: (said or {}).get(one.id)
        or PermitDecisionForm(formdata=None, zone=shown_zone(), prefix=f"p{one.id}-", until=usual)
        for one in shown.items
        if may_steward(actor, one.organisation_id) and one.state in ("asked", "granted")
    }
    return render_template("permits/index.html", page=shown, forms=forms, state=state, states=list(PermitState))
