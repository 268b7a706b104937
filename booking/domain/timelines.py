"""Timelines: the stretch of a calendar that is looked at, its levels as coarse as they can be drawn, and its bars."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from booking.domain.availability import Level
from booking.domain.capacity import Steps
from booking.domain.localtime import local_days, local_instant, to_local
from booking.domain.windows import Window

MOST_STEPS = 400
"""More steps than that are narrower than what a screen shows."""

STEPS_MINUTES = (15, 30, 60, 120, 240, 480, 1440)
MOST_LANES = 12


class View(StrEnum):
    """How much of the calendar is looked at."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


DAYS = {View.DAY: 1, View.WEEK: 7, View.MONTH: 28}
"""Days from the one asked for; four weeks stand for a month, so that every page of it has the same weekdays."""


@dataclass(frozen=True, slots=True)
class Period:
    """So many days from one on, as calendars in `zone` have them."""

    view: View
    day: date
    zone: str

    @property
    def window(self) -> Window:
        last = self.day + timedelta(days=DAYS[self.view])
        return Window(self._midnight(self.day), self._midnight(last))

    @staticmethod
    def from_now(view: View, now: datetime, zone: str) -> "Period":
        """The period that begins with the day that it is in `zone`."""
        return Period(view, to_local(now, zone).date(), zone)

    @property
    def before(self) -> date:
        return self.day - timedelta(days=DAYS[self.view])

    @property
    def after(self) -> date:
        return self.day + timedelta(days=DAYS[self.view])

    def parts(self) -> list[Window]:
        """The hours of a day, the days of anything longer; in spring a day has 23 hours, in autumn 25."""
        if self.view is not View.DAY:
            return local_days(self.window, self.zone)
        start, end = self.window.start, self.window.end
        hours = range(int((end - start) / timedelta(hours=1)))
        return [Window(start + hour * timedelta(hours=1), start + (hour + 1) * timedelta(hours=1)) for hour in hours]

    def _midnight(self, day: date) -> datetime:
        return local_instant(datetime.combine(day, time()), self.zone)


@dataclass(frozen=True, slots=True)
class Coarse:
    """Levels to draw; where `minutes` is not 0, each is the least offered and the most held of so many minutes."""

    levels: tuple[Level, ...]
    minutes: int = 0


def coarse(levels: Sequence[Level], window: Window, most: int = MOST_STEPS) -> Coarse:
    """The levels inside a window as they are, or summed up where they are more than can be seen.

    What is drawn free is then never more than what is.
    """
    if len(levels) <= most:
        return Coarse(tuple(levels))
    minutes = next((each for each in STEPS_MINUTES if window.seconds <= each * 60 * most), STEPS_MINUTES[-1])
    step = timedelta(minutes=minutes)
    found: list[Level] = []
    last = levels[0]
    upcoming = iter(levels[1:])
    ahead = next(upcoming, None)
    at = window.start
    while at < window.end:
        offered, held = last.offered, last.held
        while ahead is not None and ahead.at < at + step:
            if ahead.at <= at:
                offered, held = ahead.offered, ahead.held
            last = ahead
            offered, held = min(offered, last.offered), max(held, last.held)
            ahead = next(upcoming, None)
        if not found or (found[-1].offered, found[-1].held) != (offered, held):
            found.append(Level(at, offered, held))
        at += step
    return Coarse(tuple(found), minutes)


@dataclass(frozen=True, slots=True)
class Bar:
    """Units that a booking holds over a window; `booking_id` and `team` are None where it is somebody else's."""

    window: Window
    units: int
    booking_id: int | None = None
    team: str | None = None
    state: str = ""


def lanes(bars: Iterable[Bar], most: int = MOST_LANES) -> list[list[Bar]]:
    """Bars in rows in which none overlaps another: each in the first row with room, at most so many rows."""
    rows: list[list[Bar]] = []
    for bar in sorted(bars, key=lambda each: (each.window, -each.units)):
        row = next((row for row in rows if row[-1].window.end <= bar.window.start), None)
        if row is not None:
            row.append(bar)
        elif len(rows) < most:
            rows.append([bar])
    return rows


def busy(levels: Sequence[Level], window: Window) -> list[Bar]:
    """The stretches in which anything is held, each with the most that is: many bookings drawn as one."""
    held = Steps.of((level.at, level.held) for level in levels)
    found: list[Bar] = []
    since: datetime | None = None
    peak = 0
    for at, level in [*held.within(window), (window.end, 0)]:
        if level > 0:
            since, peak = since or at, max(peak, level)
        elif since is not None:
            found.append(Bar(Window(since, at), peak))
            since, peak = None, 0
    return found
