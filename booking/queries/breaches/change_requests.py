"""Do open change requests hold exactly what they would add, and ended ones nothing?"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    exists,
    extract,
    func,
    literal,
    or_,
    select,
    union_all,
)

from booking.domain.change_requests import RequestState
from booking.domain.lifecycle import State
from booking.models.bookings import Booking
from booking.models.change_requests import ChangeRequest, ChangeRequestBlock, ChangeRequestClaim
from booking.models.grants import LedgerEntry
from booking.models.resources import Resource
from booking.queries.breaches import Check, ask

Block, Claim = ChangeRequestBlock, ChangeRequestClaim

is_open = ChangeRequest.state == RequestState.OPEN
is_held = Block.starts_at < Block.ends_at


def _seconds(since: Any, until: Any) -> ColumnElement[int]:
    return extract("epoch", until) - extract("epoch", since)


STRANDED = (
    select(ChangeRequest.id)
    .join(Booking, Booking.id == ChangeRequest.booking_id)
    .where(is_open, Booking.state.not_in((State.CONFIRMED, State.ACTIVE)))
    .order_by(ChangeRequest.id)
)
ANSWERED = (
    select(ChangeRequest.id)
    .where(is_open, ~exists().where(Claim.change_request_id == ChangeRequest.id, Claim.approval == "waiting"))
    .order_by(ChangeRequest.id)
)


def _not_the_difference() -> Select[*tuple[Any, ...]]:
    """Open requests that hold units, and not those that their order has more than the booking."""
    held = (
        select(Block.change_request_id, func.sum(Block.units * _seconds(Block.starts_at, Block.ends_at)).label("size"))
        .where(is_held)
        .group_by(Block.change_request_id)
        .subquery()
    )
    wanted = (
        select(Claim.change_request_id, func.sum(Claim.units).label("units"))
        .group_by(Claim.change_request_id)
        .subquery()
    )
    whole = wanted.c.units * _seconds(ChangeRequest.starts_at, ChangeRequest.ends_at)
    return (
        select(ChangeRequest.id)
        .join(Booking, Booking.id == ChangeRequest.booking_id)
        .join(held, held.c.change_request_id == ChangeRequest.id)
        .join(wanted, wanted.c.change_request_id == ChangeRequest.id)
        .where(is_open, held.c.size != whole - Booking.unit_seconds)
        .order_by(ChangeRequest.id)
    )


def _held_after_the_end() -> Select[*tuple[Any, ...]]:
    """Requests that have ended and hold units past the grid step in which they did (request/resource)."""
    over = _seconds(ChangeRequest.ended_at, Block.ends_at)
    return (
        select(Block.change_request_id, Block.resource_id)
        .join(ChangeRequest, ChangeRequest.id == Block.change_request_id)
        .join(Resource, Resource.id == Block.resource_id)
        .where(~is_open, is_held, over > Resource.grid_minutes * 60)
        .order_by(Block.change_request_id, Block.resource_id)
    )


def _another_price() -> Select[*tuple[Any, ...]]:
    """Request and resource whose hold on grants is not the price of what it would add."""
    weighted = Block.units * _seconds(Block.starts_at, Block.ends_at) * Claim.weight_percent / 100
    priced = (
        select(Block.change_request_id.label("request"), Block.resource_id.label("resource"), weighted.label("missing"))
        .join(
            Claim, (Claim.change_request_id == Block.change_request_id) & (Claim.resource_id == Block.resource_id)
        )
        .join(ChangeRequest, ChangeRequest.id == Block.change_request_id)
        .where(is_open, is_held)
    )  # fmt: skip
    signed = case(
        (LedgerEntry.kind == "hold", -LedgerEntry.unit_seconds),
        (LedgerEntry.kind == "release", LedgerEntry.unit_seconds),
    )
    held = select(LedgerEntry.change_request_id, LedgerEntry.resource_id, signed).where(
        LedgerEntry.change_request_id.is_not(None)
    )
    both = union_all(priced, held).subquery()
    grouped = select(both.c.request, both.c.resource).group_by(both.c.request, both.c.resource)
    return grouped.having(func.sum(both.c.missing) != literal(0)).order_by(both.c.request, both.c.resource)


STRANGE_LINES = (
    select(LedgerEntry.id)
    .outerjoin(ChangeRequest, ChangeRequest.id == LedgerEntry.change_request_id)
    .where(
        LedgerEntry.change_request_id.is_not(None),
        or_(LedgerEntry.booking_id != ChangeRequest.booking_id, LedgerEntry.kind.not_in(("hold", "release"))),
    )
    .order_by(LedgerEntry.id)
)

CHECKS = (
    Check(1, "change requests that hold other units than they would add", ask(_not_the_difference())),
    Check(1, "change requests that hold units after their end (request/resource)", ask(_held_after_the_end())),
    Check(2, "change requests that hold another amount of quota than their price (request/resource)",
          ask(_another_price())),
    Check(3, "ledger lines of change requests that are none of their booking's holds", ask(STRANGE_LINES)),
    Check(5, "open change requests of bookings that are neither confirmed nor running", ask(STRANDED)),
    Check(6, "open change requests that wait for nobody's approval", ask(ANSWERED)),
)  # fmt: skip
