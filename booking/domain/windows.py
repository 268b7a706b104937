"""Windows of time, half-open and in UTC, and the grid that they begin and end on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_OFFSET = timedelta(0)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The instants from `start` up to, not including, `end`.

    Raises ValueError where an instant is not in UTC or the window is empty.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        # Instants of one other zone would be compared by their wall clocks, which is wrong when summer time begins.
        if self.start.utcoffset() != NO_OFFSET or self.end.utcoffset() != NO_OFFSET:
            raise ValueError("a window is made of instants in UTC")
        if self.start >= self.end:
            raise ValueError("a window ends after its start")

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())

    def contains(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def overlaps(self, other: Window) -> bool:
        """Whether they share an instant; windows that only touch do not."""
        return self.start < other.end and other.start < self.end

    def intersection(self, other: Window) -> Window | None:
        """The instants in both, or None where there are none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(start, end) if start < end else None

    def split(self, instants: list[datetime]) -> list[Window]:
        """The parts between those of `instants` that lie inside, in order of time."""
        cuts = sorted({instant for instant in instants if self.start < instant < self.end})
        if not cuts:
            return [self]
        edges = [self.start, *cuts, self.end]
        return [Window(start, end) for start, end in pairwise(edges)]


def merged(windows: Iterable[Window]) -> list[Window]:
    """The same instants as windows that neither overlap nor touch, in order of time."""
    apart: list[Window] = []
    for window in sorted(windows):
        if apart and window.start <= apart[-1].end:
            apart[-1] = Window(apart[-1].start, max(apart[-1].end, window.end))
        else:
            apart.append(window)
    return apart


def floor_to_grid(instant: datetime, minutes: int) -> datetime:
    """The last grid instant at or before; the grid is counted from midnight UTC of 1 January 1970."""
    step = timedelta(minutes=minutes)
    return instant - (instant - EPOCH) % step


def ceil_to_grid(instant: datetime, minutes: int) -> datetime:
    """The first grid instant at or after."""
    step = timedelta(minutes=minutes)
    return instant + (EPOCH - instant) % step


def is_on_grid(instant: datetime, minutes: int) -> bool:
    return floor_to_grid(instant, minutes) == instant
