"""What the tests of series ask for: the pool from ten to twelve by the clocks of Paris, on dates from 3 March 2026."""

from datetime import date, datetime, time
from typing import Any

from booking.db import db
from booking.domain.orders import Claim
from booking.domain.recurrence import read_rule
from booking.domain.series import LocalTimes, Plan, Series
from booking.queries.series import find_series
from booking.services.series import request_series
from tests.support.lives import NOW
from tests.support.world import World

FIRST = date(2026, 3, 3)
"""A Tuesday, the day after `lives.NOW`."""

DAILY = "FREQ=DAILY;COUNT=4"


def day(number: int) -> date:
    """A day of March 2026."""
    return date(2026, 3, number)


def plan(
    world: World,
    rule: str = DAILY,
    units: int = 8,
    *,
    first: date = FIRST,
    start: str = "10:00",
    end: str = "12:00",
    zone: str = "Europe/Paris",
    seats: int = 0,
    **more: Any,
) -> Plan:
    """What the team asks for."""
    begins, ends = (datetime.combine(first, time.fromisoformat(each)) for each in (start, end))
    wanted = ((world.pool, units), (world.dataset, seats))
    claims = tuple(Claim(resource_id, number) for resource_id, number in wanted if number)
    team = more.pop("team", world.team)
    return Plan(team, read_rule(rule), LocalTimes(zone, first, begins, ends), claims, "training", **more)


def begin(world: World, rule: str = DAILY, units: int = 8, *, now: datetime = NOW, **more: Any) -> Series:
    """A series of the team, requested by its lead."""
    return request_series(plan(world, rule, units, **more), actor=world.lead, now=now)


def series_found(series_id: int) -> Series:
    """A series as it stands."""
    with db.engine.connect() as connection:
        return find_series(connection, series_id)
