"""Queues: in which order those who wait for a resource get what becomes free, and why somebody is where he is.

The level comes first: the class that the resource's owner gave, and one more for every three days of waiting. On one
level comes first whose team has had the fewest hours of the resource in the last thirty days, those that it has booked
ahead among them; and of two such who joined earlier. A class is worth three days of waiting, so that an entry stands
before everything that comes nine days after it, whatever its class: nobody starves.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking.domain.texts import Sentence

AGEING = timedelta(days=3)
"""So much waiting is worth as much as the next class."""

PERIOD = timedelta(days=30)
"""A team's hours since so long ago count, and those that it has booked ahead."""


class Priority(StrEnum):
    """The class that an owner gives to an entry on his resources."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


HEAD_START = {Priority.HIGH: 2, Priority.NORMAL: 1, Priority.LOW: 0}

UNPASSED = AGEING * (max(HEAD_START.values()) - min(HEAD_START.values()) + 1)
"""Who has waited so much longer than another stands before that one for good."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One in a queue, as far as its order goes; `used_unit_seconds` are the team's on the resource in the period."""

    entry_id: int
    since: datetime
    priority: Priority = Priority.NORMAL
    used_unit_seconds: int = 0

    def level(self, now: datetime) -> int:
        """Its class, raised by its age."""
        return HEAD_START[self.priority] + (now - self.since) // AGEING


@dataclass(frozen=True, slots=True)
class Place:
    """Where one stands in a queue, and how many stand before it for which reason; it never says who they are."""

    position: int
    total: int
    level: int
    higher: int
    lighter: int
    older: int
    priority: Priority
    waited: timedelta
    used_unit_seconds: int

    @property
    def why(self) -> Sentence:
        """The place and its reasons in words."""
        return Sentence(
            "Number %(position)s of %(total)s. Of those before it, %(higher)s have a higher level, %(lighter)s the same"
            " level and fewer hours used, %(older)s the same of both and wait longer. Its level is %(level)s:"
            " %(head_start)s for its class (%(priority)s), and 1 for every %(ageing_days)s days of its %(waited_days)s"
            " days of waiting. Its team has used %(used_hours)s hours here in the last %(period_days)s days, those"
            " booked ahead among them.",
            {
                "position": self.position,
                "total": self.total,
                "higher": self.higher,
                "lighter": self.lighter,
                "older": self.older,
                "level": self.level,
                "head_start": HEAD_START[self.priority],
                "priority": self.priority.value,
                "ageing_days": AGEING.days,
                "waited_days": self.waited.days,
                "used_unit_seconds": self.used_unit_seconds,
                "period_days": PERIOD.days,
            },
        )


def in_order(queue: Iterable[Waiting], now: datetime) -> list[Waiting]:
    """Who is asked first, who next."""
    return sorted(queue, key=lambda one: (-one.level(now), one.used_unit_seconds, one.since, one.entry_id))


def place_of(entry_id: int, queue: Collection[Waiting], now: datetime) -> Place:
    """Where an entry stands among all that wait, itself included; ValueError where it does not."""
    ordered = in_order(queue, now)
    position = next((number for number, one in enumerate(ordered, 1) if one.entry_id == entry_id), 0)
    if not position:
        raise ValueError(f"entry {entry_id} is not in this queue")
    own, before = ordered[position - 1], ordered[: position - 1]
    level = own.level(now)
    higher = [one for one in before if one.level(now) > level]
    lighter = [one for one in before[len(higher) :] if one.used_unit_seconds < own.used_unit_seconds]
    return Place(
        position=position,
        total=len(ordered),
        level=level,
        higher=len(higher),
        lighter=len(lighter),
        older=len(before) - len(higher) - len(lighter),
        priority=own.priority,
        waited=now - own.since,
        used_unit_seconds=own.used_unit_seconds,
    )
