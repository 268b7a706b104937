"""The forms of the docking board: what can be chosen in them, and what they begin with."""

from datetime import datetime, timedelta

from flask import request
from flask_babel import gettext as _

from booking.domain.docking import Demand, demand_of
from booking.domain.localtime import to_local
from booking.domain.organisations import OrganisationKind
from booking.domain.refusals import Refused
from booking.domain.waitlist import is_worth_waiting, sayable_hours, wish_instead
from booking.domain.windows import ceil_to_grid
from booking.forms.base import SelectChoice
from booking.forms.docking import DemandForm, OfferForm, ProposalForm
from booking.forms.times import LOCAL
from booking.http.regions import region_name
from booking.http.vocabulary import word
from booking.http.words import read_in
from booking.queries.applications import approved_teams
from booking.web.order_forms import USUAL_GRID, USUAL_HOURS, Menu
from booking.web.paging import asked_instant

LOOK_AHEAD = timedelta(days=7)


def demand_form(menu: Menu, own_teams, now: datetime) -> DemandForm:
    """The form of a demand, which begins with what the link says."""
    form = DemandForm(data=_demand_begins(menu, own_teams, now) if request.method == "GET" else None)
    form.team.choices = [SelectChoice(team.slug, team.name) for team in own_teams]
    form.dataset.choices = menu.choices("dataset")
    _offer_zones(form, menu)
    return form


def proposal_form(menu: Menu, demand: Demand) -> ProposalForm:
    """The form of a proposal, which begins with what the link says, or with what is looked for."""
    form = ProposalForm(data=_proposal_begins(menu, demand) if request.method == "GET" else None)
    form.resource.choices = menu.choices()[1:]
    _offer_zones(form, menu)
    return form


def offer_form(session, menu: Menu, now: datetime) -> OfferForm:
    """The form of an offer, which begins with what the link says."""
    form = OfferForm(data=_offer_begins(menu, now) if request.method == "GET" else None)
    anybody = SelectChoice("", _("everybody"))
    form.resource.choices = menu.choices()[1:]
    form.team.choices = [anybody, *(SelectChoice(team.slug, team.name) for team in approved_teams(session))]
    form.region.choices = [anybody, *(SelectChoice(region, region_name(region)) for region in _regions(menu))]
    form.kind.choices = [anybody, *(SelectChoice(kind.value, word(kind.value)) for kind in OrganisationKind)]
    _offer_zones(form, menu)
    return form


def known_words(menu: Menu) -> dict[str, list[str]]:
    """The GPU models and regions that there are; others may be looked for too."""
    models = sorted({row.gpu_model for row in menu.rows if row.gpu_model})
    return {"gpu_models": models, "regions": _regions(menu)}


def demand_values(menu: Menu, order, team: str, refused) -> dict[str, object]:
    """What the form of a demand would hold for what was refused; empty where no demand can say it, or cure it."""
    if not isinstance(refused, Refused) or not is_worth_waiting(refused.refusals):
        return {}
    wish = wish_instead(order, {row.id: row.kind for row in menu.rows})
    if wish is None:
        return {}
    asked = demand_of(wish, menu.by_id[wish.resource_id].gpu_model or "")
    return {
        "team": team,
        "gpu_models": ", ".join(asked.gpu_models),
        "dataset": menu.by_id[asked.dataset_id].slug if asked.dataset_id else "",
        "units": asked.units,
        "hours": sayable_hours(asked.seconds),
        "earliest": _typed(asked.span.start),
        "latest": _typed(asked.span.end),
        "zone": "UTC",
        "note": asked.note or _("Refused for want of units"),
    }


def _typed(instant: datetime) -> str:
    """An instant as a browser sends a time of UTC."""
    return to_local(instant, "UTC").strftime(LOCAL[0])


def _offer_zones(form, menu: Menu) -> None:
    form.zone.choices = [SelectChoice(zone) for zone in menu.zones()]
    read_in(form.zone.data if form.zone.data in menu.zones() else menu.zones()[0])


def _regions(menu: Menu) -> list[str]:
    return sorted({row.region for row in menu.rows if row.region})


def _demand_begins(menu: Menu, own_teams, now: datetime):
    asked = request.args
    zone = menu.zones()[0]
    start = asked_instant("earliest") or ceil_to_grid(now, USUAL_GRID)
    plain = {name: asked.get(name, "") for name in ("gpu_models", "dataset", "regions", "note")}
    return plain | {
        "team": asked.get("team", "") or (own_teams[0].slug if own_teams else ""),
        "units": asked.get("units", 1, type=int),
        "hours": asked.get("hours", USUAL_HOURS),
        "zone": zone,
        "earliest": to_local(start, zone),
        "latest": to_local(asked_instant("latest") or start + LOOK_AHEAD, zone),
    }


def _proposal_begins(menu: Menu, demand: Demand):
    asked, wanted = request.args, demand.asked
    slug = asked.get("resource", "")
    if slug not in menu.by_slug:
        slug = next((row.slug for row in menu.rows if row.gpu_model in wanted.gpu_models), menu.rows[0].slug)
    zone = menu.zone_of([slug])
    return {
        "resource": slug,
        "units": asked.get("units", wanted.units, type=int),
        "starts_at": to_local(asked_instant("starts_at") or wanted.span.start, zone),
        "hours": str(sayable_hours(wanted.seconds)),
        "zone": zone,
    }


def _offer_begins(menu: Menu, now: datetime):
    asked = request.args
    slug = asked.get("resource", menu.rows[0].slug)
    zone = menu.zone_of([slug])
    start = ceil_to_grid(now, 60) + timedelta(days=1)
    return {
        "resource": slug,
        "units": asked.get("units", 1, type=int),
        "team": asked.get("team", ""),
        "zone": zone,
        "starts_at": to_local(start, zone),
        "ends_at": to_local(start + LOOK_AHEAD, zone),
        "until": to_local(start, zone),
    }
