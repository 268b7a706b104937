"""Where displaced bookings can go: fewer units in the same window, or the same units in a later one."""

from dataclasses import replace
from datetime import datetime

from booking.domain.bookings import Booking
from booking.domain.orders import Decision, Order, Situation
from booking.domain.search import earliest_admitted
from booking.domain.windows import Window


def most_units(free: int, unit_step: int) -> int:
    """The largest number of units that can be had of those free; 0 where not even one step is."""
    return max(0, free) // unit_step * unit_step


def moves(order: Order, situation: Situation, *, latest: datetime, most: int) -> list[Window]:
    """The first windows, apart from each other, to which the order could move; as many as `most`."""
    found: list[Window] = []
    since = order.window.start
    while len(found) < most:
        moved = earliest_move(order, situation, latest=latest, since=since)
        if moved is None:
            break
        found.append(moved.window)
        since = moved.window.end
    return found


def earliest_move(
    order: Order, situation: Situation, *, latest: datetime, since: datetime | None = None
) -> Order | None:
    """The order at the first start, from its own or `since` on, at which the evaluator admits it; None until `latest`.

    Notice and approval were given for the window it had, so that neither is asked for again.
    """
    resources = {
        resource_id: replace(resource, policy=replace(resource.policy, notice_minutes=0, auto_approve_unit_hours=None))
        for resource_id, resource in situation.resources.items()
    }
    given = replace(situation, resources=resources, team=replace(situation.team, strikes_until=None))
    return earliest_admitted(order, given, since=since or order.window.start, latest=latest)


def as_it_stands(booking: Booking, order: Order, decision: Decision) -> Decision:
    """The decision for a booking that goes on as it stood: waiting for the same owners, no longer than before."""
    hold_until = min(booking.hold_until, order.window.start) if booking.hold_until else None
    return replace(
        decision, state=booking.state, approvals=booking.waiting_for, hold_until=hold_until, holds=booking.holds
    )
