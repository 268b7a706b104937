"""What a scheduler's job did: how many items, and what went wrong with which."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JobResult:
    """How many items were done, and one sentence for each that failed."""

    items: int = 0
    errors: tuple[str, ...] = ()

    def __add__(self, other: Self) -> "JobResult":
        return JobResult(self.items + other.items, self.errors + other.errors)


Service = Callable[[datetime], JobResult]
"""What a job calls: everything that is due at `now`, done once."""


def each(todo: Iterable[T], do: Callable[[T], bool]) -> JobResult:
    """Do every item by itself, so that one that fails is logged and counted, and stops no other.

    `do` answers whether there was something to do: another process may have been faster.
    """
    result = JobResult()
    for one in todo:
        result += _attempt(one, do)
    return result


def in_batches(
    todo: Sequence[T], size: int, many: Callable[[Sequence[T]], tuple[int, Sequence[T]]], do: Callable[[T], bool]
) -> JobResult:
    """Do items in batches, for what costs least for many at once; one that fails keeps no other of its batch back.

    `many` answers how many of a batch it has done, all or none, and which it leaves to be done by themselves.
    """
    result = JobResult()
    for first in range(0, len(todo), size):
        result += _attempt_many(todo[first : first + size], many, do)
    return result


def _attempt_many(
    batch: Sequence[T], many: Callable[[Sequence[T]], tuple[int, Sequence[T]]], do: Callable[[T], bool]
) -> JobResult:
    try:
        done, apart = many(batch)
    except Exception:  # one of them is broken, or the database is away: each by itself says which
        logger.exception("a batch of %s job items failed, and is done item by item", len(batch))
        done, apart = 0, batch
    return JobResult(items=done) + each(apart, do)


def _attempt(one: T, do: Callable[[T], bool]) -> JobResult:
    try:
        return JobResult(items=int(do(one)))
    except Exception as error:  # whatever it is, it concerns this item alone; the next run tries again
        logger.exception("job item %s failed", one)
        return JobResult(errors=(f"{one}: {error}",))
