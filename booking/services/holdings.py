"""What the verbs on one booking share inside their transactions: taking its locks, and ending it at a price."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from booking.changes import bookings as changes
from booking.changes import change_requests as requests
from booking.changes import docking, teams, waitlist
from booking.changes import usage as usage_changes
from booking.domain.additions import Block, spans
from booking.domain.bookings import Booking
from booking.domain.capacity import Steps
from booking.domain.change_requests import RequestState
from booking.domain.downtime import is_excused
from booking.domain.ledger import Grant, Line, price_of_end, served
from booking.domain.lifecycle import State, move
from booking.domain.policies import Charge
from booking.domain.usage import SETTLED_AFTER, UNKNOWN_FOR
from booking.domain.waitlist import ENDS_OF_OFFERS, EntryState
from booking.domain.windows import Window
from booking.models.rows import AnyRow
from booking.queries import bookings, capacity, grants, jobs, resources, usage

SYSTEM = "system"
"""Who acts where nobody but the clock does."""

STARTED, ENDED = "the window began", "the window ended"
"""Why the clock starts and completes bookings."""

STRIKES = 3
STRIKES_COUNT = STRIKES_LAST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Locked:
    """A booking under all its locks, with the rows of the locked resources and the team's grants."""

    connection: Connection
    booking: Booking
    rows: list[AnyRow]
    grants: tuple[Grant, ...]

    def held_lines(self) -> dict[int, tuple[Line, ...]]:
        """What it still holds on grants, by resource."""
        return grants.held_by(self.connection, self.booking.id)

    def requested_lines(self) -> list[Line]:
        """What its open change request holds on grants."""
        request = self.booking.change_request
        if request is None:
            return []
        by_resource = grants.held_by_request(self.connection, self.booking.id, request.id)
        return [line for lines in by_resource.values() for line in lines]

    def levels(self, around: Window) -> dict[int, Steps]:
        """The held levels of its resources around a window."""
        return {
            resource_id: capacity.held(self.connection, resource_id, around)
            for resource_id in self.booking.resource_ids
        }

    def levels_around(self, blocks: Iterable[Block]) -> dict[int, Steps]:
        """The held levels of each resource around its blocks."""
        around = spans(blocks)
        return {each: capacity.held(self.connection, each, span) for each, span in around.items()}


def locked(session: Session, booking_id: int, *, more_resources: Iterable[int] = ()) -> Locked:
    """Lock a booking in the order that everyone keeps: resources, the team's grants, the booking.

    Its resources are read without a lock first; when an edit changed them meanwhile, the locks still held are let go
    with a rollback to the start, and it begins again. NotFound where there is no such booking.
    """
    connection = session.connection()
    while True:
        start = connection.begin_nested()
        team_id, resource_ids = bookings.touched_by(connection, booking_id)
        rows = resources.lock_resources(connection, {*resource_ids, *more_resources})
        team_grants = grants.lock_grants(connection, [team_id])[team_id]
        booking = bookings.lock_booking(connection, booking_id)
        if booking.touched_ids == resource_ids:
            start.commit()
            return Locked(connection, booking, list(rows), team_grants)
        start.rollback()


def end(
    held: Locked,
    to: State,
    verb: str,
    *,
    now: datetime,
    by: str,
    reason: str = "",
    prices: Mapping[int, int] | None = None,
    told_by: str = "",
) -> None:
    """End a booking: charge what its end costs, release the rest, free its units from the next grid instant on.

    A change request of it ends first, which costs nothing. `prices` are what it costs by resource where that is not
    what such an end costs at this moment; `told_by` names the notice that tells of this end and others together.
    """
    booking = held.booking
    move(booking.state, to, verb)
    let_go(held, RequestState.WITHDRAWN, now=now, by=by, reason="the booking ended")
    if prices is None:
        prices = end_prices(booking, to, now, now)
    unmeasured = _wait_for_measure(held, to, now)
    lines = {resource_id: own for resource_id, own in held.held_lines().items() if resource_id not in unmeasured}
    changes.settle_claims(held.connection, booking, lines, prices, now=now, by=by, reason=reason or to.value)
    if booking.state is State.OFFERED:
        end_turn(held, verb, now=now, by=by, reason=reason)
    elif booking.state is State.PENDING:
        docking.end_proposal(held.connection, booking.id, verb, now=now)
    changes.vacate(held.connection, booking, held.levels(booking.window), now=now)
    lapsed = booking.state is State.OFFERED and to is State.EXPIRED
    changes.record(
        held.connection, booking, to, now=now, by=by, reason=reason, event="offer_lapsed" if lapsed else "",
        told_by=told_by, ended_at=now, hold_until=None,
    )  # fmt: skip


def end_turn(held: Locked, verb: str, *, now: datetime, by: str, reason: str = "") -> None:
    """What the end of an offer means for the wait-list entry or demand that it was made to, where there is one."""
    to = EntryState.EXPIRED if by == SYSTEM and verb == "decline" else ENDS_OF_OFFERS[verb]
    waitlist.end_turn(held.connection, held.booking.id, to, now=now, reason=reason)
    docking.end_proposal(held.connection, held.booking.id, verb, now=now)


def forced_end(booking: Booking) -> tuple[State, str]:
    """Where a booking goes that has lost its basis, and the verb: what stood is revoked, what waited declined."""
    if booking.state in (State.CONFIRMED, State.ACTIVE):
        return State.REVOKED, "revoke"
    return State.DECLINED, "decline"


def _wait_for_measure(held: Locked, to: State, now: datetime) -> frozenset[int]:
    """The claims of what was served that are charged as measured, by a cluster that will say what was used."""
    if to is not State.COMPLETED:
        return frozenset()
    charged = {claim.resource_id for claim in held.booking.claims if claim.terms.charge is Charge.MEASURED}
    waiting = charged & usage.metered(held.connection, held.booking.id) if charged else frozenset()
    if waiting:
        usage_changes.wait_for_measure(held.connection, held.booking.id, waiting, now + SETTLED_AFTER)
    return frozenset(waiting)


def let_go(held: Locked, to: RequestState, *, now: datetime, by: str, reason: str) -> None:
    """End the booking's open change request, where there is one; the booking itself stays as it is."""
    request = held.booking.change_request
    if request is None:
        return
    requests.let_go(
        held.connection,
        request,
        requests.Holding(
            lines=grants.held_by_request(held.connection, held.booking.id, request.id),
            levels=held.levels_around(request.blocks),
            grid_minutes={row.id: row.grid_minutes for row in held.rows},
        ),
        to=to,
        now=now,
        by=by,
        reason=reason,
    )


def end_prices(booking: Booking, to: State, now: datetime, served_until: datetime) -> Mapping[int, int]:
    """What an end costs by resource: nothing for what never began to be, only what was served for a revocation."""
    if to in (State.EXPIRED, State.DECLINED) or booking.state in (State.OFFERED, State.PENDING):
        return {}
    if to is State.REVOKED:
        return {claim.resource_id: served(claim.terms, served_until) for claim in booking.claims}
    ran_to_its_end = to is State.COMPLETED and booking.window.end <= now
    return {
        claim.resource_id: price_of_end(
            claim.terms,
            asked=None if ran_to_its_end else now,
            served_until=served_until,
            measured=claim.measured_unit_seconds,
        )
        for claim in booking.claims
    }


def settle(session: Session, what: str, booking_id: int, *, now: datetime) -> bool:
    """Do what the clock asks of one booking, if it still does: state and due time are checked again under the locks.

    `what` is `start`, `complete`, `expire`, `no_show` or `expire_request`. Whether anything was done.
    """
    held = locked(session, booking_id)
    booking = held.booking
    if not DUE[what](booking, now):
        return False
    if what == "start":
        start(held, now=now, by=SYSTEM, reason=STARTED)
    elif what == "complete":
        end(held, State.COMPLETED, "complete", now=now, by=SYSTEM, reason=ENDED)
    elif what == "no_show" and _may_have_jobs(held, now):
        return False
    elif what == "expire":
        end(held, State.EXPIRED, "expire", now=now, by=SYSTEM, reason="nobody answered in time")
    elif what == "expire_request":
        let_go(held, RequestState.EXPIRED, now=now, by=SYSTEM, reason="nobody answered in time")
        changes.notify(held.connection, booking_id, "change_expired", now=now, by=SYSTEM)
    else:
        end(
            held,
            State.NO_SHOW,
            "release",
            now=now,
            by=SYSTEM,
            reason="nobody checked in",
            prices=end_prices(booking, State.NO_SHOW, now, booking.check_in_until or now),
        )
        _strike(session, booking, now)
    return True


def start(held: Locked, *, now: datetime, by: str, reason: str) -> None:
    """A confirmed booking becomes active."""
    move(held.booking.state, State.ACTIVE, "start")
    changes.record(held.connection, held.booking, State.ACTIVE, now=now, by=by, reason=reason)


def by_the_clock(held: Locked, now: datetime) -> Locked:
    """The booking as the clock has it: active once its window began, though the scheduler has not come by yet."""
    if not _is_due_to_start(held.booking, now):
        return held
    start(held, now=now, by=SYSTEM, reason=STARTED)
    return replace(held, booking=bookings.find_booking(held.connection, held.booking.id))


def _is_due_to_start(booking: Booking, now: datetime) -> bool:
    checked_in = booking.check_in_until is None or booking.checked_in_at is not None
    return booking.state is State.CONFIRMED and booking.window.start <= now and checked_in


def _is_due_to_complete(booking: Booking, now: datetime) -> bool:
    return booking.state is State.ACTIVE and booking.window.end <= now


def _is_due_to_expire(booking: Booking, now: datetime) -> bool:
    waiting = booking.state in (State.OFFERED, State.PENDING)
    return waiting and booking.hold_until is not None and booking.hold_until <= now


def _is_no_show(booking: Booking, now: datetime) -> bool:
    late = booking.check_in_until is not None and booking.check_in_until <= now
    return booking.state is State.CONFIRMED and late and booking.checked_in_at is None


def _has_due_request(booking: Booking, now: datetime) -> bool:
    return booking.change_request is not None and booking.change_request.is_due(now)


DUE: dict[str, Callable[[Booking, datetime], bool]] = {
    "start": _is_due_to_start,
    "complete": _is_due_to_complete,
    "expire": _is_due_to_expire,
    "no_show": _is_no_show,
    "expire_request": _has_due_request,
}


def _may_have_jobs(held: Locked, now: datetime) -> bool:
    """Whether a job of its team may have begun in time, of which the cluster has not told yet."""
    until = held.booking.check_in_until
    if until is None or now >= until + UNKNOWN_FOR:
        return False
    return not usage.is_known(held.connection, held.booking.id, until)


def _strike(session: Session, booking: Booking, now: datetime) -> None:
    """Three no-shows in thirty days take auto-approval away for thirty, those left out that our downtime excuses."""
    missed = bookings.no_shows_since(session.connection(), booking.team_id, now - STRIKES_COUNT)
    downtimes = jobs.downtimes(session, Window(min(time.start for time in missed.values()), now))
    strikes = {booking_id for booking_id, time in missed.items() if not is_excused(time, downtimes)}
    if booking.id in strikes and len(strikes) >= STRIKES:
        teams.suspend_auto_approval(session.connection(), booking.team_id, until=now + STRIKES_LAST)
