"""Questions of fsck: whether the data keeps the rules. Each answers with what breaks one, and with nothing when all
is well; they run over whole tables inside the database, so that a million bookings take seconds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select

from booking.domain.rules import MOST_NAMED

Rows: TypeAlias = Sequence[Sequence[Any]]
Question: TypeAlias = Callable[[Connection, datetime], Rows]


@dataclass(frozen=True, slots=True)
class Check:
    """One question about one rule; `what` is said, with the rows, where the answer is not empty."""

    rule: int
    what: str
    find: Question


def ask(statement: Select[*tuple[Any, ...]]) -> Question:
    """The question that a statement asks, whatever the time."""
    limited = statement.limit(MOST_NAMED + 1)
    return lambda connection, _now: connection.execute(limited).all()


def first(rows: Iterable[Sequence[Any]]) -> Rows:
    """As many of the rows as are named, and one to tell that there are more."""
    found = []
    for row in rows:
        found.append(row)
        if len(found) > MOST_NAMED:
            break
    return found
