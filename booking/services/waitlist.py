"""Use cases of the wait list: join it, leave it, give an entry its class, and what the clock does with it."""

from datetime import datetime

from sqlalchemy import Connection

from booking.changes import audit
from booking.changes import waitlist as changes
from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.admission import admit
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.jobs import JobResult, each
from booking.domain.orders import Order
from booking.domain.outbox import NOTICES
from booking.domain.permissions import (
    Actor,
    may_join_waitlist,
    may_leave_waitlist,
    may_prioritise,
    may_see_entry,
)
from booking.domain.proposals import probe, reach_of
from booking.domain.queues import Priority
from booking.domain.refusals import Code, Refusal, Refused
from booking.domain.waitlist import Entry, EntryState, Wish, check_beside, check_wish, hopeless, is_past
from booking.queries import resources, waitlist
from booking.queries.applications import team_standing
from booking.queries.situations import counted
from booking.services import looks


def join_waitlist(wish: Wish, *, actor: Actor, now: datetime) -> Entry:
    """Wait for what cannot be booked now; where it can, it is offered at once to whoever is first in line.

    Raises Refused where waiting would be in vain, Invalid for what cannot be meant, and Conflict where the team waits
    for the same already.
    """
    check_wish(wish, now)
    if not may_join_waitlist(actor, wish.team_id):
        message = "You are not a member of this team and cannot wait in its name."
        raise Refused([Refusal(Code.NOT_A_MEMBER, message, "team")])
    with transaction() as session:
        connection = session.connection()
        ids = [row.id for row in waitlist.candidates(connection, wish)]
        if not ids:
            raise Invalid("gpu_model", "No pool of this model is open here. Take another one.")
        resources.lock_resources(connection, ids)
        check_beside(wish, waitlist.wishes_waiting(connection, wish.team_id))
        _check_hope(connection, wish, ids, actor, now)

        entry_id = changes.add(connection, wish, by=actor.user_id, now=now)
        changes.owe_look(connection, ids)
    looks.serve(ids, now=now)
    with db.engine.connect() as connection:
        return waitlist.find_entry(connection, entry_id)


def rejoin_waitlist(entry_id: int, *, actor: Actor, now: datetime) -> Entry:
    """Wait once more, at the end of the queue, for what an entry that has ended was for."""
    with db.engine.connect() as connection:
        entry = waitlist.find_entry(connection, entry_id)
        _must_see(connection, entry, actor)
    if entry.closed_at is None:
        raise Conflict("This entry still stands; there is no need to join again.")
    return join_waitlist(entry.wish, actor=actor, now=now)


def withdraw_from_waitlist(entry_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Entry:
    """Wait no longer; an offer is declined instead."""
    with transaction() as session:
        connection = session.connection()
        entry = waitlist.lock_entry(connection, entry_id)
        _must_see(connection, entry, actor)
        if not may_leave_waitlist(actor, entry.wish.team_id, entry.created_by):
            raise Forbidden("Only the team's lead, or who joined the list, can withdraw this.")
        entry.must_wait("withdraw")

        changes.close(connection, entry_id, EntryState.WITHDRAWN, now=now, reason=reason)
        return waitlist.find_entry(connection, entry_id)


def set_priority(entry_id: int, priority: Priority, *, actor: Actor, now: datetime) -> Entry:
    """Give an entry a class on those resources that the actor looks after."""
    with transaction() as session:
        connection = session.connection()
        entry = waitlist.lock_entry(connection, entry_id)
        _must_see(connection, entry, actor)
        wanted = waitlist.waited_for(connection, entry_id)
        own = {row.organisation_id for row in wanted if may_prioritise(actor, row.organisation_id, row.kind)}
        if not own:
            raise Forbidden("Only who looks after what is waited for gives an entry its class.")
        entry.must_wait("prioritise")

        changes.prioritise(connection, entry_id, sorted(own), priority)
        details = {"priority": priority.value, "organisations": sorted(own)}
        about = {"act": "waitlist.priority", "subject": f"waitlist:{entry_id}"}
        audit.record(connection, by=actor.email, details=details, now=now, **about)
        return waitlist.find_entry(connection, entry_id)


def serve_due(now: datetime) -> JobResult:
    """Offer what was freed to those who wait, on every resource that owes them a look."""
    with db.engine.connect() as connection:
        stirred = waitlist.owing_entries(connection)
    spread = each(stirred, looks.spread)
    with db.engine.connect() as connection:
        owing = waitlist.owing_resources(connection)
    return JobResult(errors=spread.errors) + each(owing, lambda resource_id: looks.serve([resource_id], now=now) > 0)


def look_again(now: datetime) -> JobResult:
    """Have everything that is waited for looked at again: time itself opens windows, as a horizon moves on."""
    with db.engine.connect() as connection:
        waiting = waitlist.waiting_entries(connection)
    return each(waiting, looks.spread)


def close_ended(now: datetime) -> JobResult:
    """Entries end when no window of theirs can begin any more, or with their team's standing; the team is told."""
    with db.engine.connect() as connection:
        ended = waitlist.ended_entries(connection, now)
    return each(ended, lambda entry_id: _close(entry_id, now))


def _close(entry_id: int, now: datetime) -> bool:
    with transaction() as session:
        connection = session.connection()
        entry = waitlist.lock_entry(connection, entry_id)
        lost = team_standing(session, entry.wish.team_id).bookings_end
        has_lost = lost is not None and lost <= now
        if entry.state is not EntryState.WAITING or not (has_lost or is_past(entry.wish, now)):
            return False
        reason = "the team has lost its standing" if has_lost else "no window was free in time"
        changes.close(connection, entry_id, EntryState.EXPIRED, now=now, reason=reason)
        subject = f"waitlist:{entry_id}"
        payload = {"reason": reason}
        tell(session, destination=NOTICES, subject=subject, event="waitlist_expired", payload=payload, now=now)
        return True


def _check_hope(connection: Connection, wish: Wish, ids: list[int], actor: Actor, now: datetime) -> None:
    """Refused where each resource that could serve the wish has a reason which waiting does not cure."""
    reach = reach_of(wish, now)
    if reach is None:
        return
    orders = [Order(wish.team_id, reach, wish.claims_on(resource_id)) for resource_id in ids]
    rows = resources.read_resources(connection, {claim.resource_id for order in orders for claim in order.claims})
    book = counted(connection, rows, [(order, now) for order in orders], lock=False, actors=[actor.user_id])
    found = []
    for order in orders:
        situation = book.situation(order, now, by=actor.user_id)
        reasons = hopeless(admit(probe(wish, order.claims[0].resource_id, situation), situation).refusals)
        if not reasons:
            return
        found.append(reasons)
    raise Refused(found[0])


def _must_see(connection: Connection, entry: Entry, actor: Actor) -> None:
    """NotFound for whoever is neither of the team nor looks after what it waits for."""
    owners = [(row.organisation_id, row.kind) for row in waitlist.waited_for(connection, entry.id)]
    if not may_see_entry(actor, entry.wish.team_id, owners):
        raise NotFound("wait-list entry")
