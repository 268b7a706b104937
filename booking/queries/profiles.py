"""Dense profiles: the free units of a resource as one number for each grid step, in which windows are found at once.

What they answer is what `domain/search.py` answers plainly; tests compare them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from booking.domain.capacity import NOTHING, Steps
from booking.domain.orders import Situation
from booking.domain.search import Need, joint_grid
from booking.domain.windows import EPOCH, Window

MICROSECOND = timedelta(microseconds=1)
MINUTE_MICROSECONDS = 60_000_000

MOST_SLOTS = 1 << 19
"""Fifteen years in quarters of an hour, a year in minutes: changes after so many steps are kept as they are."""

FIRST_CHUNK, MOST_CELLS = 256, 1 << 20
"""Steps that are looked at in one go: few at first, since most windows are found soon, then twice as many each time, up
to so many of all profiles together."""

Levels = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Track:
    """Levels by rising instants, in microseconds since 1970; `base` before the first."""

    instants: NDArray[np.int64]
    levels: NDArray[np.int64]
    base: int = 0

    @staticmethod
    def of(steps: Steps) -> "Track":
        return Track(
            np.array([_microseconds(at) for at, _ in steps.changes], dtype=np.int64),
            np.array([level for _, level in steps.changes], dtype=np.int64),
            steps.base,
        )

    def at(self, instants: NDArray[np.int64]) -> NDArray[np.int64]:
        """The level at each instant."""
        known = np.concatenate(([self.base], self.levels))
        found: NDArray[np.int64] = known[np.searchsorted(self.instants, instants, side="right")]
        return found


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of levels: from each instant on, in microseconds since 1970, what is offered and what is free of it."""

    instants: NDArray[np.int64]
    offered: NDArray[np.int64]
    free: Levels

    def rows(self) -> Iterator[tuple[str, int, int, int]]:
        """Instants as ISO 8601 without a zone, what is offered, held and free."""
        whole = not (self.instants % 1_000_000).any()
        texts = np.datetime_as_string(self.instants.astype("datetime64[us]"), unit="s" if whole else "us")
        held = self.offered - self.free
        return zip(texts.tolist(), self.offered.tolist(), held.tolist(), self.free.tolist(), strict=True)


@dataclass(frozen=True)
class Profile:
    """Free units by grid step from the step `first` on, steps counted from 1970; the least where they change inside.

    `rest` are the levels after the last of these steps, which change seldom. `on_grid` says that nothing changes
    inside a step, so that the numbers are the whole truth.
    """

    grid_minutes: int
    first: int
    free: Levels
    rest: Steps = NOTHING
    on_grid: bool = True

    @staticmethod
    def of(offer: Track, held: Track, *, grid_minutes: int, since: datetime) -> "Profile":
        """What is offered less what is held, densely until the last change of what is held."""
        step = grid_minutes * MINUTE_MICROSECONDS
        first = _microseconds(since) // step
        last = int(held.instants[-1]) // step if held.instants.size else first
        number = min(max(last - first + 1, 1), MOST_SLOTS)
        starts = (first + np.arange(number, dtype=np.int64)) * step
        free = offer.at(starts) - held.at(starts)

        changes = np.union1d(offer.instants, held.instants)
        levels = offer.at(changes) - held.at(changes)
        end = starts[-1] + step
        inside = (changes > starts[0]) & (changes < end) & (changes % step != 0)
        np.minimum.at(free, changes[inside] // step - first, levels[inside])
        rest = _rest(changes, levels, int(end), offer, held)
        on_grid = not (changes[changes > starts[0]] % step).any()
        return Profile(grid_minutes, first, free.astype(np.int32), rest, on_grid)

    @property
    def size_bytes(self) -> int:
        return int(self.free.nbytes) + 200 * len(self.rest.changes) + 1_000

    @cached_property
    def settled(self) -> int:
        """The first step from which on nothing changes any more."""
        after = self.first + len(self.free)
        return _last_step(self.rest, self.grid_minutes, after) if self.rest.changes else after

    def between(self, since: int, until: int) -> Levels:
        """The free units of the steps from `since` up to, not including, `until`."""
        begin, end = since - self.first, until - self.first
        if begin < 0:
            raise ValueError("the profile begins later")
        if end <= len(self.free):
            return self.free[begin:end]
        found = np.empty(until - since, dtype=np.int32)
        dense = max(0, len(self.free) - begin)
        found[:dense] = self.free[begin:]
        if until > since + dense:
            _fill(found[dense:], self.rest, self.grid_minutes, since + dense)
        return found

    def table(self, offer: Track, window: Window) -> "Table":
        """Every change inside a window, with what is offered; only of a profile that is `on_grid`."""
        step = self.grid_minutes * MINUTE_MICROSECONDS
        since, until = _microseconds(window.start) // step, -(-_microseconds(window.end) // step)
        free, instants = self.between(since, until), np.arange(since, until, dtype=np.int64) * step
        offered = offer.at(instants)
        changed = np.append(True, (np.diff(free) != 0) | (np.diff(offered) != 0))
        instants[0] = _microseconds(window.start)
        return Table(instants[changed], offered[changed], free[changed])

    def steps(self, window: Window) -> Steps:
        """The levels inside a window on the grid."""
        step = self.grid_minutes * MINUTE_MICROSECONDS
        since, until = _microseconds(window.start) // step, -(-_microseconds(window.end) // step)
        levels = self.between(since, until)
        changed = np.flatnonzero(np.diff(levels)) + 1
        places = [0, *changed.tolist()]
        return Steps.of((EPOCH + (since + place) * step * MICROSECOND, int(levels[place])) for place in places)


class Dense:
    """Room for several needs together, on their joint grid: units of each profile, and whatever else is to be met.

    Lengths are whole steps of that grid, and nothing is asked of the time before `since`.
    """

    def __init__(
        self, units: Mapping[int, int], profiles: Mapping[int, Profile], needs: Iterable[Need], since: datetime
    ) -> None:
        self.profiles = profiles
        self.wanted = [(profiles[resource_id], number) for resource_id, number in units.items()]
        self.wanted += [(_spare(need, since), 0) for need in needs]
        self.grid_minutes = joint_grid(profile.grid_minutes for profile, _ in self.wanted)
        self.step = self.grid_minutes * MINUTE_MICROSECONDS

    def first(self, seconds: int, *, since: datetime, until: datetime) -> Window | None:
        """The earliest window that is free throughout and starts on every grid; None where none ends in time."""
        (start,) = self.first_starts([self.wanted[0][0]], seconds, since=since, until=until)
        return Window(start, start + timedelta(seconds=seconds)) if start else None

    def first_starts(
        self, profiles: Sequence[Profile], seconds: int, *, since: datetime, until: datetime
    ) -> list[datetime | None]:
        """Where it starts with each of several profiles of one grid in the place of the first, all at once."""
        units, beside = self.wanted[0][1], self.wanted[1:]
        place, end = -(-_microseconds(since) // self.step), _microseconds(until) // self.step
        length = seconds * 1_000_000 // self.step
        end = min(end, max(place, *(self._settled(each) for each in (*profiles, *(one for one, _ in beside)))) + length)
        found: dict[int, int] = {}
        left, chunk = list(range(len(profiles))), max(FIRST_CHUNK, 2 * length)
        while left and place + length <= end:
            stop = min(end, place + chunk)
            enough = _met([profiles[row] for row in left], units, self.grid_minutes, place, stop)
            for profile, number in beside:
                enough = enough & _met([profile], number, self.grid_minutes, place, stop)
            runs = _first_runs(enough, length)
            found.update({row: place + run for row, run in zip(left, runs, strict=True) if run >= 0})
            left = [row for row, run in zip(left, runs, strict=True) if run < 0]
            place = stop - length + 1
            chunk = max(min(2 * chunk, MOST_CELLS // max(1, len(left))), 2 * length)
        return [self._instant(found[row]) if row in found else None for row in range(len(profiles))]

    def free_until(self, start: datetime, until: datetime) -> datetime:
        """How long it stays free from an instant on every grid, at most `until`."""
        place, chunk = _microseconds(start) // self.step, FIRST_CHUNK
        settled = max(self._settled(profile) for profile, _ in self.wanted)
        end = min(-(-_microseconds(until) // self.step), max(place, settled) + 1)
        while place < end:
            stop = min(end, place + chunk)
            met = [_met([profile], units, self.grid_minutes, place, stop)[0] for profile, units in self.wanted]
            enough = np.logical_and.reduce(met)
            if not enough.all():
                return min(until, self._instant(place + int(enough.argmin())))
            place, chunk = stop, min(2 * chunk, MOST_CELLS)
        return until

    def around(self, situation: Situation, window: Window) -> Situation:
        """The situation with what is free around one window."""
        resources = {
            resource_id: replace(resource, offer=self.profiles[resource_id].steps(window), held=NOTHING)
            for resource_id, resource in situation.resources.items()
        }
        return replace(situation, resources=resources)

    def _instant(self, place: int) -> datetime:
        return EPOCH + place * self.step * MICROSECOND

    def _settled(self, profile: Profile) -> int:
        """The step of the joint grid from which on nothing changes any more."""
        return -(-profile.settled * profile.grid_minutes // self.grid_minutes)


def _met(profiles: Sequence[Profile], units: int, grid_minutes: int, since: int, until: int) -> Flags:
    """For each profile a row: whether so many units are free in each step of a coarser grid."""
    times = grid_minutes // profiles[0].grid_minutes
    levels = [profile.between(since * times, until * times) for profile in profiles]
    enough: Flags = (np.stack(levels) if len(levels) > 1 else levels[0][np.newaxis]) >= units
    if times == 1:
        return enough
    throughout: Flags = np.logical_and.reduce(enough.reshape(len(profiles), -1, times), axis=2)
    return throughout


def _first_runs(enough: Flags, length: int) -> list[int]:
    """In each row, where so many in a row are true first; -1 where nowhere."""
    rows, columns = enough.shape
    if enough[:, :length].all():
        return [0] * rows
    blocked = np.zeros((rows, columns + 1), dtype=np.int32)
    np.cumsum(~enough, axis=1, out=blocked[:, 1:])
    free = blocked[:, length:] == blocked[:, : columns + 1 - length]
    first = free.argmax(axis=1)
    found: list[int] = np.where(free[np.arange(rows), first], first, -1).tolist()
    return found


def _spare(need: Need, since: datetime) -> Profile:
    """What is left beside a need, so that it is met where this is not negative."""
    left = Track.of(need.offer.minus(need.held).minus(Steps(base=need.units)))
    changes = Track(left.instants, np.zeros(left.instants.size, dtype=np.int64))
    return Profile.of(left, changes, grid_minutes=need.grid_minutes, since=since)


def _rest(changes: NDArray[np.int64], levels: NDArray[np.int64], end: int, offer: Track, held: Track) -> Steps:
    after = changes > end
    at_end = np.array([end], dtype=np.int64)
    base = int((offer.at(at_end) - held.at(at_end))[0])
    pairs = zip(changes[after].tolist(), levels[after].tolist(), strict=True)
    return Steps.of(((EPOCH + at * MICROSECOND, level) for at, level in pairs), base)


def _last_step(steps: Steps, grid_minutes: int, least: int) -> int:
    last = _microseconds(steps.changes[-1][0])
    return max(least, last // (grid_minutes * MINUTE_MICROSECONDS) + 1)


def _fill(found: Levels, steps: Steps, grid_minutes: int, since: int) -> None:
    """Write the least level of each step from the step `since` on."""
    step = grid_minutes * MINUTE_MICROSECONDS
    start = EPOCH + since * step * MICROSECOND
    found[:] = steps.level_at(start)
    for at, level in steps.changes[bisect_right(steps.changes, start, key=lambda change: change[0]) :]:
        place, inside = divmod(_microseconds(at) - since * step, step)
        if place >= len(found):
            break
        if inside:
            found[place] = min(int(found[place]), level)
        found[place + bool(inside) :] = level


def _microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // MICROSECOND
