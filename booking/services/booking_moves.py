"""Use cases on one booking: accept, approve, decline, cancel, check in, finish, revoke."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from booking.changes import bookings as changes
from booking.db import transaction
from booking.domain.admission import admit
from booking.domain.bookings import Booking, Change
from booking.domain.counter_offers import in_part
from booking.domain.errors import Conflict, Forbidden, IllegalMove
from booking.domain.lifecycle import State, move
from booking.domain.orders import Claim, Decision, Order
from booking.domain.permissions import (
    Actor,
    may_accept,
    may_cancel,
    may_check_in,
    may_finish,
)
from booking.domain.policies import Policy
from booking.domain.proposals import answer_until
from booking.domain.refusals import Refused
from booking.domain.relocations import as_it_stands
from booking.queries import grants, resources
from booking.queries.bookings import find_booking
from booking.queries.situations import counted
from booking.services import holdings
from booking.services.answering import looked_after, must_decide, must_see
from booking.services.holdings import Locked
from booking.services.rewrites import rewrite


def cancel_booking(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """Give a booking up at its price; what it does not cost goes back to the team's grants."""
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        must_see(actor, held.booking)
        if not may_cancel(actor, held.booking.team_id, held.booking.created_by):
            raise Forbidden("Only the team's lead, or who requested the booking, can cancel it.")

        holdings.end(held, State.CANCELLED, "cancel", now=now, by=actor.email, reason=reason)
        return find_booking(held.connection, booking_id)


def finish_booking(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """End a running booking early; units are free from the next grid instant, charges are to the second."""
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        must_see(actor, held.booking)
        if not may_finish(actor, held.booking.team_id, held.booking.created_by):
            raise Forbidden("Only the team's lead, or who requested the booking, can finish it.")

        held = holdings.by_the_clock(held, now)
        holdings.end(held, State.COMPLETED, "finish", now=now, by=actor.email, reason=reason)
        return find_booking(held.connection, booking_id)


def check_in(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """Say that the team is there: the booking becomes active at its start, or at once where that is past."""
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        booking = held.booking
        must_see(actor, booking)
        if not may_check_in(actor, booking.team_id):
            raise Forbidden("Only members of the team can check in.")

        _check_in_is_possible(booking, now)
        starts = booking.window.start <= now
        to = State.ACTIVE if starts else State.CONFIRMED
        changes.record(
            held.connection, booking, to, now=now, by=actor.email, reason=reason or "checked in",
            event="active" if starts else "checked_in", checked_in_at=now,
        )  # fmt: skip
        return find_booking(held.connection, booking_id)


def approve_booking(
    booking_id: int, *, actor: Actor, now: datetime, reason: str = "", claims: Sequence[Claim] = ()
) -> Booking:
    """Say yes for every claimed resource that the actor looks after; the last yes confirms.

    The order is judged again at this moment, its own hold left out; Refused says what stands in the way now. `claims`
    are those that are approved in part, with fewer units, as far as the team named a least quantity.
    """
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        booking = held.booking
        answered = must_decide(actor, booking, "approve")
        if booking.hold_until is not None and booking.hold_until <= now:
            raise Conflict("This booking was to be answered by %(hold_until)s.", {"hold_until": booking.hold_until})

        order = in_part(booking, claims, answered)
        decision = judged_again(held, order, now, by=booking.created_by)
        if decision.refusals:
            raise Refused(decision.refusals)
        changes.give_approval(held.connection, booking.id, answered)
        is_last = booking.waiting_for <= answered
        if order != booking.order():
            _lower(held, order, decision, is_last=is_last, now=now, by=actor.email, reason=reason)
        elif is_last:
            confirm(held, decision, now=now, by=actor.email, reason=reason)
        else:
            changes.record(held.connection, booking, State.PENDING, now=now, by=actor.email, reason=reason)
        return find_booking(held.connection, booking_id)


def decline_booking(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """Say no for a claimed resource: the first no declines the whole. A team declines what it is offered."""
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        booking = held.booking
        must_see(actor, booking)
        if not (booking.state is State.OFFERED and may_accept(actor, booking.team_id)):
            must_decide(actor, booking, "decline")

        holdings.end(held, State.DECLINED, "decline", now=now, by=actor.email, reason=reason)
        return find_booking(held.connection, booking_id)


def accept_booking(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """Take what is held for the team until `hold_until`; owners who have not agreed yet are asked now."""
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        booking = held.booking
        must_see(actor, booking)
        if not may_accept(actor, booking.team_id):
            raise Forbidden("Only members of the team can accept an offer.")
        if booking.state is not State.OFFERED:
            raise IllegalMove(booking.state, "accept")
        if booking.hold_until is not None and booking.hold_until <= now:
            raise Conflict("This offer was held until %(hold_until)s.", {"hold_until": booking.hold_until})

        decision = judged_again(held, booking.order(), now, by=actor.user_id)
        if decision.refusals:
            raise Refused(decision.refusals)
        holdings.end_turn(held, "accept", now=now, by=actor.email)
        if booking.waiting_for:
            _ask_owners(held, now=now, by=actor.email, reason=reason)
        else:
            confirm(held, decision, now=now, by=actor.email, reason=reason)
        return find_booking(held.connection, booking_id)


def revoke_booking(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """Take a confirmed or running booking back; the team pays nothing but what was served."""
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        booking = held.booking
        must_see(actor, booking)
        if not looked_after(actor, booking):
            raise Forbidden("Only who looks after a claimed resource can revoke its bookings.")

        holdings.end(held, State.REVOKED, "revoke", now=now, by=actor.email, reason=reason)
        return find_booking(held.connection, booking_id)


def judged_again(held: Locked, order: Order, now: datetime, *, by: int | None) -> Decision:
    """The evaluator's answer now to a standing booking of the person `by`, or to less of it, its own share left out."""
    booking = held.booking
    book = counted(held.connection, held.rows, [(order, now)], lock=True, without=[booking.id], actors=[by])
    book.resources.update(resources.without_own(book.resources, booking.own_blocks))
    lines = [line for lines in held.held_lines().values() for line in lines]
    book.grants[booking.team_id] = grants.without_held(held.grants, lines)
    return admit(order, book.situation(order, now, by=by), approved=True)


def confirm(held: Locked, decision: Decision, *, now: datetime, by: str, reason: str) -> None:
    """The last yes: the booking is confirmed, and takes its share now where it waited without one."""
    booking = held.booking
    move(booking.state, State.CONFIRMED, "approve")
    if not booking.holds:
        changes.hold_now(held.connection, booking, decision, held.levels(booking.window), now=now, by=by)
    changes.record(
        held.connection, booking, State.CONFIRMED, now=now, by=by, reason=reason, hold_until=None,
        check_in_from=decision.check_in_from, check_in_until=decision.check_in_until,
    )  # fmt: skip


def _lower(
    held: Locked, order: Order, decision: Decision, *, is_last: bool, now: datetime, by: str, reason: str
) -> None:
    """A yes to fewer units: the booking is brought to them, and confirmed where nobody else is to be asked."""
    booking = find_booking(held.connection, held.booking.id)  # with this yes among its approvals
    if not is_last:
        decision = as_it_stands(booking, order, decision)
        decision = replace(decision, lines=decision.lines if booking.holds else {})
    rewrite(
        replace(held, booking=booking),
        Change(order, decision, held.held_lines(), {}),
        now=now,
        by=by,
        reason=reason or "approved in part",
        event="confirmed" if is_last else "changed",
    )


def _ask_owners(held: Locked, *, now: datetime, by: str, reason: str) -> None:
    """The team has taken an offer that owners have still to approve; it goes on holding its share meanwhile."""
    booking = held.booking
    move(booking.state, State.PENDING, "accept")
    until = answer_until(booking.window, [Policy.read(row.policy) for row in held.rows], now)
    changes.record(held.connection, booking, State.PENDING, now=now, by=by, reason=reason, hold_until=until)


def _check_in_is_possible(booking: Booking, now: datetime) -> None:
    move(booking.state, State.ACTIVE, "check in")
    if booking.check_in_from is None or booking.check_in_until is None:
        raise Conflict("This booking needs no check-in; it becomes active at its start.")
    if booking.checked_in_at is not None:
        raise Conflict("This booking is checked in already.")
    if now < booking.check_in_from:
        raise Conflict("Check-in opens at %(check_in_from)s.", {"check_in_from": booking.check_in_from})
    if now >= booking.check_in_until:
        raise Conflict("Check-in closed at %(check_in_until)s.", {"check_in_until": booking.check_in_until})
