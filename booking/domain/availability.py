"""Availability: what a resource offers, what bookings hold of it, and what is left, over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.domain.capacity import Steps
from booking.domain.windows import Window


@dataclass(frozen=True, slots=True)
class Level:
    """Units from an instant on."""

    at: datetime
    offered: int
    held: int

    @property
    def free(self) -> int:
        """What can still be booked; negative while an outage displaces bookings."""
        return self.offered - self.held


def levels(offer: Steps, held: Steps, window: Window) -> list[Level]:
    """The levels inside a window: the first at its start, then one for every change."""
    # Both say their level at the window's start, so that each instant only brings what differs from the one before.
    offered, taken = dict(offer.within(window)), dict(held.within(window))
    found: list[Level] = []
    now_offered = now_held = 0
    for at in sorted({*offered, *taken}):
        before = (now_offered, now_held)
        now_offered, now_held = offered.get(at, now_offered), taken.get(at, now_held)
        if not found or before != (now_offered, now_held):
            found.append(Level(at, now_offered, now_held))
    return found


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the most that is free inside a window, and the most that is offered."""

    window: Window
    offered: int
    least_free: int
    most_free: int


def spans(found: Sequence[Level], windows: Iterable[Window]) -> list[Span]:
    """The levels summed up over windows, such as days, none of which begins before the first level."""
    offer = Steps.of((level.at, level.offered) for level in found)
    free = Steps.of((level.at, level.free) for level in found)
    return [Span(window, offer.highest(window), free.lowest(window), free.highest(window)) for window in windows]
