"""Is anything overbooked, and does the step table say what bookings hold?"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Select, case, func, literal, select, union_all

from booking.domain.capacity import CapacityChange, Change, Steps, offered
from booking.domain.lifecycle import OPEN
from booking.models.bookings import Booking, Claim
from booking.models.capacity import CapacityChange as ChangeRow
from booking.models.capacity import Displacement, HeldStep
from booking.models.change_requests import ChangeRequestBlock as Added
from booking.models.resources import Resource
from booking.queries.breaches import Check, Rows, ask, first

BEGINNING, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def _steps_beside_claims() -> Select[*tuple[Any, ...]]:
    """Where the step table differs from the levels that follow from the claims, and from what is held to be added."""
    occupies, is_held = Claim.starts_at < Claim.ends_at, Added.starts_at < Added.ends_at
    edges = union_all(
        select(Claim.resource_id, Claim.starts_at.label("at"), Claim.units.label("more")).where(occupies),
        select(Claim.resource_id, Claim.ends_at, -Claim.units).where(occupies),
        select(Added.resource_id, Added.starts_at, Added.units).where(is_held),
        select(Added.resource_id, Added.ends_at, -Added.units).where(is_held),
    ).subquery()
    changes = (
        select(edges.c.resource_id, edges.c.at, func.sum(edges.c.more).label("more"))
        .group_by(edges.c.resource_id, edges.c.at)
        .having(func.sum(edges.c.more) != 0)
        .subquery()
    )
    level = func.sum(changes.c.more).over(partition_by=changes.c.resource_id, order_by=changes.c.at)
    both = union_all(
        select(changes.c.resource_id, changes.c.at, level.label("level"), literal(1).label("side")),
        select(HeldStep.resource_id, HeldStep.at, HeldStep.held, literal(2)),
    ).subquery()
    # One row of each side, saying the same: 1 + 2, and a difference of nothing.
    differs = (func.sum(both.c.side) != 3) | (
        func.sum(case((both.c.side == 1, both.c.level), else_=-both.c.level)) != 0
    )
    grouped = select(both.c.resource_id, both.c.at).group_by(both.c.resource_id, both.c.at)
    return grouped.having(differs).order_by(both.c.resource_id, both.c.at)


MOST_HELD = select(HeldStep.resource_id, func.max(HeldStep.held).label("most")).group_by(HeldStep.resource_id)
CHANGES = select(
    ChangeRow.resource_id, ChangeRow.kind, ChangeRow.units, ChangeRow.starts_at, ChangeRow.ends_at
).order_by(ChangeRow.id)
SEATS = select(Resource.id, Resource.seats).order_by(Resource.id)
DISPLACED = (
    select(
        Displacement.resource_id, Displacement.resolved_at, Booking.state, Claim.units, Claim.starts_at, Claim.ends_at
    )
    .join(Claim, (Claim.booking_id == Displacement.booking_id) & (Claim.resource_id == Displacement.resource_id))
    .join(Booking, Booking.id == Displacement.booking_id)
)


@dataclass(frozen=True, slots=True)
class Excused:
    """Units over the offer that stand in the table of displacements: still, or ever."""

    still: Steps
    ever: Steps

    def at(self, instant: datetime, now: datetime) -> int:
        """The past is never rewritten: what was resolved since was over the offer then."""
        return (self.ever if instant <= now else self.still).level_at(instant)


def held_above_offer(connection: Connection, now: datetime) -> Rows:
    """Resource and instant where bookings that are not displaced hold more than is offered."""
    most = {row.resource_id: row.most for row in connection.execute(MOST_HELD)}
    offers, excuses = _offers(connection), _excuses(connection)
    return first(
        (resource_id, at)
        for resource_id in sorted(most)
        for at, held, offer in _above(connection, resource_id, offers[resource_id], most[resource_id])
        if held - excuses[resource_id].at(at, now) > offer
    )


def _offers(connection: Connection) -> dict[int, Steps]:
    """What every resource offers, read anew and not from what this process remembers."""
    changes: defaultdict[int, list[CapacityChange]] = defaultdict(list)
    for row in connection.execute(CHANGES):
        changes[row.resource_id].append(CapacityChange(Change(row.kind), row.units or 0, row.starts_at, row.ends_at))
    return {row.id: offered(changes[row.id], row.seats or 0) for row in connection.execute(SEATS)}


def _excuses(connection: Connection) -> defaultdict[int, Excused]:
    ever: defaultdict[int, list[tuple[datetime, datetime | None, int]]] = defaultdict(list)
    still: defaultdict[int, list[tuple[datetime, datetime | None, int]]] = defaultdict(list)
    for row in connection.execute(DISPLACED):
        block = (row.starts_at, row.ends_at, row.units)
        ever[row.resource_id].append(block)
        # What was revoked while it ran keeps its units until the next grid instant.
        if row.resolved_at is None or row.state not in OPEN:
            still[row.resource_id].append(block)
    return defaultdict(
        lambda: Excused(Steps(), Steps()),
        {each: Excused(Steps.total(still[each]), Steps.total(blocks)) for each, blocks in ever.items()},
    )


def _above(connection: Connection, resource_id: int, offer: Steps, most: int) -> Iterator[tuple[datetime, int, int]]:
    """Instant, held and offered wherever more is held; the database skips what fits."""
    levels = [(BEGINNING, offer.base), *offer.changes, (END, 0)]
    for (since, level), (until, _) in pairwise(levels):
        if level < most:
            yield from ((at, held, level) for at, held in _held_over(connection, resource_id, since, until, level))


def _held_over(
    connection: Connection, resource_id: int, since: datetime, until: datetime, level: int
) -> Iterable[tuple[datetime, int]]:
    """The level that is carried into a stretch of time, and those that begin inside it, where they are over."""
    steps = select(HeldStep.at, HeldStep.held).where(HeldStep.resource_id == resource_id)
    if since > BEGINNING:
        before = connection.execute(steps.where(HeldStep.at <= since).order_by(HeldStep.at.desc()).limit(1)).all()
        yield from ((since, row.held) for row in before if row.held > level)
    inside = steps.where(HeldStep.at < until, HeldStep.held > level).order_by(HeldStep.at)
    if since > BEGINNING:
        inside = inside.where(HeldStep.at > since)
    yield from ((row.at, row.held) for row in connection.execute(inside))


CHECKS = (
    Check(1, "held steps differ from the claims (resource/instant)", ask(_steps_beside_claims())),
    Check(1, "more is held than offered (resource/instant)", held_above_offer),
)
