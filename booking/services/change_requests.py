"""Use cases on change requests: approve, decline, withdraw, and what the clock ends."""

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from booking.changes import bookings as booking_changes
from booking.changes import change_requests as changes
from booking.db import db, transaction
from booking.domain.change_requests import ChangeRequest, RequestState
from booking.domain.errors import Conflict, Forbidden, IllegalMove, NotFound
from booking.domain.jobs import JobResult, each
from booking.domain.permissions import Actor, may_decide, may_edit, may_see_booking
from booking.domain.refusals import Refused
from booking.queries import change_requests
from booking.services import holdings, looks
from booking.services.holdings import Locked
from booking.services.judging import judge
from booking.services.rewrites import rewrite


def approve_request(request_id: int, *, actor: Actor, now: datetime, reason: str = "") -> ChangeRequest:
    """Say yes for every resource that the actor looks after; the last yes makes the addition part of the booking.

    The whole is judged again at this moment, what booking and request hold left out; Refused says what stands in the
    way now. An addition that is not held comes after those who wait for the same.
    """
    approve = partial(_approve, request_id, actor, now, reason)
    return looks.after_those_who_wait(approve, now=now)


def _approve(request_id: int, actor: Actor, now: datetime, reason: str) -> ChangeRequest:
    with transaction() as session:
        held, request = _locked(session, request_id, actor, "approve")
        answered = _must_decide(actor, request)
        if request.hold_until <= now:
            raise Conflict("This was to be answered by %(hold_until)s.", {"hold_until": request.hold_until})

        change = judge(held, request.order(held.booking.purpose), now, by=request.created_by, approved=True)
        if change.decision.refusals:
            raise Refused(change.decision.refusals)
        if not request.holds:
            looks.check_owes_nothing(held.rows)

        changes.give_approval(held.connection, request.id, answered)
        if request.waiting_for <= answered:
            rewrite(held, change, now=now, by=actor.email, reason=reason, request_becomes=RequestState.APPROVED)
        return change_requests.find_request(held.connection, request.id)


def decline_request(request_id: int, *, actor: Actor, now: datetime, reason: str = "") -> ChangeRequest:
    """Say no: the first no ends it, and the booking stays as it is."""
    with transaction() as session:
        held, request = _locked(session, request_id, actor, "decline")
        _must_decide(actor, request)
        return _end(held, request, RequestState.DECLINED, "change_declined", now=now, by=actor.email, reason=reason)


def withdraw_request(request_id: int, *, actor: Actor, now: datetime, reason: str = "") -> ChangeRequest:
    """Ask for it no longer, as its team; the booking stays as it is."""
    with transaction() as session:
        held, request = _locked(session, request_id, actor, "withdraw")
        if not may_edit(actor, held.booking.team_id, held.booking.created_by):
            raise Forbidden("Only the team's lead, or who requested the booking, can change it.")
        return _end(held, request, RequestState.WITHDRAWN, "change_withdrawn", now=now, by=actor.email, reason=reason)


def expire_due(now: datetime) -> JobResult:
    """Requests that nobody answered in time lapse; their bookings stay as they are."""
    with db.engine.connect() as connection:
        todo = change_requests.due(connection, now)
    return each(todo, lambda booking_id: _expire(booking_id, now))


def _expire(booking_id: int, now: datetime) -> bool:
    with transaction() as session:
        return holdings.settle(session, "expire_request", booking_id, now=now)


def _locked(session: Session, request_id: int, actor: Actor, verb: str) -> tuple[Locked, ChangeRequest]:
    """An open request with its booking under all locks; IllegalMove names the state of one that has ended."""
    known = change_requests.find_request(session.connection(), request_id)
    held = holdings.locked(session, known.booking_id)
    if not may_see_booking(actor, known.team_id, held.booking.owners | known.owners):
        raise NotFound("change request")
    request = held.booking.change_request
    if request is None or request.id != request_id:
        raise IllegalMove(change_requests.find_request(held.connection, request_id).state, verb)
    return held, request


def _must_decide(actor: Actor, request: ChangeRequest) -> frozenset[int]:
    """The waiting resources that the actor may answer for."""
    own = frozenset(
        claim.resource_id for claim in request.claims if may_decide(actor, claim.organisation_id, claim.kind)
    )
    if not own:
        raise Forbidden("Only who looks after a claimed resource can answer for it.")
    answered = own & request.waiting_for
    if not answered:
        raise Conflict("Your answer is given already, or was not asked for.")
    return answered


def _end(
    held: Locked, request: ChangeRequest, to: RequestState, event: str, *, now: datetime, by: str, reason: str
) -> ChangeRequest:
    holdings.let_go(held, to, now=now, by=by, reason=reason)
    booking_changes.notify(held.connection, held.booking.id, event, now=now, by=by, reason=reason)
    return change_requests.find_request(held.connection, request.id)
