"""What verbs that change standing bookings share: judging other orders in their place, their own share left out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from booking.domain.admission import admit, after
from booking.domain.bookings import Booking, Change
from booking.domain.ledger import Line, given_up, settle
from booking.domain.lifecycle import State
from booking.domain.orders import Decision, Order, Situation, is_shrink
from booking.queries import grants, resources
from booking.queries.situations import Counted, counted
from booking.services.holdings import Locked

Lines = Mapping[int, tuple[Line, ...]]


def judge(held: Locked, order: Order, now: datetime, *, by: int | None, approved: bool = False) -> Change:
    """What becomes of a booking by an order in its place, judged on what that changes; nothing is written.

    What the booking and its change request hold counts as free. `by` is the person who acts; `approved` is the
    judgement at an owner's yes.
    """
    return judge_together([(held, order)], now, by=by, approved=approved)[0]


def judge_together(
    asked: Sequence[tuple[Locked, Order]], now: datetime, *, by: int | None, approved: bool = False
) -> list[Change]:
    """What becomes of several bookings of one team by orders in their places.

    What all of them and their change requests hold counts as free; each order is judged against what those before it
    take. All are under the same locks, with the same rows.
    """
    lines = [held.held_lines() for held, _ in asked]
    charged = [_charged(held.booking, order, own, now) for (held, order), own in zip(asked, lines, strict=True)]
    book = _without_own(asked, lines, charged, now, by)
    changes = []
    for (held, order), own, price in zip(asked, lines, charged, strict=True):
        situation = book.situation(order, now, by=by)
        is_confirmed = held.booking.state in (State.CONFIRMED, State.ACTIVE)
        standing = held.booking.order()
        decision = admit(order, situation, standing=standing, approved=approved, confirmed=is_confirmed)
        if not decision.refusals:
            book.take(after(situation, order, decision))
        changes.append(Change(order, _as_it_waits(held.booking, order, decision), own, price))
    return changes


def situation_of(held: Locked, order: Order, now: datetime, *, by: int | None) -> Situation:
    """What an order in the place of a booking is judged against: what the booking holds counts as free."""
    return _without_own([(held, order)], [held.held_lines()], [{}], now, by).situation(order, now, by=by)


def _without_own(
    asked: Sequence[tuple[Locked, Order]],
    lines: Sequence[Lines],
    charged: Sequence[Lines],
    now: datetime,
    by: int | None,
) -> Counted:
    """What the orders are judged against: everything but what their bookings hold, and less what giving up costs."""
    first = asked[0][0]
    bookings = [held.booking for held, _ in asked]
    around = [(order, now) for _, order in asked] + [(booking.order(), now) for booking in bookings]
    without = {booking.id for booking in bookings}
    book = counted(first.connection, first.rows, around, lock=False, without=without, actors=[by])
    blocks = [block for booking in bookings for block in booking.own_blocks]
    book.resources.update(resources.without_own(book.resources, blocks))
    requested = [line for held, _ in asked for line in held.requested_lines()]
    free = grants.without_held(first.grants, [*_flat(lines), *requested])
    book.grants[first.booking.team_id] = grants.with_charged(free, _flat(charged))
    return book


def _flat(many: Sequence[Lines]) -> list[Line]:
    return [line for lines in many for own in lines.values() for line in own]


def _charged(booking: Booking, order: Order, held: Lines, now: datetime) -> dict[int, tuple[Line, ...]]:
    """What the part given up costs, taken from what was drawn last."""
    if booking.state is State.PENDING:
        return {}
    charged = {}
    for claim in booking.claims:
        price = given_up(claim.terms, order.units_of(claim.resource_id), order.window, asked=now)
        lines, _ = settle(held.get(claim.resource_id, ())[::-1], price)
        if lines:
            charged[claim.resource_id] = lines
    return charged


def _as_it_waits(booking: Booking, order: Order, decision: Decision) -> Decision:
    """A waiting booking that shrinks goes on waiting for the same owners, as long as before."""
    if booking.state is not State.PENDING or not is_shrink(order, booking.order()):
        return decision
    hold_until = min(booking.hold_until, order.window.start) if booking.hold_until else None
    return replace(
        decision,
        state=State.PENDING,
        approvals=booking.waiting_for,
        hold_until=hold_until,
        holds=booking.holds,
        lines=decision.lines if booking.holds else {},
    )
