"""What the verbs that move, grow or shrink a booking share inside their transactions: writing its new order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from booking.changes import bookings as changes
from booking.changes.reholds import redraw, rehold
from booking.domain.bookings import Booking, Change
from booking.domain.capacity import Steps
from booking.domain.change_requests import RequestState
from booking.domain.lifecycle import State
from booking.domain.orders import Decision, Order
from booking.domain.windows import Window
from booking.queries import capacity
from booking.services.holdings import Locked, let_go


def rewrite(
    held: Locked,
    change: Change,
    *,
    now: datetime,
    by: str,
    reason: str = "",
    event: str = "changed",
    request_becomes: RequestState = RequestState.WITHDRAWN,
) -> None:
    """Bring a locked booking, with its units and its quota, to the order that was decided on.

    An open change request of it ends first: withdrawn, unless the order is what it asked for.
    """
    rewrite_all([(held, change)], now=now, by=by, reason=reason, event=event, request_becomes=request_becomes)


def rewrite_all(
    changed: Sequence[tuple[Locked, Change]],
    *,
    now: datetime,
    by: str,
    reason: str = "",
    event: str = "changed",
    told_by: str = "",
    request_becomes: RequestState = RequestState.WITHDRAWN,
) -> None:
    """The same for several bookings that were decided on together; `told_by` names the notice that tells of all."""
    for held, _ in changed:
        let_go(held, request_becomes, now=now, by=by, reason=reason or "the booking was changed")
    for held, _ in changed[:1]:
        redraw(held.connection, [(each.booking, change) for each, change in changed], now=now, by=by)
    for held, change in changed:
        booking, order, decision = held.booking, change.order, change.decision
        rehold(held.connection, booking, change, levels=_levels(held.connection, booking, order))
        by_itself = {} if told_by else _apart(booking, now)
        changes.record(
            held.connection,
            booking,
            decision.state if booking.state is State.PENDING else booking.state,
            now=now,
            by=by,
            reason=": ".join(part for part in (reason, said(booking, order)) if part),
            event=event,
            told_by=told_by,
            **_columns(booking, order, decision),
            **by_itself,
        )


def _apart(booking: Booking, now: datetime) -> dict[str, datetime]:
    """One of a series that is changed by itself goes its own way from then on."""
    return {"apart_since": now} if booking.series_id and not booking.apart_since else {}


def _columns(booking: Booking, order: Order, decision: Decision) -> dict[str, Any]:
    moved = order.window.start != booking.window.start
    columns: dict[str, Any] = {
        "starts_at": order.window.start,
        "ends_at": order.window.end,
        "unit_seconds": order.unit_seconds,
        "hold_until": decision.hold_until,
    }
    if booking.state is not State.ACTIVE:
        columns |= _check_in(booking, decision, moved=moved)
    if moved:
        columns |= {"checked_in_at": None, "reminded_at": None}
    return columns


def _check_in(booking: Booking, decision: Decision, *, moved: bool) -> dict[str, Any]:
    """When to check in; while the start stays, no change gives more time than there was."""
    opens, closes = decision.check_in_from, decision.check_in_until
    if not moved and opens and closes and booking.check_in_from and booking.check_in_until:
        opens, closes = max(opens, booking.check_in_from), min(closes, booking.check_in_until)
    return {"check_in_from": opens, "check_in_until": closes}


def _levels(connection: Connection, booking: Booking, order: Order) -> dict[int, Steps]:
    """The held levels of the old and the new resources over both windows."""
    around = Window(min(booking.window.start, order.window.start), max(booking.window.end, order.window.end))
    touched = {*booking.resource_ids, *(claim.resource_id for claim in order.claims)}
    return {resource_id: capacity.held(connection, resource_id, around) for resource_id in sorted(touched)}


def said(booking: Booking, order: Order) -> str:
    """What changed, for the history."""
    said = []
    if order.window != booking.window:
        spans = (booking.window, order.window)
        before, after = (f"{span.start:%Y-%m-%d %H:%M}/{span.end:%Y-%m-%d %H:%M}" for span in spans)
        said.append(f"window {before} → {after}")
    names = {claim.resource_id: claim.resource for claim in booking.claims}
    for resource_id in sorted({*booking.resource_ids, *(claim.resource_id for claim in order.claims)}):
        had, wants = booking.order().units_of(resource_id), order.units_of(resource_id)
        if had != wants:
            said.append(f"{names.get(resource_id, resource_id)} {had} → {wants} units")
    return ", ".join(said) or "changed"
