"""Grants: those that one gives or owns, one by itself with its ledger, giving, topping up and cutting."""

from datetime import datetime

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.grants import Balance, NewGrant, Scope
from booking.domain.localtime import to_local
from booking.domain.permissions import Actor, may_change_grant, may_decide_any, may_grant, may_grant_any
from booking.domain.teams import year_hence
from booking.forms.base import SelectChoice
from booking.forms.grants import AmountForm, GrantForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import hours, read_in
from booking.queries.applications import approved_teams, find_team
from booking.queries.balances import Visible, balances_listed, grantable, newest_ledger_of, visible_balance
from booking.queries.facilities import find_facility, timezones
from booking.queries.listings import find_listing
from booking.services import grants
from booking.web.answers import form_page, see
from booking.web.paging import asked_page

bp = Blueprint("grants", __name__, url_prefix="/grants")


@bp.get("")
def index():
    """The grants that one may see, the newest first; of one team where the address names it."""
    actor, page, team = current_actor(), asked_page(), request.args.get("team", "").strip()
    if not may_grant_any(actor):
        abort(404)
    _zones()
    found = balances_listed(reading(), Visible.to(actor), team=team[:80], limit=page.limit, offset=page.offset)
    return render_template(
        "grants/index.html", page=page.of(found), team=team, now=clock.now(), may_try=may_decide_any(actor)
    )


@bp.route("/new", methods=["GET", "POST"])
def new():
    """Give a team hours of one kind, one resource or one facility."""
    actor, now = current_actor(), clock.now()
    if not may_grant_any(actor):
        raise Forbidden("Only funders and owners give grants.")
    form = _grant_form(actor, now)
    if not form.validate_on_submit():
        return form_page("grants/new.html", form)

    try:
        given = grants.create_grant(_wanted(form, actor), actor=actor, now=now)
    except (Invalid, NotFound) as problem:
        form.refuse(problem)
        return form_page("grants/new.html", form)
    flash(_("The grant is given."), "success")
    return see("grants.show", grant_id=given.id)


@bp.get("/<grant_id>")
def show(grant_id):
    """One grant with its ledger, and what can be done with it."""
    return _show(_visible(grant_id))


@bp.post("/<grant_id>/top-up")
def top_up(grant_id):
    """Add to a grant."""
    balance, form = _visible(grant_id), AmountForm(prefix="top-up")
    if not form.validate_on_submit():
        return _show(balance, more=form), 422
    try:
        grants.top_up(balance.id, form.unit_hours.unit_seconds, **_by(form))
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return _show(balance, more=form), 422
    flash(_("%(amount)s are added.", amount=hours(form.unit_hours.unit_seconds, balance.counts)), "success")
    return see("grants.show", grant_id=balance.id)


@bp.post("/<grant_id>/cut")
def cut(grant_id):
    """Take back what bookings leave of a grant; it is said what stays, and why."""
    balance, form = _visible(grant_id), AmountForm(prefix="cut")
    if not form.validate_on_submit():
        return _show(balance, less=form), 422
    try:
        after, done = grants.cut_grant(balance.id, form.unit_hours.unit_seconds, **_by(form))
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return _show(balance, less=form), 422
    taken, stays, held, charged = (
        hours(one, after.counts)
        for one in (
            done.taken_unit_seconds, done.stays_unit_seconds, done.held_unit_seconds, done.charged_unit_seconds,
        )
    )  # fmt: skip
    if done.is_whole:
        flash(_("%(taken)s are taken back.", taken=taken), "success")
    else:
        flash(
            _(
                "%(taken)s are taken back. %(stays)s of what you said stay: %(held)s are held by bookings and"
                " %(charged)s are charged.",
                taken=taken, stays=stays, held=held, charged=charged,
            ),
            "warning",
        )  # fmt: skip
    return see("grants.show", grant_id=balance.id)


def _show(balance: Balance, *, more: AmountForm | None = None, less: AmountForm | None = None) -> str:
    """The page of a grant; what was typed into one of its forms is shown in it again."""
    page, actor = asked_page(), current_actor()
    read_in(balance.timezone)
    lines = newest_ledger_of(reading(), [balance.id], limit=page.limit, offset=page.offset)
    return render_template(
        "grants/show.html",
        balance=balance,
        page=page.of(lines),
        now=clock.now(),
        may_change=may_change_grant(actor, balance.issuer_id, balance.owner_id, balance.owner_kind),
        more=more or AmountForm(prefix="top-up", formdata=None),
        less=less or AmountForm(prefix="cut", formdata=None),
    )


def _visible(grant_id: str) -> Balance:
    return visible_balance(reading(), parse_id(grant_id, "grant"), current_actor())


def _by(form: AmountForm):
    return {"actor": current_actor(), "now": clock.now(), "reason": form.reason.data or ""}


def _zones() -> list[str]:
    """The zones of all facilities; the page shows its instants in the first."""
    zones = timezones(reading())
    read_in(zones[0])
    return zones


def _grant_form(actor: Actor, now: datetime) -> GrantForm:
    """The form for a new grant, which begins with the team of the address, today, and a year."""
    zones = _zones()
    today = to_local(now, zones[0]).replace(hour=0, minute=0, second=0, microsecond=0)
    form = GrantForm(
        team=request.args.get("team", ""),
        timezone=zones[0],
        starts_at=today,
        ends_at=year_hence(today),
    )
    form.offer([(team.slug, team.name) for team in approved_teams(reading())], _scopes(actor), zones)
    return form


def _scopes(actor: Actor) -> list[SelectChoice]:
    """What the actor can grant on: whole kinds for who grants on everything, and what is the actor's to give."""
    groups = {"facility": _("All of a facility"), "pool": _("One pool"), "dataset": _("One dataset")}
    kinds = [("pool", _("all pools")), ("dataset", _("all datasets"))] if may_grant(actor, None) else []
    return [
        *(SelectChoice(f"kind:{kind}", name, optgroup=_("Everything")) for kind, name in kinds),
        *(
            SelectChoice(
                f"{'facility' if one.noun == 'facility' else 'resource'}:{one.slug}",
                one.name,
                optgroup=groups[one.noun],
            )
            for one in grantable(reading(), Visible.to(actor))
        ),
    ]


def _wanted(form: GrantForm, actor: Actor) -> NewGrant:
    noun, _colon, slug = form.scope.data.partition(":")
    if noun == "resource":
        scope = Scope(resource_id=find_listing(reading(), slug, actor=actor).id)
    elif noun == "facility":
        scope = Scope(facility_id=find_facility(reading(), slug).id)
    else:
        scope = Scope(kind=slug)
    return NewGrant(
        team_id=find_team(reading(), form.team.data).id,
        scope=scope,
        unit_seconds=form.unit_hours.unit_seconds,
        window=form.window,
        cap=form.cap(),
        timezone=form.timezone.data,
        reason=form.reason.data or "",
        subsidy_percent=form.subsidy_percent.data,
        eligible_kinds=tuple(form.eligible_kinds.data or ()) or None,
        eligible_regions=form.regions(),
    )
