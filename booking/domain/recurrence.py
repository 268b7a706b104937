"""Recurrence: rules such as “every other Monday until June”, written as a part of RRULE (RFC 5545).

A rule says dates, no times: which day of the calendar each booking of a series begins on.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from booking.domain.errors import Invalid

MOST_DATES = 370
"""How many dates one series has at most: every day of a year, and a few more."""

MOST_INTERVAL = 99
LONGEST_RULE = 200
LONGEST_SHOWN = 40
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT"})
"""What is known of RRULE."""

Absent = TypeVar("Absent")

_NTH = re.compile(r"(-1|[1-5])(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_DAY = re.compile(r"\d{8}", re.ASCII)


class Frequency(StrEnum):
    """The unit that `interval` counts."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Nth:
    """The first to fifth of a weekday (0: Monday) in a month, or the last (-1)."""

    number: int
    weekday: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Dates that follow from one another, from a first date on until a last one, or so many.

    `weekdays` (0: Monday) are those of a weekly rule; a monthly one has `month_day` or `nth`. Where neither is said the
    first date says it. Raises Invalid for a rule without an end, and for parts that do not go together.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None
    nth: Nth | None = None
    until: date | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.interval <= MOST_INTERVAL:
            raise Invalid("rule.interval", "An interval lies between 1 and %(most)s.", {"most": MOST_INTERVAL})
        if self.until is None and self.count is None:
            raise Invalid("rule.until", "Say until which date it goes on, or how many times.")
        if self.until is not None and self.count is not None:
            raise Invalid("rule.count", "Say either until which date it goes on or how many times, not both.")
        if self.count is not None and not 1 <= self.count <= MOST_DATES:
            raise Invalid("rule.count", "A series has between 1 and %(most)s dates.", {"most": MOST_DATES})
        if self.month_day is not None and not 1 <= self.month_day <= 31:
            raise Invalid("rule.bymonthday", "A day of the month lies between 1 and 31.")
        self._check_parts()

    def _check_parts(self) -> None:
        if self.weekdays and self.frequency is not Frequency.WEEKLY:
            raise Invalid("rule.byday", "Weekdays without a number belong to FREQ=WEEKLY.")
        if self.nth is not None and self.frequency is not Frequency.MONTHLY:
            raise Invalid("rule.byday", "A weekday with a number, such as 2MO, belongs to FREQ=MONTHLY.")
        if self.month_day is not None and self.frequency is not Frequency.MONTHLY:
            raise Invalid("rule.bymonthday", "BYMONTHDAY belongs to FREQ=MONTHLY.")
        if self.month_day is not None and self.nth is not None:
            raise Invalid("rule.byday", "Say either BYMONTHDAY or BYDAY, not both.")

    @property
    def text(self) -> str:
        """The rule as it is stored and given to programs; `read_rule` reads it again."""
        days = ",".join(WEEKDAYS[each] for each in self.weekdays)
        if self.nth is not None:
            days = f"{self.nth.number}{WEEKDAYS[self.nth.weekday]}"
        parts = {
            "FREQ": self.frequency.value,
            "INTERVAL": self.interval if self.interval > 1 else None,
            "BYDAY": days,
            "BYMONTHDAY": self.month_day,
            "UNTIL": self.until.isoformat().replace("-", "") if self.until else None,
            "COUNT": self.count,
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)

    def from_first(self, first: date) -> Rule:
        """The rule with what its first date says of it; Invalid where it ends before that."""
        if self.until is not None and self.until < first:
            said = {"until": self.until.isoformat(), "first": first.isoformat()}
            raise Invalid("rule.until", "%(until)s lies before the first date, %(first)s.", said)
        weekdays, month_day = self.weekdays, self.month_day
        if self.frequency is Frequency.WEEKLY and not weekdays:
            weekdays = (first.weekday(),)
        if self.frequency is Frequency.MONTHLY and month_day is None and self.nth is None:
            month_day = first.day
        return replace(self, weekdays=weekdays, month_day=month_day)


def read_rule(text: str) -> Rule:
    """A rule from its text: FREQ, INTERVAL, BYDAY, BYMONTHDAY, and UNTIL (a date, that day included) or COUNT.

    Raises Invalid, naming the part, for every other part of RRULE, and for values that cannot be meant.
    """
    parts: dict[str, str] = {}
    for said in text.strip().removeprefix("RRULE:").split(";"):
        name, _, value = said.partition("=")
        name = name.strip().upper()
        if name not in PARTS:
            raise Invalid("rule", "“%(part)s” is not understood here.", {"part": said[:LONGEST_SHOWN]})
        if name in parts:
            raise Invalid(f"rule.{name.lower()}", "%(part)s is said twice.", {"part": name})
        parts[name] = value.strip().upper()
    if "FREQ" not in parts:
        raise Invalid("rule.freq", "Say how often: FREQ=DAILY, WEEKLY or MONTHLY.")
    frequency = _frequency(parts)
    weekdays, nth = _days(parts)
    return Rule(
        frequency=frequency,
        interval=_number(parts, "INTERVAL", 1),
        weekdays=weekdays,
        month_day=_number(parts, "BYMONTHDAY", None),
        nth=nth,
        until=_until(parts),
        count=_number(parts, "COUNT", None),
    )


def months_without(rule: Rule, first: date, last: date) -> Iterator[Invalid]:
    """Why months up to `last` have no date of a monthly rule: some have no 31st, and many no fifth Monday."""
    if rule.frequency is not Frequency.MONTHLY:
        return
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month, rule.interval):
        year, number = month // 12, month % 12 + 1
        said = {"month": f"{year}-{number:02}"}
        weekday, days = monthrange(year, number)
        if rule.month_day is not None and rule.month_day > days:
            yield Invalid(
                "rule.bymonthday", "%(month)s has no day %(day)s: nothing is booked then.",
                {**said, "day": rule.month_day},
            )  # fmt: skip
        if rule.nth is not None and (rule.nth.weekday - weekday) % 7 + 7 * (rule.nth.number - 1) >= days:
            yield Invalid("rule.byday", "%(month)s has no fifth such weekday: nothing is booked then.", said)


def _frequency(parts: Mapping[str, str]) -> Frequency:
    try:
        return Frequency(parts["FREQ"])
    except ValueError:
        said = {"frequency": parts["FREQ"][:LONGEST_SHOWN]}
        raise Invalid("rule.freq", "“%(frequency)s” is none of DAILY, WEEKLY and MONTHLY.", said) from None


def _number(parts: Mapping[str, str], name: str, absent: Absent) -> int | Absent:
    if name not in parts:
        return absent
    text = parts[name]
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise Invalid(f"rule.{name.lower()}", "%(part)s is a whole number.", {"part": name})
    return int(text)


def _days(parts: Mapping[str, str]) -> tuple[tuple[int, ...], Nth | None]:
    """The weekdays of BYDAY, or the one with a number."""
    said = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    if len(said) == 1 and (found := _NTH.fullmatch(said[0])):
        return (), Nth(int(found[1]), WEEKDAYS.index(found[2]))
    if any(day not in WEEKDAYS for day in said):
        raise Invalid("rule.byday", "BYDAY names weekdays, such as MO,TH, or one of a month, such as 2MO or -1FR.")
    return tuple(sorted({WEEKDAYS.index(day) for day in said})), None


def _until(parts: Mapping[str, str]) -> date | None:
    text = parts.get("UNTIL")
    if text is None:
        return None
    year, month, day = (int(part) for part in (text[:4], text[4:6], text[6:])) if _DAY.fullmatch(text) else (0, 0, 0)
    try:
        return date(year, month, day)
    except ValueError:
        raise Invalid("rule.until", "UNTIL is a date such as 20261231; that day still counts.") from None
