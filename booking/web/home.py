"""The first page: what this is for a visitor; what comes next, and a search for a window, for who is signed in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from booking import clock
from booking.domain.lifecycle import OPEN
from booking.domain.localtime import to_local
from booking.domain.permissions import may_decide_any
from booking.domain.refusals import Refusal
from booking.domain.windows import Window, ceil_to_grid
from booking.forms.base import SelectChoice
from booking.forms.searches import FindForm
from booking.http.actor import asking
from booking.http.reading import reading
from booking.http.regions import region_name
from booking.http.words import read_in
from booking.queries import agendas, catalogue
from booking.services.searches import Wish, search
from booking.web.booking_pages import agenda
from booking.web.order_forms import Menu, menu_of, order_address, teams_of
from booking.web.previews import Cost, costs_of

NEXT = 5
MOST_OFFERS = 10
LOOK_AHEAD = timedelta(days=14)
QUARTER = 15

bp = Blueprint("home", __name__)


@dataclass(frozen=True)
class Found:
    """One window that was found, and the address of the form that asks for it.

    `owners` would be asked to approve it; `seat_held` is the dataset of which the team holds a seat already; `first`
    are the reasons that are to be put right before.
    """

    pool: Any
    window: Window
    costs: list[Cost]
    owners: list[str]
    seat_held: str
    first: tuple[Refusal, ...]
    address: str


@bp.get("/")
def index():
    """Where everybody begins."""
    actor = asking()
    if not actor.signed_in:
        return render_template("home/visitor.html")

    now, session = clock.now(), reading()
    coming = agendas.bookings_of_teams(session.connection(), actor.teams, OPEN, since=now, limit=NEXT)
    own_teams = teams_of(session, actor)
    menu = menu_of(session)
    form = _find_form(session, menu, own_teams, now)
    asked = "units" in request.args
    fits = asked and form.validate()
    page = {
        "agenda": agenda(session, coming, now),
        "coming": coming,
        "teams": own_teams,
        "waiting": agendas.count_waiting_for(session.connection(), actor) if may_decide_any(actor) else 0,
        "found": _found(form, menu, own_teams, now) if fits else None,
    }
    return render_template("home/index.html", form=form, **page), 422 if asked and not fits else 200


def _find_form(session, menu: Menu, own_teams, now) -> FindForm:
    """The search as the address has it; as it begins where the address has none."""
    zones = menu.zones()
    begin = to_local(ceil_to_grid(now, QUARTER), zones[0])
    begins = {"units": 1, "hours": "4", "zone": zones[0], "earliest": begin, "latest": begin + LOOK_AHEAD}
    begins["team"] = own_teams[0].slug if len(own_teams) == 1 else ""
    form = FindForm(formdata=request.args if "units" in request.args else None, data=begins)
    _offer(form, menu, catalogue.gpu_models(session), own_teams)
    form.zone.choices = [SelectChoice(zone) for zone in zones]
    read_in(form.zone.data if form.zone.data in zones else zones[0])
    return form


def _offer(form: FindForm, menu: Menu, models, own_teams) -> None:
    """What can be chosen."""
    pools = [row for row in menu.rows if row.kind == "pool"]
    facilities = {row.facility: row.facility_name for row in pools}
    regions = [SelectChoice(name, region_name(name)) for name in sorted({row.region for row in pools if row.region})]
    form.gpu_model.choices = [SelectChoice("", _("any model")), *(SelectChoice(model) for model in models)]
    form.second_model.choices = [SelectChoice("", _("none")), *(SelectChoice(model) for model in models)]
    form.dataset.choices = [SelectChoice("", _("none"))]
    form.dataset.choices += [SelectChoice(row.slug, row.name) for row in menu.rows if row.kind == "dataset"]
    form.facility.choices = [SelectChoice("", _("any facility"))]
    form.facility.choices += [SelectChoice(slug, name) for slug, name in facilities.items()]
    form.regions.choices, form.regions_denied.choices = regions, list(regions)
    form.team.choices = [SelectChoice("", _("none: what is free for anybody"))]
    form.team.choices += [SelectChoice(team.slug, team.name) for team in own_teams]


def _found(form: FindForm, menu: Menu, own_teams, now) -> list[Found]:
    """The windows that serve the wish, each ready to be booked."""
    wish = Wish(
        units=form.units.data,
        seconds=form.seconds,
        longest=form.longest_seconds,
        span=form.span,
        kind="pool",
        gpu_models=form.models,
        memory_gib=form.memory_gib.data or 0,
        regions=tuple(form.regions.data or ()),
        regions_denied=tuple(form.regions_denied.data or ()),
        facility=form.facility.data,
        dataset=form.dataset.data,
        team_id=next((team.id for team in own_teams if team.slug == form.team.data), None),
    )
    return [
        Found(
            menu.by_slug[one.resource],
            one.window,
            costs_of(menu, one.window, one.claims),
            [menu.by_slug[slug].owner_name for slug in one.approvals],
            menu.names.get(one.seat_held, ""),
            one.first,
            order_address(menu, team=form.team.data, window=one.window, claims=one.claims),
        )
        for one in search(wish, now=now, limit=MOST_OFFERS, by=asking().user_id)
        if one.resource in menu.by_slug
    ]
