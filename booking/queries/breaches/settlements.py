"""Do closed months still say what the ledger says, to the unit-second and to the cent?"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection

from booking.domain.settlements import Line, settle
from booking.queries import settlements
from booking.queries.breaches import Check, Rows, first


def _months_beside_ledger(connection: Connection, _now: datetime) -> Rows:
    """Closed months of which the ledger, up to the entry that was the newest then, says something else."""
    return first(_differing(connection))


def _differing(connection: Connection) -> Iterator[tuple[datetime]]:
    before = None
    for month in reversed(settlements.closed_months(connection)):
        anew = settle(settlements.sums(connection, month.window.end, month.last_entry_id, before))
        if sorted(map(_said, anew)) != sorted(map(_said, settlements.stored_lines(connection, month.id or 0))):
            yield (month.window.start,)
        before = month


def _said(line: Line) -> tuple[int, ...]:
    """What never changes; whether a charge was of measured use is not of them, since claims can be changed."""
    one = line.sum
    return (
        one.operator_id, one.funder_id or 0, one.team_id, one.resource_id, one.subsidy_percent,
        one.cents_per_unit_hour, one.booked + one.measured, one.refunded, line.cents, line.subsidy_cents,
    )  # fmt: skip


def _after_a_gap(connection: Connection, _now: datetime) -> Rows:
    """Closed months that do not begin where the one before ends."""
    months = list(reversed(settlements.closed_months(connection)))
    return first((month.window.start,) for before, month in pairwise(months) if month.window.start != before.window.end)


CHECKS = (
    Check(5, "months that were closed before the month before them", _after_a_gap),
    Check(10, "closed months that do not tie to the ledger", _months_beside_ledger),
)
