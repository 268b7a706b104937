"""Matching: how well a supply serves a demand, told term by term, and which pairs are best for all together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking.domain.texts import Sentence
from booking.domain.windows import Window

MODEL, SOON, UNITS, PLACE, AIM, MEMORY = 40, 20, 20, 10, 5, 5
"""The most points of each term; a supply that serves perfectly has a hundred."""

MODEL_STEP, PLACE_STEP = 10, 2
"""What each model, and each region, after the first costs."""

FAR = 2**62


class Aim(StrEnum):
    """For whom a supply is meant: free capacity is for whoever comes first."""

    FREE = "free"
    EVERYBODY = "everybody"
    SOME = "some"
    TEAM = "team"


POINTS_OF_AIMS = {Aim.FREE: 0, Aim.EVERYBODY: 1, Aim.SOME: 3, Aim.TEAM: AIM}
SENTENCES_OF_AIMS = {
    Aim.FREE: Sentence("It is free for whoever comes first."),
    Aim.EVERYBODY: Sentence("An operator offers it to everybody."),
    Aim.SOME: Sentence("An operator offers it to teams such as this."),
    Aim.TEAM: Sentence("An operator offers it to exactly this team."),
}


@dataclass(frozen=True, slots=True)
class Sought:
    """What a demand looks for: one of some models (or one dataset), the best first, for so long inside a span."""

    id: int
    choices: tuple[str, ...]
    units: int
    seconds: int
    span: Window
    regions: tuple[str, ...] = ()
    memory_gib: int = 0


@dataclass(frozen=True, slots=True)
class Supply:
    """Units of one resource that are free throughout a window; memory and region are empty where they mean nothing."""

    id: str
    choice: str
    units: int
    window: Window
    region: str = ""
    memory_gib: int = 0
    aim: Aim = Aim.FREE


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a score: its points, of how many, and why in words."""

    name: str
    points: int
    most: int
    why: Sentence


@dataclass(frozen=True, slots=True)
class Match:
    """A supply that can serve a demand, from `start` on, and how well."""

    demand_id: int
    supply_id: str
    start: datetime
    units: int
    terms: tuple[Term, ...]

    @property
    def score(self) -> int:
        """The sum of its terms."""
        return sum(term.points for term in self.terms)


def match(sought: Sought, supply: Supply) -> Match | None:
    """How well a supply serves a demand; None where it cannot.

    It cannot with another model or in another region than those named, with less memory, or for less time. Fewer units
    than wanted serve less well.
    """
    start = max(sought.span.start, supply.window.start)
    fits = start + timedelta(seconds=sought.seconds) <= min(sought.span.end, supply.window.end)
    is_elsewhere = bool(sought.regions) and supply.region not in sought.regions
    if supply.choice not in sought.choices or is_elsewhere or supply.memory_gib < sought.memory_gib or not fits:
        return None
    units = min(sought.units, supply.units)
    terms = (
        _model(sought, supply),
        _soon(sought, start),
        _units(sought, units),
        _place(sought, supply),
        Term("aim", POINTS_OF_AIMS[supply.aim], AIM, SENTENCES_OF_AIMS[supply.aim]),
        _memory(sought, supply),
    )
    return Match(sought.id, supply.id, start, units, terms)


def best(matches: Iterable[Match]) -> list[Match]:
    """Of all matches those that are best together: no demand and no supply twice, and no other choice scores more."""
    pairs = {(one.demand_id, one.supply_id): one for one in matches}
    demands = sorted({demand_id for demand_id, _ in pairs})
    supplies = sorted({supply_id for _, supply_id in pairs})
    scores = [[pairs[key].score if (key := (row, column)) in pairs else 0 for column in supplies] for row in demands]
    chosen = zip(demands, assigned(scores), strict=True)
    return [pairs[demand_id, supplies[column]] for demand_id, column in chosen if column is not None]


def assigned(scores: Sequence[Sequence[int]]) -> list[int | None]:
    """For each row the column that it gets, so that the sum is the largest; None where it gets nothing above zero.

    The Hungarian method with potentials (Kuhn 1955, Munkres 1957): rows² × columns steps, integers only. Each row has a
    column of its own worth nothing, which stands for getting none.
    """
    rows, columns = len(scores), len(scores[0]) if scores else 0
    width = columns + rows
    row_prices, column_prices = [0] * (rows + 1), [0] * (width + 1)
    holder = [0] * (width + 1)  # by column, the row that has it; counted from 1, and 0 is nobody
    for row in range(1, rows + 1):
        holder[0] = row
        _give_way(scores, columns, row_prices, column_prices, holder)
    found: list[int | None] = [None] * rows
    for column in range(1, columns + 1):
        if holder[column] and scores[holder[column] - 1][column - 1] > 0:
            found[holder[column] - 1] = column - 1
    return found


def _give_way(
    scores: Sequence[Sequence[int]], columns: int, row_prices: list[int], column_prices: list[int], holder: list[int]
) -> None:
    """Find the cheapest way to give the row that holds column 0 another one, others moving on where they must."""
    width = len(holder) - 1
    least, before, seen = [FAR] * (width + 1), [0] * (width + 1), [False] * (width + 1)
    at = 0
    while holder[at]:
        seen[at] = True
        row, step, following = holder[at], FAR, 0
        for column in range(1, width + 1):
            if not seen[column]:
                worth = scores[row - 1][column - 1] if column <= columns else 0
                cost = -worth - row_prices[row] - column_prices[column]
                if cost < least[column]:
                    least[column], before[column] = cost, at
                if least[column] < step:
                    step, following = least[column], column
        for column in range(width + 1):
            if seen[column]:
                row_prices[holder[column]] += step
                column_prices[column] -= step
            else:
                least[column] -= step
        at = following
    while at:
        holder[at] = holder[before[at]]
        at = before[at]


def lots(free: int, wanted: Iterable[int]) -> list[int]:
    """Free units of one resource cut for those who want them, the largest first, as long as they fit beside each other.

    The largest has its lot in any case: each of them was found free by itself.
    """
    cut: list[int] = []
    for units in sorted(wanted, reverse=True):
        if not cut or sum(cut) + units <= free:
            cut.append(units)
    return cut


def _model(sought: Sought, supply: Supply) -> Term:
    rank = sought.choices.index(supply.choice)
    numbers = {"model": supply.choice, "rank": rank + 1, "count": len(sought.choices)}
    why = Sentence("%(model)s is choice %(rank)s of %(count)s.", numbers)
    return Term("model", max(0, MODEL - MODEL_STEP * rank), MODEL, why)


def _soon(sought: Sought, start: datetime) -> Term:
    """All points for the earliest start, none for the last that is possible."""
    late = int((start - sought.span.start).total_seconds())
    slack = sought.span.seconds - sought.seconds
    points = SOON - SOON * late // slack if slack else SOON
    if not late:
        return Term("soon", points, SOON, Sentence("It can begin at the earliest start."))
    why = Sentence("It can begin %(late_hours)s hours after the earliest start.", {"late_unit_seconds": late})
    return Term("soon", points, SOON, why)


def _units(sought: Sought, units: int) -> Term:
    numbers = {"units": units, "wanted": sought.units}
    return Term("units", UNITS * units // sought.units, UNITS, Sentence("%(units)s of %(wanted)s units.", numbers))


def _place(sought: Sought, supply: Supply) -> Term:
    if not sought.regions:
        return Term("place", PLACE, PLACE, Sentence("Any region would do."))
    rank = sought.regions.index(supply.region)
    numbers = {"region": supply.region, "rank": rank + 1, "count": len(sought.regions)}
    why = Sentence("It lies in %(region)s, choice %(rank)s of %(count)s.", numbers)
    return Term("place", max(0, PLACE - PLACE_STEP * rank), PLACE, why)


def _memory(sought: Sought, supply: Supply) -> Term:
    """More memory than wanted would serve others better."""
    if not sought.memory_gib:
        return Term("memory", MEMORY, MEMORY, Sentence("Any memory would do."))
    numbers = {"memory": supply.memory_gib, "wanted": sought.memory_gib}
    why = Sentence("%(memory)s GiB of memory, where %(wanted)s would do.", numbers)
    return Term("memory", MEMORY * sought.memory_gib // supply.memory_gib, MEMORY, why)
