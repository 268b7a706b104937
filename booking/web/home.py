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
from booking.domain.windows import Window, ceil_to_grid
from booking.forms.base import SelectChoice
from booking.forms.searches import FindForm
from booking.http.actor import asking
from booking.http.reading import reading
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
    """One window that was found, and the address of the form that asks for it."""

    pool: Any
    window: Window
    costs: list[Cost]
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
    form = _find_form(session, menu, now)
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


def _find_form(session, menu: Menu, now) -> FindForm:
    """The search as the address has it; as it begins where the address has none."""
    zones = menu.zones()
    begin = to_local(ceil_to_grid(now, QUARTER), zones[0])
    begins = {"units": 1, "hours": "4", "zone": zones[0], "earliest": begin, "latest": begin + LOOK_AHEAD}
    form = FindForm(formdata=request.args if "units" in request.args else None, data=begins)
    datasets = [row for row in menu.rows if row.kind == "dataset"]
    form.gpu_model.choices = [SelectChoice("", _("any model"))]
    form.gpu_model.choices += [SelectChoice(model) for model in catalogue.gpu_models(session)]
    form.dataset.choices = [SelectChoice("", _("none"))]
    form.dataset.choices += [SelectChoice(row.slug, row.name) for row in datasets]
    form.zone.choices = [SelectChoice(zone) for zone in zones]
    read_in(form.zone.data if form.zone.data in zones else zones[0])
    return form


def _found(form: FindForm, menu: Menu, own_teams, now) -> list[Found]:
    """The windows that serve the wish, each ready to be booked."""
    wish = Wish(
        units=form.units.data,
        seconds=form.seconds,
        span=form.span,
        kind="pool",
        gpu_models=(form.gpu_model.data,) if form.gpu_model.data else (),
        dataset=form.dataset.data,
    )
    team = own_teams[0].slug if len(own_teams) == 1 else ""
    return [
        Found(
            menu.by_slug[one.resource],
            one.window,
            costs_of(menu, one.window, one.claims),
            order_address(menu, team=team, window=one.window, claims=one.claims),
        )
        for one in search(wish, now=now, limit=MOST_OFFERS)
    ]
