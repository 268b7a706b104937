"""Downtime: what people are given back of a time in which they could not act because the product was down."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from booking.domain.windows import Window

LONGEST_SILENCE = timedelta(minutes=2)
"""Web processes say every twenty seconds that they are alive; longer than this without a word, none was."""


def downtime(last_alive: datetime, now: datetime) -> Window | None:
    """The time in which nobody could reach the product; None where it was never silent for long."""
    return Window(last_alive, now) if now - last_alive > LONGEST_SILENCE else None


def moved_deadline(deadline: datetime, down: Window, *, opens: datetime, at_most: datetime) -> datetime:
    """A deadline, later by as much of the time for it as was lost.

    The time for it runs from `opens` to the deadline. What was left of it when the product went down is left again
    once it is up, even where the deadline itself has passed meanwhile; one that had passed before stays passed.
    """
    if deadline <= down.start or opens >= down.end:
        return deadline
    lost = down.end - max(opens, down.start)
    return max(deadline, min(deadline + lost, at_most))


def is_excused(time_to_act: Window, downtimes: Iterable[Window]) -> bool:
    """Whether missing a deadline is nobody's fault: the product was down in the time for it."""
    return any(time_to_act.overlaps(down) for down in downtimes)
