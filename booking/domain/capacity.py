"""Capacity over time: step functions, what is offered, and whom a cut displaces."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf

from booking.domain.windows import Window


@dataclass(frozen=True, slots=True)
class Steps:
    """A level that changes at instants: `base` before the first change, then from each instant its level.

    Instants rise and neighbours differ.
    """

    changes: tuple[tuple[datetime, int], ...] = ()
    base: int = 0

    @staticmethod
    def of(levels: Iterable[tuple[datetime, int]], base: int = 0) -> Steps:
        """Steps from levels in order of time, equal neighbours dropped."""
        changes: list[tuple[datetime, int]] = []
        last = base
        for at, level in levels:
            if level != last:
                changes.append((at, level))
                last = level
        return Steps(tuple(changes), base)

    @staticmethod
    def total(occupied: Iterable[tuple[datetime, datetime | None, int]], base: int = 0) -> Steps:
        """The sum of units over their windows (start, end or None for ever, units)."""
        deltas: defaultdict[datetime, int] = defaultdict(int)
        for start, end, units in occupied:
            deltas[start] += units
            if end is not None:
                deltas[end] -= units
        level = base
        levels = []
        for at in sorted(deltas):
            level += deltas[at]
            levels.append((at, level))
        return Steps.of(levels, base)

    def level_at(self, instant: datetime) -> int:
        index = bisect_right(self.changes, (instant, inf))
        return self.changes[index - 1][1] if index else self.base

    def within(self, window: Window) -> list[tuple[datetime, int]]:
        """The level at the window's start and at every change inside it."""
        first = bisect_right(self.changes, (window.start, inf))
        levels = [(window.start, self.changes[first - 1][1] if first else self.base)]
        for at, level in self.changes[first:]:
            if at >= window.end:
                break
            levels.append((at, level))
        return levels

    def lowest(self, window: Window) -> int:
        """The level that can be counted on throughout the window."""
        return min(level for _, level in self.within(window))

    def highest(self, window: Window) -> int:
        """The peak inside the window."""
        return max(level for _, level in self.within(window))

    def tightest(self, window: Window) -> tuple[datetime, int]:
        """The first instant of the lowest level inside the window, and that level."""
        return min(self.within(window), key=lambda step: step[1])

    def plus(self, other: Steps) -> Steps:
        """The sum of both levels at every instant."""
        own, others = dict(self.changes), dict(other.changes)
        level, others_level = self.base, other.base
        sums = []
        for at in sorted(own.keys() | others.keys()):
            level, others_level = own.get(at, level), others.get(at, others_level)
            sums.append((at, level + others_level))
        return Steps.of(sums, self.base + other.base)

    def raised(self, window: Window, by: int) -> Steps:
        """The same with so much more over one window; what lies outside is not looked at."""
        first = bisect_left(self.changes, (window.start, -inf))
        last = bisect_left(self.changes, (window.end, -inf))
        before = self.changes[first - 1][1] if first else self.base
        inside = [(at, level + by) for at, level in self.within(window)]
        rest = self.changes[last:]
        if not rest or rest[0][0] != window.end:
            rest = ((window.end, inside[-1][1] - by), *rest)
        if inside[-1][1] == rest[0][1]:
            rest = rest[1:]
        return Steps((*self.changes[:first], *(inside[1:] if inside[0][1] == before else inside), *rest), self.base)

    def minus(self, other: Steps) -> Steps:
        """This level less the other at every instant; negative where the other is higher."""
        return self.plus(Steps(tuple((at, -level) for at, level in other.changes), -other.base))


NOTHING = Steps()
"""Zero at all times."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Levels as they were read around one window: from before its start up to and including its end."""

    window: Window
    levels: Steps

    @staticmethod
    def joined(stretches: Iterable[Stretch]) -> Steps:
        """The levels of several stretches; they say nothing of the time between them."""
        changes = dict(change for stretch in stretches for change in stretch.levels.changes)
        return Steps(tuple(sorted(changes.items())))


class Change(StrEnum):
    """What a capacity change does to the offer."""

    SUPPLY = "supply"
    OUTAGE = "outage"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CapacityChange:
    """Units added or taken from `start` to `end` (None: for ever); `units` is 0 for a closure."""

    kind: Change
    units: int
    start: datetime
    end: datetime | None
    reason: str = ""

    def overlaps(self, window: Window) -> bool:
        """Whether they share an instant; a change that was ended as it began shares none."""
        end = window.end if self.end is None else min(self.end, window.end)
        return max(self.start, window.start) < end


def offered(changes: Iterable[CapacityChange], base: int = 0) -> Steps:
    """Supplies less outages, never below zero, and zero while closed; `base` is offered at all times."""
    changes = list(changes)
    signed = {Change.SUPPLY: 1, Change.OUTAGE: -1, Change.CLOSED: 0}
    level = Steps.total(((c.start, c.end, signed[c.kind] * c.units) for c in changes), base)
    closed = Steps.total((c.start, c.end, 1) for c in changes if c.kind is Change.CLOSED)
    instants = sorted({at for at, _ in level.changes} | {at for at, _ in closed.changes})
    return Steps.of(((at, 0 if closed.level_at(at) else max(0, level.level_at(at))) for at in instants), base)


@dataclass(frozen=True, slots=True)
class Standing:
    """A booking that occupies units of one resource; `admitted` orders bookings by age (instant, id).

    An `addition` is what a change request holds for it: it makes room for every booking.
    """

    booking_id: int
    window: Window
    units: int
    admitted: tuple[datetime, int]
    addition: bool = False


def displaced(offer: Steps, standing: Sequence[Standing], after: datetime) -> list[Standing]:
    """Who no longer fits from `after` on: additions before bookings and the latest admitted first, nobody who would
    fit once others are gone.

    Only bookings over an instant that is promised too often can be displaced. In order of admission each keeps its
    place where the offer has room beside those kept before.
    """
    free = offer.minus(_held_by(standing))
    touched = [s for s in standing if s.window.end > after and free.lowest(_rest(s.window, after)) < 0]
    room = free.plus(_held_by(touched))
    edges = {edge for s in touched for edge in (s.window.start, s.window.end)}
    instants = sorted({after, *edges, *(at for at, _ in room.changes)})
    levels = [room.level_at(instant) for instant in instants]

    gone = []
    for one in sorted(touched, key=lambda s: (s.addition, s.admitted)):
        rest = _rest(one.window, after)
        own = range(bisect_left(instants, rest.start), bisect_left(instants, rest.end))
        if min(levels[own.start : own.stop]) < one.units:
            gone.append(one)
            continue
        for index in own:
            levels[index] -= one.units
    return gone


def _held_by(standing: Iterable[Standing]) -> Steps:
    return Steps.total((s.window.start, s.window.end, s.units) for s in standing)


def _rest(window: Window, after: datetime) -> Window:
    return Window(max(window.start, after), window.end)
