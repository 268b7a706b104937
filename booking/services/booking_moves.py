"""Use cases on one booking: accept, approve, decline, cancel, check in, finish, revoke."""

from datetime import datetime

from booking.changes import bookings as changes
from booking.db import transaction
from booking.domain.admission import admit
from booking.domain.bookings import Booking
from booking.domain.errors import Conflict, Forbidden, IllegalMove, NotFound
from booking.domain.lifecycle import State, move
from booking.domain.orders import Decision
from booking.domain.permissions import (
    Actor,
    may_accept,
    may_cancel,
    may_check_in,
    may_decide,
    may_finish,
    may_see_booking,
)
from booking.domain.policies import Policy
from booking.domain.proposals import answer_until
from booking.domain.refusals import Refused
from booking.queries import grants, resources
from booking.queries.bookings import find_booking
from booking.queries.situations import counted
from booking.services import holdings
from booking.services.holdings import Locked


def cancel_booking(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """Give a booking up at its price; what it does not cost goes back to the team's grants."""
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        _must_see(actor, held.booking)
        if not may_cancel(actor, held.booking.team_id, held.booking.created_by):
            raise Forbidden("Only the team's lead, or who requested the booking, can cancel it.")

        holdings.end(held, State.CANCELLED, "cancel", now=now, by=actor.email, reason=reason)
        return find_booking(held.connection, booking_id)


def finish_booking(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """End a running booking early; units are free from the next grid instant, charges are to the second."""
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        _must_see(actor, held.booking)
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
        _must_see(actor, booking)
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


def approve_booking(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """Say yes for every claimed resource that the actor looks after; the last yes confirms.

    The order is judged again at this moment, its own hold left out; Refused says what stands in the way now.
    """
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        booking = held.booking
        answered = _must_decide(actor, booking, "approve")
        if booking.hold_until is not None and booking.hold_until <= now:
            raise Conflict("This booking was to be answered by %(hold_until)s.", {"hold_until": booking.hold_until})

        decision = judged_again(held, now, by=booking.created_by)
        if decision.refusals:
            raise Refused(decision.refusals)
        changes.give_approval(held.connection, booking.id, answered)
        if booking.waiting_for <= answered:
            confirm(held, decision, now=now, by=actor.email, reason=reason)
        else:
            changes.record(held.connection, booking, State.PENDING, now=now, by=actor.email, reason=reason)
        return find_booking(held.connection, booking_id)


def decline_booking(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """Say no for a claimed resource: the first no declines the whole. A team declines what it is offered."""
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        booking = held.booking
        _must_see(actor, booking)
        if not (booking.state is State.OFFERED and may_accept(actor, booking.team_id)):
            _must_decide(actor, booking, "decline")

        holdings.end(held, State.DECLINED, "decline", now=now, by=actor.email, reason=reason)
        return find_booking(held.connection, booking_id)


def accept_booking(booking_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Booking:
    """Take what is held for the team until `hold_until`; where an owner has to approve it, he is asked now."""
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        booking = held.booking
        _must_see(actor, booking)
        if not may_accept(actor, booking.team_id):
            raise Forbidden("Only members of the team can accept an offer.")
        if booking.state is not State.OFFERED:
            raise IllegalMove(booking.state, "accept")
        if booking.hold_until is not None and booking.hold_until <= now:
            raise Conflict("This offer was held until %(hold_until)s.", {"hold_until": booking.hold_until})

        decision = judged_again(held, now, by=actor.user_id)
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
        _must_see(actor, booking)
        if not _looked_after(actor, booking):
            raise Forbidden("Only who looks after a claimed resource can revoke its bookings.")

        holdings.end(held, State.REVOKED, "revoke", now=now, by=actor.email, reason=reason)
        return find_booking(held.connection, booking_id)


def judged_again(held: Locked, now: datetime, *, by: int | None) -> Decision:
    """The evaluator's answer at this moment to a standing booking of the person `by`, its own share left out."""
    booking = held.booking
    order = booking.order()
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


def _ask_owners(held: Locked, *, now: datetime, by: str, reason: str) -> None:
    """An accepted offer goes on holding its units while its owners think about it."""
    booking = held.booking
    move(booking.state, State.PENDING, "accept")
    until = answer_until(booking.window, [Policy.read(row.policy) for row in held.rows], now)
    changes.record(held.connection, booking, State.PENDING, now=now, by=by, reason=reason, hold_until=until)


def _must_see(actor: Actor, booking: Booking) -> None:
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")


def _looked_after(actor: Actor, booking: Booking) -> frozenset[int]:
    """The claimed resources that the actor decides on."""
    return frozenset(
        claim.resource_id for claim in booking.claims if may_decide(actor, claim.organisation_id, claim.kind)
    )


def _must_decide(actor: Actor, booking: Booking, verb: str) -> frozenset[int]:
    """The waiting resources that the actor may answer for; IllegalMove, Forbidden or NotFound where there are none."""
    _must_see(actor, booking)
    own = _looked_after(actor, booking)
    if not own:
        raise Forbidden("Only who looks after a claimed resource can answer for it.")
    if booking.state is not State.PENDING:
        raise IllegalMove(booking.state, verb)
    answered = own & booking.waiting_for
    if not answered:
        raise Conflict("Your answer is given already; others are still to answer.")
    return answered


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
