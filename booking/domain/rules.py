"""The rules that always hold, by number, and what was found where one is broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

RULES: dict[int, str] = {
    1: "never overbooked",
    2: "never overspent",
    3: "together or not at all",
    4: "windows on the grid",
    5: "states along the table",
    6: "one evaluator",
    7: "access follows the clock",
    8: "no booking outlives its basis",
    9: "told by the outbox",
    10: "integers only",
}

MOST_NAMED = 20
"""How many ids a breach names; one is enough to begin with, a million would hide the other rules."""


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong, with which; `more` tells that not all were named."""

    what: str
    ids: tuple[str, ...]
    more: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {', '.join(self.ids)}{' and more' if self.more else ''}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one rule."""

    rule: int
    breaches: tuple[Breach, ...] = ()

    @property
    def is_kept(self) -> bool:
        return not self.breaches

    def __str__(self) -> str:
        line = f"{'ok' if self.is_kept else 'BREACH':<6} {self.rule:>2} {RULES[self.rule]}"
        return f"{line}: {'; '.join(map(str, self.breaches))}" if self.breaches else line


def named(what: str, rows: Sequence[Sequence[object]]) -> Breach:
    """A breach of the things that rows identify: `7`, or `7/3` where it takes two numbers."""
    ids = tuple("/".join(_word(part) for part in row) for row in rows[:MOST_NAMED])
    return Breach(what, ids, more=len(rows) > MOST_NAMED)


def _word(part: object) -> str:
    return f"{part:%Y-%m-%dT%H:%M:%SZ}" if isinstance(part, datetime) else str(part)
