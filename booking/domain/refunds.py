"""Refunds: what a booking was charged and can be given back."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from booking.domain.errors import Conflict, Invalid
from booking.domain.grants import amounts
from booking.domain.ledger import Entry, Line


def still_charged(entries: Iterable[tuple[Entry, Line]]) -> tuple[Line, ...]:
    """What a claim's entries leave charged, in the order in which it was charged."""
    charged: list[Line] = []
    for kind, line in entries:
        if kind is Entry.CHARGE:
            charged.append(line)
        elif kind is Entry.REFUND:
            charged = _less(charged, line)
    return tuple(charged)


def refund(charged: Sequence[Line], unit_seconds: int) -> tuple[Line, ...]:
    """The lines that give so much back, what was charged last first.

    Invalid for nothing, Conflict for more than was charged: a refund never gives more than was taken.
    """
    if unit_seconds <= 0:
        raise Invalid("unit_hours", "Say more than 0 hours.")
    total = sum(line.unit_seconds for line in charged)
    if unit_seconds > total:
        raise Conflict(
            "At most what was charged can be given back: %(charged_hours)s hours of this are charged, and you said"
            " %(asked_hours)s.",
            amounts(charged=total, asked=unit_seconds),
            field="unit_hours",
        )
    lines = []
    for line in reversed(charged):
        given = min(unit_seconds, line.unit_seconds)
        if given:
            lines.append(replace(line, unit_seconds=given))
        unit_seconds -= given
    return tuple(lines)


def _less(charged: list[Line], refunded: Line) -> list[Line]:
    """`charged` less one line, taken from the last of the same grant and period."""
    wanted, rest = refunded.unit_seconds, []
    for line in reversed(charged):
        same = (line.grant_id, line.period_start) == (refunded.grant_id, refunded.period_start)
        taken = min(wanted, line.unit_seconds) if same else 0
        wanted -= taken
        if line.unit_seconds > taken:
            rest.append(replace(line, unit_seconds=line.unit_seconds - taken))
    return rest[::-1]
