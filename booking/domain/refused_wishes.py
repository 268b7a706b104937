"""Wishes that were refused: why, and how much demand found no supply."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from booking.domain.refusals import Code
from booking.domain.utilisation import Per, period_of

UNMET = frozenset({Code.CAPACITY_EXCEEDED, Code.RESOURCE_CLOSED})
"""Refusals that more supply would have answered; others are for other reasons, such as quota or policy."""

KEPT_DAYS = 400


@dataclass(frozen=True, slots=True)
class RefusedWish:
    """What was asked for on one resource and refused, with every code; `day` is the one for which it was wanted.

    `model` is the GPU model of a pool and the name of a dataset; the same wish asked again counts in `times` alone.
    """

    model: str
    day: date
    unit_seconds: int
    codes: tuple[str, ...]
    times: int


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many wishes were refused with a code, and how often they were asked."""

    code: str
    wishes: int
    times: int
    unit_seconds: int


@dataclass(frozen=True, slots=True)
class Unmet:
    """Demand that found no supply, in the week (by its Monday) for which it was wanted."""

    week: date
    model: str
    wishes: int
    unit_seconds: int


def by_code(wishes: Iterable[RefusedWish]) -> list[Refusals]:
    """Refusals by each code, the most frequent first; a wish that was refused for two reasons counts in both."""
    found: defaultdict[str, list[RefusedWish]] = defaultdict(list)
    for wish in wishes:
        for code in wish.codes:
            found[code].append(wish)
    counted = [
        Refusals(code, len(own), sum(wish.times for wish in own), sum(wish.unit_seconds for wish in own))
        for code, own in found.items()
    ]
    return sorted(counted, key=lambda one: (-one.wishes, one.code))


def unmet(wishes: Iterable[RefusedWish]) -> list[Unmet]:
    """What more supply would have answered, by week and model."""
    found: defaultdict[tuple[date, str], list[int]] = defaultdict(list)
    for wish in wishes:
        if UNMET.intersection(wish.codes):
            found[period_of(wish.day, Per.WEEK), wish.model].append(wish.unit_seconds)
    return [Unmet(week, model, len(own), sum(own)) for (week, model), own in sorted(found.items())]
