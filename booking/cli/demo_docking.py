"""The docking board of the demo: what two teams look for, and what an operator offers to one of them."""

from datetime import timedelta
from typing import NamedTuple

from booking.db import db
from booking.domain.docking import NewDemand, NewOffer
from booking.domain.windows import Window
from booking.queries import demo as known
from booking.queries.users import actor_by_email
from booking.services.docking import open_demand, open_offer


class Sought(NamedTuple):
    """A demand: units of some models for so many hours, from so many days ahead, for as many days."""

    team: str
    lead: str
    gpu_models: tuple[str, ...]
    units: int
    hours: int
    days: tuple[int, int]
    note: str


DEMANDS = (
    Sought("demo-team", "lead@demo.example", ("H100", "A100"), 32, 24, (8, 13), "路口模型总训练 · Train the crossings"),
    Sought("rival-team", "rival@demo.example", ("H100",), 96, 48, (9, 15), "城市级仿真 · Simulate the whole city"),
)
OFFER = ("demo-a100", 48, "operator@demo.example", "demo-team", "下周有整块空闲 · A quiet week; take all of it")


def add_board(now):
    """What is not there yet; what somebody has answered meanwhile stays as it is."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for wanted in DEMANDS:
        team_id = known.team_id(db.session(), wanted.team)
        lead = actor_by_email(db.session(), wanted.lead)
        if team_id not in lead.teams or known.has_looked(db.session(), team_id):
            continue
        span = Window(*(today + timedelta(days=day) for day in wanted.days))
        asked = NewDemand(team_id, wanted.units, wanted.hours * 3600, span, wanted.gpu_models, note=wanted.note)
        open_demand(asked, actor=lead, now=now)
    slug, units, operator, team, note = OFFER
    resource_id = known.resource_id(db.session(), slug)
    if not known.was_offered(db.session(), resource_id):
        span = Window(today + timedelta(days=7), today + timedelta(days=14))
        team_id = known.team_id(db.session(), team)
        offered = NewOffer(resource_id, units, span, span.start, team_id=team_id, note=note)
        open_offer(offered, actor=actor_by_email(db.session(), operator), now=now)
