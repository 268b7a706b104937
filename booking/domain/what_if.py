"""What if: how many of the bookings that were made would a rule have refused, had it been in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from booking.domain.errors import Invalid
from booking.domain.ledger import Cap
from booking.domain.windows import Window

DAYS = range(1, 401)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is thought of: at most so many units at once in a booking, and a cap per team and period."""

    most_units: int | None = None
    cap: Cap | None = None

    def checked(self) -> Rule:
        """The same, where it says anything; Invalid where it does not."""
        if self.most_units is None and self.cap is None:
            raise Invalid("unit_hours", "Say a cap, or a largest number of units, or both.")
        return self


@dataclass(frozen=True, slots=True)
class Past:
    """A claim of a booking that was made; what it cost in quota is `unit_seconds`."""

    booking_id: int
    team: str
    window: Window
    units: int
    unit_seconds: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Would:
    """What the rule would have done to one team, or to all: bookings and unit-seconds, made and refused."""

    made: int = 0
    refused: int = 0
    unit_seconds: int = 0
    refused_unit_seconds: int = 0

    def __add__(self, other: Would) -> Would:
        return Would(
            self.made + other.made,
            self.refused + other.refused,
            self.unit_seconds + other.unit_seconds,
            self.refused_unit_seconds + other.refused_unit_seconds,
        )


def what_if(rule: Rule, past: Iterable[Past]) -> dict[str, Would]:
    """By team. In the order in which they were made, what would have been refused does not count for the next ones.

    A booking over the end of a period counts in each period with its part.
    """
    used: defaultdict[tuple[str, datetime], int] = defaultdict(int)
    found: defaultdict[str, Would] = defaultdict(Would)
    for one in sorted(past, key=lambda each: (each.made_at, each.booking_id)):
        parts = _parts(one, rule.cap) if rule.cap else {}
        over = rule.cap is not None and any(
            used[one.team, period] + part > rule.cap.unit_seconds for period, part in parts.items()
        )
        if over or (rule.most_units is not None and one.units > rule.most_units):
            found[one.team] += Would(1, 1, one.unit_seconds, one.unit_seconds)
            continue
        for period, part in parts.items():
            used[one.team, period] += part
        found[one.team] += Would(1, 0, one.unit_seconds, 0)
    return dict(sorted(found.items()))


def _parts(one: Past, cap: Cap) -> dict[datetime, int]:
    """The share of each period by its start; whole unit-seconds that add up."""
    parts: dict[datetime, int] = {}
    start, counted = one.window.start, 0
    while start < one.window.end:
        period = cap.period_of(start)
        end = min(period.end, one.window.end)
        until = one.unit_seconds * int((end - one.window.start).total_seconds()) // one.window.seconds
        parts[period.start] = until - counted
        start, counted = end, until
    return parts
