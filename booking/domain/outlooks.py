"""Outlooks: what a card of the catalogue says of a resource, which is what is free now, each day, and how soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.domain.availability import Level, Span, levels, spans
from booking.domain.localtime import local_days
from booking.domain.orders import Resource
from booking.domain.search import earliest
from booking.domain.windows import Window, ceil_to_grid, floor_to_grid
from booking.domain.wishes import Share, length_of, span_of

AHEAD = timedelta(days=14)
USUAL_HOURS = {"pool": 72, "dataset": 8}
USUAL_SHARE = 8
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is commonly asked for: units for so many seconds."""

    units: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is free now and on each of the next days, and the first window of a common shape; true until `until`."""

    now: Level
    days: tuple[Span, ...]
    shape: Shape | None
    first: Window | None
    until: datetime

    @property
    def most(self) -> int:
        """The most that is offered on any of these days."""
        return max(day.offered for day in self.days)


def outlook(resource: Resource, zone: str, now: datetime) -> Outlook:
    """The outlook of a resource whose held levels were read for AHEAD and the length of its common shape."""
    start = floor_to_grid(now, resource.grid_minutes)
    window = Window(start, now + AHEAD)
    found = levels(resource.offer, resource.held, window)
    days = tuple(spans(found, local_days(window, zone)))
    shape = usual_shape(resource, max(day.offered for day in days))
    return Outlook(
        now=[level for level in found if level.at <= now][-1],
        days=days,
        shape=shape,
        first=_first(resource, shape, now) if shape else None,
        until=min([ceil_to_grid(now + MOMENT, resource.grid_minutes), *_after(found, now)]),
    )


def usual_shape(resource: Resource, offered: int) -> Shape | None:
    """An eighth of what is offered, as a power of two, for three days; a seat for eight hours; within the limits.

    None where the limits let nothing like it be booked.
    """
    policy = resource.policy
    units = 1 << max(0, (offered // USUAL_SHARE).bit_length() - 1) if resource.kind == "pool" else 1
    limits = [most for most in (policy.max_units, policy.max_units_per_team) if most is not None]
    units = max(min([units, *limits]) // policy.unit_step, 1) * policy.unit_step
    minutes = USUAL_HOURS[resource.kind] * 60
    if policy.max_minutes is not None:
        minutes = min(minutes, policy.max_minutes // resource.grid_minutes * resource.grid_minutes)
    seconds = length_of([Share(resource, units)], minutes * 60)
    return Shape(units, seconds) if seconds and units <= offered else None


def _first(resource: Resource, shape: Shape, now: datetime) -> Window | None:
    shares = [Share(resource, shape.units)]
    asked = Window(floor_to_grid(now, resource.grid_minutes), now + AHEAD + timedelta(seconds=shape.seconds))
    within = span_of(shares, shape.seconds, asked, now)
    if within is None:
        return None
    return earliest(
        resource.offer,
        resource.held,
        units=shape.units,
        seconds=shape.seconds,
        grid_minutes=resource.grid_minutes,
        within=within,
    )


def _after(found: Sequence[Level], now: datetime) -> list[datetime]:
    return [level.at for level in found if level.at > now][:1]
