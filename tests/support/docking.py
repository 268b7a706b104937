"""What tests of the docking board do again and again: look for something, propose to it, offer something."""

from datetime import datetime
from typing import Any

from booking.db import db
from booking.domain.bookings import Booking
from booking.domain.docking import Demand, NewDemand, NewOffer, Offer
from booking.domain.permissions import Actor
from booking.queries import docking as questions
from booking.services.docking import open_demand, open_offer, propose
from tests.support.lives import NOW, at, window
from tests.support.world import World

HOURS = 3600


def asked(
    world: World, units: int = 8, hours: float = 2, span: tuple[float, float] = (24, 30), **more: Any
) -> NewDemand:
    """GPUs of the pool's model for the team, inside hours counted from NOW, unless it says otherwise."""
    usual: dict[str, Any] = {"team_id": world.team, "gpu_models": ("A100",), "note": "training"}
    return NewDemand(units=units, seconds=int(hours * HOURS), span=window(*span), **{**usual, **more})


def demand(world: World, *args: Any, by: Actor | None = None, now: datetime = NOW, **more: Any) -> Demand:
    """Such a demand, opened by the team's lead, or by the rival for the rival's team."""
    wanted = asked(world, *args, **more)
    who = by or (world.rival if wanted.team_id == world.rival_team else world.lead)
    return open_demand(wanted, actor=who, now=now)


def proposal(
    world: World,
    demand_id: int,
    start: float = 24,
    end: float = 26,
    units: int = 8,
    *,
    now: datetime = NOW,
    **more: Any,
) -> Booking:
    """The operator's pool, proposed."""
    usual: dict[str, Any] = {"actor": world.operator, "resource": World.POOL}
    return propose(demand_id, units=units, window=window(start, end), now=now, **{**usual, **more})


def offer(world: World, units: int = 16, *, by: Actor | None = None, now: datetime = NOW, **more: Any) -> Offer:
    """The operator's pool, offered for a day from tomorrow, to be taken within twenty hours."""
    usual: dict[str, Any] = {"resource_id": world.pool, "span": window(24, 48), "until": at(20)}
    return open_offer(NewOffer(units=units, **{**usual, **more}), actor=by or world.operator, now=now)


def found(demand_id: int) -> Demand:
    """A demand as it stands."""
    with db.engine.connect() as connection:
        return questions.find_demand(connection, demand_id)
