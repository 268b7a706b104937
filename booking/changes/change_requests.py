"""Writes of change requests: what is asked for and held, who has agreed, and how it ends.

Everything here expects the locks of all resources that the booking and the request touch, of the team's grants and of
the booking, in this order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Update, insert, update

from booking.changes import grants, steps
from booking.changes.bookings import TOUCH
from booking.changes.grants import Posting
from booking.changes.waitlist import FREE
from booking.domain.additions import Block, begins_at
from booking.domain.capacity import Steps
from booking.domain.change_requests import ChangeRequest, RequestState
from booking.domain.ledger import Entry, Line
from booking.domain.orders import Decision, Order
from booking.domain.windows import Window, ceil_to_grid
from booking.models.change_requests import ChangeRequest as RequestRow
from booking.models.change_requests import ChangeRequestBlock as BlockRow
from booking.models.change_requests import ChangeRequestClaim as ClaimRow

REQUEST = insert(RequestRow).returning(RequestRow.id)


@dataclass(frozen=True, slots=True)
class Asked:
    """A growth that waits: the order, the decision on it, the blocks that it adds, and what these hold on grants."""

    order: Order
    decision: Decision
    blocks: tuple[Block, ...]
    lines: Mapping[int, Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Holding:
    """What a request holds on grants by resource, and the levels and the grids of what it holds units of."""

    lines: Mapping[int, Sequence[Line]]
    levels: Mapping[int, Steps]
    grid_minutes: Mapping[int, int]


def ask(
    connection: Connection,
    booking_id: int,
    asked: Asked,
    levels: Mapping[int, Steps],
    *,
    now: datetime,
    by: str,
    user_id: int | None,
) -> int:
    """Write a request, and hold what it adds unless nothing is held meanwhile; its id.

    `levels` are the held levels of the touched resources around the blocks, as read under the locks.
    """
    request_id = connection.scalars(REQUEST, [_row(booking_id, asked, now, user_id)]).one()
    connection.execute(insert(ClaimRow), _claims(request_id, asked))
    holds = asked.decision.holds
    connection.execute(insert(BlockRow), [_block(request_id, block, held=holds) for block in asked.blocks])
    if holds:
        lines = [(resource_id, line) for resource_id, some in asked.lines.items() for line in some]
        grants.post(
            connection,
            [
                Posting(Entry.HOLD, line, now, by, "", booking_id, resource_id, request_id)
                for resource_id, line in lines
            ],
        )
        _shift(connection, asked.blocks, levels, sign=1, touch=TOUCH)
    return request_id


def let_go(
    connection: Connection,
    request: ChangeRequest,
    holding: Holding,
    *,
    to: RequestState,
    now: datetime,
    by: str,
    reason: str,
) -> None:
    """End a request: what it holds on grants is released, its units are free from the next grid instant on.

    Who waits for what is freed is marked to be looked at again.
    """
    releases = [
        Posting(Entry.RELEASE, line, now, by, reason or to.value, request.booking_id, resource_id, request.id)
        for resource_id, some in holding.lines.items()
        for line in reversed(some)
    ]
    grants.post(connection, releases)
    freed = []
    for block in request.blocks:
        start, end = block.window.start, block.window.end
        since = min(end, max(start, ceil_to_grid(now, holding.grid_minutes[block.resource_id])))
        _empty(connection, request.id, block, since)
        if since < end:
            freed.append(Block(block.resource_id, Window(since, end), block.units))
    _shift(connection, freed, holding.levels, sign=-1, touch=FREE)
    end_of = {"state": to.value, "ended_at": now, "ended_by": by, "reason": reason}
    connection.execute(update(RequestRow).where(RequestRow.id == request.id).values(**end_of))


def give_approval(connection: Connection, request_id: int, resource_ids: frozenset[int]) -> None:
    """Note the owners' yes for some of what is asked for."""
    of_these = (ClaimRow.change_request_id == request_id, ClaimRow.resource_id.in_(resource_ids))
    connection.execute(update(ClaimRow).where(*of_these).values(approval="given"))


def _row(booking_id: int, asked: Asked, now: datetime, user_id: int | None) -> dict[str, object]:
    return {
        "booking_id": booking_id,
        "state": RequestState.OPEN.value,
        "starts_at": asked.order.window.start,
        "ends_at": asked.order.window.end,
        "begins_at": begins_at(asked.blocks),
        "hold_until": asked.decision.hold_until,
        "created_at": now,
        "created_by": user_id,
        "ended_by": "",
        "reason": "",
    }


def _claims(request_id: int, asked: Asked) -> list[dict[str, object]]:
    return [
        {
            "change_request_id": request_id,
            "resource_id": claim.resource_id,
            "units": claim.units,
            "weight_percent": asked.decision.terms[claim.resource_id].weight_percent,
            "approval": "waiting" if claim.resource_id in asked.decision.approvals else "none",
        }
        for claim in asked.order.claims
    ]


def _block(request_id: int, block: Block, *, held: bool) -> dict[str, object]:
    return {
        "change_request_id": request_id,
        "resource_id": block.resource_id,
        "starts_at": block.window.start,
        "ends_at": block.window.end if held else block.window.start,
        "units": block.units,
    }


def _empty(connection: Connection, request_id: int, block: Block, until: datetime) -> None:
    """What is past stays as it was; nothing behind it is held any more."""
    its = (
        BlockRow.change_request_id == request_id,
        BlockRow.resource_id == block.resource_id,
        BlockRow.starts_at == block.window.start,
    )
    connection.execute(update(BlockRow).where(*its).values(ends_at=until))


def _shift(
    connection: Connection, blocks: Sequence[Block], levels: Mapping[int, Steps], *, sign: int, touch: Update
) -> None:
    touched = sorted({block.resource_id for block in blocks})
    for resource_id in touched:
        own = [steps.Block(block.window, sign * block.units) for block in blocks if block.resource_id == resource_id]
        steps.shift(connection, resource_id, own, levels[resource_id])
    if touched:
        connection.execute(touch, [{"of": resource_id} for resource_id in touched])
