"""Utilisation: what was published of a resource, and what became of it, in whole unit-seconds by day and by hour."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from booking.domain.capacity import NOTHING, Steps
from booking.domain.errors import Invalid
from booking.domain.lifecycle import State
from booking.domain.localtime import to_local
from booking.domain.windows import Window

HOURS = 24
YEARS = range(1971, 2199)
MOST_DAYS = 400
A_SECOND = timedelta(seconds=1)
A_DAY = timedelta(days=1)

# States of bookings that ran, where nobody had to check in.
RAN = frozenset({State.ACTIVE, State.COMPLETED, State.REVOKED})


class Per(StrEnum):
    """The periods that days are put together to."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody had of a resource. `measured` is what was used of the `measured_of` that was measured at all."""

    booked: int = 0
    checked_in: int = 0
    no_show: int = 0
    measured: int = 0
    measured_of: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(
            self.booked + other.booked,
            self.checked_in + other.checked_in,
            self.no_show + other.no_show,
            self.measured + other.measured,
            self.measured_of + other.measured_of,
        )


@dataclass(frozen=True, slots=True)
class Use:
    """What one booking occupied of a resource, whether its team came, and what was measured of it (None: unknown)."""

    team_id: int
    window: Window
    units: int
    came: bool
    no_show: bool
    measured: int | None = None

    def within(self, window: Window) -> Share:
        """Its part inside a window. The parts of windows that touch add up to the whole, measured usage too."""
        inside = self.window.intersection(window)
        if inside is None:
            return Share()
        booked = self.units * inside.seconds
        return Share(
            booked=booked,
            checked_in=booked if self.came else 0,
            no_show=booked if self.no_show else 0,
            measured=self._measured_until(inside.end) - self._measured_until(inside.start),
            measured_of=booked if self.measured is not None else 0,
        )

    def _measured_until(self, instant: datetime) -> int:
        """Usage is known for the booking as a whole, and is taken to be even over it."""
        return (self.measured or 0) * int((instant - self.window.start).total_seconds()) // self.window.seconds


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A day as a calendar names it, and the instants that belong to it."""

    day: date
    window: Window


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a resource; the hours are those that clocks at its facility show."""

    day: date
    window: Window
    published_hours: tuple[int, ...]
    booked_hours: tuple[int, ...]
    shares: Mapping[int, Share]

    @property
    def published(self) -> int:
        return sum(self.published_hours)

    @property
    def booked(self) -> int:
        return sum(self.booked_hours)


@dataclass(frozen=True, slots=True)
class Totals:
    """What was published, and what became of it."""

    published: int = 0
    share: Share = field(default_factory=Share)

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.published + other.published, self.share + other.share)

    @property
    def percent_booked(self) -> int | None:
        """Of what was published, the fraction dropped; None where nothing was."""
        return percent(self.share.booked, self.published)

    @property
    def percent_measured(self) -> int | None:
        """Of what was booked and measured; None where nothing was measured."""
        return percent(self.share.measured, self.share.measured_of)


def percent(part: int, whole: int) -> int | None:
    """Whole per cent, the fraction dropped; None of nothing."""
    return part * 100 // whole if whole else None


def came(state: State, asked: bool, checked_in: bool) -> bool:
    """Whether a team used its booking: it checked in, or was not `asked` to and the booking ran."""
    return checked_in or (not asked and state in RAN)


def amount(steps: Steps, window: Window) -> int:
    """Unit-seconds of a level inside a window."""
    levels = steps.within(window)
    ends = [at for at, _ in levels[1:]] + [window.end]
    return sum((level * (end - at) for (at, level), end in zip(levels, ends, strict=True)), timedelta()) // A_SECOND


def days_between(start: datetime, end: datetime, zone: str, last: date | None = None) -> list[LocalDay]:
    """The days of a calendar in `zone` from `start` up to `end`, the first and the last of them cut.

    `last` is a day that has been before: none is named twice, even where the zone was changed meanwhile.
    """
    found: list[LocalDay] = []
    while start < end:
        day = to_local(start, zone).date()
        if last is not None and day <= last:
            day = last + A_DAY
        until = min(midnight(day + A_DAY, zone), end)
        found.append(LocalDay(day, Window(start, until)))
        start, last = until, day
    return found


def midnight(day: date, zone: str) -> datetime:
    """The instant at which a day begins in `zone`; where clocks are put forward over it, the one that they show."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local_hours(window: Window, zone: str) -> list[tuple[int, Window]]:
    """The hours that clocks in `zone` show in a window, each with its instants; some come twice, others not at all."""
    found = []
    start = window.start
    while start < window.end:
        local = to_local(start, zone)
        rest = timedelta(hours=1) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        end = min(start + rest, window.end)
        found.append((local.hour, Window(start, end)))
        start = end
    return found


def summed(days: Sequence[LocalDay], zone: str, offer: Steps, uses: Iterable[Use]) -> list[Day]:
    """What became of a resource on each of some days, which are in order and do not overlap."""
    starts = [day.window.start for day in days]
    by_day: list[list[Use]] = [[] for _ in days]
    for use in uses:
        first = max(0, bisect_right(starts, use.window.start) - 1)
        for index in range(first, bisect_left(starts, use.window.end)):
            if days[index].window.overlaps(use.window):
                by_day[index].append(use)
    return [_day(day, zone, offer, own) for day, own in zip(days, by_day, strict=True)]


def _day(day: LocalDay, zone: str, offer: Steps, uses: Sequence[Use]) -> Day:
    held = Steps.total((use.window.start, use.window.end, use.units) for use in uses) if uses else NOTHING
    shares: dict[int, Share] = {}
    for use in uses:
        shares[use.team_id] = shares.get(use.team_id, Share()) + use.within(day.window)
    return Day(day.day, day.window, _by_hour(offer, day.window, zone), _by_hour(held, day.window, zone), shares)


def _by_hour(steps: Steps, window: Window, zone: str) -> tuple[int, ...]:
    """Unit-seconds of a level in each hour that clocks show. Most levels stay the same all day."""
    levels = steps.within(window)
    if len(levels) == 1:
        return _level_by_hour(levels[0][1], window, zone)
    found = [0] * HOURS
    for hour, part in _known_hours(window, zone):
        found[hour] += amount(steps, part)
    return tuple(found)


# The days of a report are those of very many resources in few zones.
@lru_cache(maxsize=4_096)
def _level_by_hour(level: int, window: Window, zone: str) -> tuple[int, ...]:
    found = [0] * HOURS
    for hour, part in _known_hours(window, zone):
        found[hour] += level * (part.end - part.start) // A_SECOND
    return tuple(found)


@lru_cache(maxsize=4_096)
def _known_hours(window: Window, zone: str) -> tuple[tuple[int, Window], ...]:
    return tuple(local_hours(window, zone))


def checked_span(since: date, through: date) -> tuple[date, date]:
    """The first day and the one after the last of those that are asked for; Invalid names the field that is wrong."""
    for name, day in (("from", since), ("to", through)):
        if day.year not in YEARS:
            raise Invalid(name, "This day is too far away. Take another one.")
    if through < since:
        raise Invalid("to", "The last day lies before the first.")
    if through - since >= MOST_DAYS * A_DAY:
        raise Invalid("to", "At most %(most)s days can be summed up.", {"most": MOST_DAYS})
    return since, through + A_DAY


def period_of(day: date, per: Per) -> date:
    """The first day of the period that a day belongs to; weeks begin on Monday."""
    if per is Per.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if per is Per.MONTH else day
