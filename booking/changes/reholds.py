"""Writes of a booking that is moved, grown or shrunk: its holds, units and claims brought to the new order."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, update

from booking.changes import grants, steps
from booking.changes.grants import Posting
from booking.changes.steps import Block
from booking.changes.waitlist import FREE
from booking.domain.bookings import Booking, Change
from booking.domain.capacity import Steps
from booking.domain.ledger import Entry, Line
from booking.domain.orders import Decision, Order
from booking.models.bookings import Claim


def redraw(connection: Connection, changed: Iterable[tuple[Booking, Change]], *, now: datetime, by: str) -> None:
    """Bring what bookings hold of quota to the orders of their changes.

    All at once, so that what one gives up counts for another before any total is looked at.
    """
    grants.post(connection, [posting for booking, change in changed for posting in _postings(booking, change, now, by)])


def rehold(connection: Connection, booking: Booking, change: Change, *, levels: Mapping[int, Steps]) -> None:
    """Bring the units and claims of a booking from where it stands to the order of a change; its row is the caller's.

    `levels` are the held levels of the old and the new resources over both windows.
    """
    order, decision = change.order, change.decision
    for resource_id, known in levels.items():
        steps.shift(connection, resource_id, _blocks(booking, order, decision, resource_id), known)
    _write_claims(connection, booking, order, decision)
    connection.execute(FREE, [{"of": resource_id} for resource_id in sorted(levels)])


def _postings(booking: Booking, change: Change, now: datetime, by: str) -> Iterable[Posting]:
    """Charges first, then the difference between what is left held and what the new order draws."""
    held, charged, decision = change.held, change.charged, change.decision
    for resource_id, lines in charged.items():
        for line in lines:
            yield Posting(Entry.CHARGE, line, now, by, "part given up", booking.id, resource_id)
    for resource_id in sorted({*held, *decision.lines}):
        left = _sums(held.get(resource_id, ()))
        left.subtract(_sums(charged.get(resource_id, ())))
        wanted = _sums(decision.lines.get(resource_id, ()))
        for grant_id, period_start in dict.fromkeys((*left, *wanted)):
            more = wanted[grant_id, period_start] - left[grant_id, period_start]
            if more:
                kind = Entry.HOLD if more > 0 else Entry.RELEASE
                line = Line(grant_id, period_start, abs(more))
                yield Posting(kind, line, now, by, "changed", booking.id, resource_id)


def _sums(lines: Iterable[Line]) -> Counter[tuple[int, datetime | None]]:
    sums: Counter[tuple[int, datetime | None]] = Counter()
    for line in lines:
        sums[line.grant_id, line.period_start] += line.unit_seconds
    return sums


def _blocks(booking: Booking, order: Order, decision: Decision, resource_id: int) -> list[Block]:
    old = [
        Block(claim.occupied, -claim.units)
        for claim in booking.claims
        if claim.resource_id == resource_id and claim.occupied
    ]
    units = order.units_of(resource_id) if decision.holds else 0
    return [*old, Block(order.window, units)] if units else old


def _write_claims(connection: Connection, booking: Booking, order: Order, decision: Decision) -> None:
    given = {claim.resource_id: claim.approval for claim in booking.claims}
    for claim in order.claims:
        values = _claim_values(order, decision, claim.resource_id, given.get(claim.resource_id, "none"))
        values["least_units"] = claim.least_units
        if claim.resource_id in given:
            connection.execute(
                update(Claim)
                .where(Claim.booking_id == booking.id, Claim.resource_id == claim.resource_id)
                .values(**values)
            )
        else:
            connection.execute(insert(Claim).values(booking_id=booking.id, resource_id=claim.resource_id, **values))
    dropped = given.keys() - {claim.resource_id for claim in order.claims}
    if dropped:
        connection.execute(delete(Claim).where(Claim.booking_id == booking.id, Claim.resource_id.in_(sorted(dropped))))


def _claim_values(order: Order, decision: Decision, resource_id: int, approval: str) -> dict[str, Any]:
    terms = decision.terms[resource_id]
    return {
        "units": order.units_of(resource_id),
        "starts_at": order.window.start,
        "ends_at": order.window.end if decision.holds else order.window.start,
        "unit_seconds": terms.whole,
        "weight_percent": terms.weight_percent,
        "cancel_cutoff_minutes": terms.cancel_cutoff_minutes,
        "late_cancel_percent": terms.late_cancel_percent,
        "charge": terms.charge.value,
        "min_charge_percent": terms.min_charge_percent,
        "approval": "waiting" if resource_id in decision.approvals else approval,
    }
