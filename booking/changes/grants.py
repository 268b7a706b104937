"""Writes of the ledger: entries, and the totals of grants that follow from them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from booking.changes import waitlist
from booking.domain.ledger import EFFECTS, Entry, Line
from booking.models.grants import Grant, GrantPeriod, LedgerEntry

ENTRY = insert(LedgerEntry).inline()
TOTALS = (
    update(Grant)
    .where(Grant.id == bindparam("of"))
    .values(
        amount=Grant.amount + bindparam("more_amount"),
        held=Grant.held + bindparam("more_held"),
        charged=Grant.charged + bindparam("more_charged"),
    )
)
PERIOD = {
    "postgresql": postgresql.insert(GrantPeriod).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(GrantPeriod).on_conflict_do_nothing(),
}
USED = (
    update(GrantPeriod)
    .where(GrantPeriod.grant_id == bindparam("of"), GrantPeriod.starts_at == bindparam("since"))
    .values(used=GrantPeriod.used + bindparam("more"))
)

GIVE_QUOTA = frozenset({Entry.GRANT, Entry.RELEASE, Entry.REFUND})
"""The entries after which a team can hold more than before."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One ledger entry to be written; booking and resource are None for entries on the grant itself.

    `change_request_id` tells what is held for an addition from what the booking holds.
    """

    kind: Entry
    line: Line
    at: datetime
    by: str
    reason: str = ""
    booking_id: int | None = None
    resource_id: int | None = None
    change_request_id: int | None = None


def post(connection: Connection, postings: Sequence[Posting]) -> None:
    """Append entries to the ledger of locked grants and bring their totals along; who waits for quota is marked."""
    if not postings:
        return
    connection.execute(ENTRY, [_row(posting) for posting in postings])
    connection.execute(TOTALS, _totals(postings))
    _post_periods(connection, postings)
    given = {posting.line.grant_id for posting in postings if posting.kind in GIVE_QUOTA}
    if given:
        waitlist.stir(connection, given)


def _row(posting: Posting) -> dict[str, Any]:
    return {
        "grant_id": posting.line.grant_id,
        "booking_id": posting.booking_id,
        "resource_id": posting.resource_id,
        "change_request_id": posting.change_request_id,
        "kind": posting.kind.value,
        "unit_seconds": posting.line.unit_seconds,
        "period_start": posting.line.period_start,
        "at": posting.at,
        "by": posting.by,
        "reason": posting.reason,
    }


def _totals(postings: Iterable[Posting]) -> list[dict[str, int]]:
    totals: dict[int, list[int]] = {}
    for posting in postings:
        total = totals.setdefault(posting.line.grant_id, [0, 0, 0])
        for index, effect in enumerate(EFFECTS[posting.kind]):
            total[index] += effect * posting.line.unit_seconds
    return [
        {"of": grant_id, "more_amount": amount, "more_held": held, "more_charged": charged}
        for grant_id, (amount, held, charged) in sorted(totals.items())
    ]


def _post_periods(connection: Connection, postings: Iterable[Posting]) -> None:
    """What counts against a cap: held and charged; a charge only moves from the one to the other."""
    used: Counter[tuple[int, datetime]] = Counter()
    for posting in postings:
        if posting.line.period_start is not None:
            _, held, charged = EFFECTS[posting.kind]
            used[posting.line.grant_id, posting.line.period_start] += (held + charged) * posting.line.unit_seconds
    changed = sorted((key, more) for key, more in used.items() if more)
    if changed:
        new = [{"grant_id": grant_id, "starts_at": since, "used": 0} for (grant_id, since), _ in changed]
        connection.execute(PERIOD[connection.dialect.name], new)
        connection.execute(
            USED, [{"of": grant_id, "since": since, "more": more} for (grant_id, since), more in changed]
        )
