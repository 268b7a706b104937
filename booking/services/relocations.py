"""What becomes of displaced bookings, inside the transactions that decide it: revoke, reduce, move, or wait."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from booking.changes import bookings as changes
from booking.changes import displacements
from booking.domain.admission import admit
from booking.domain.bookings import Booking, Change
from booking.domain.capacity import CapacityChange, Steps
from booking.domain.change_requests import RequestState
from booking.domain.displacements import Decided, MoveTo, Outcome, Resolution, Ways
from booking.domain.errors import Invalid
from booking.domain.ledger import Grant
from booking.domain.lifecycle import State
from booking.domain.notices import choices_of
from booking.domain.orders import Claim, Order
from booking.domain.policies import Policy
from booking.domain.refusals import Refused
from booking.domain.relocations import as_it_stands, earliest_move, most_units, moves
from booking.domain.windows import Window
from booking.models.rows import AnyRow
from booking.queries import capacity, grants, resources
from booking.queries import displacements as questions
from booking.queries.situations import Counted, counted
from booking.services import holdings
from booking.services.holdings import Locked
from booking.services.rewrites import rewrite

MOST_MOVES = 3
"""So many windows are offered to move to."""

FARTHEST = timedelta(days=3_653)
"""How far ahead a window is looked for where no policy says how far bookings go."""

Block = tuple[Window, int]


@dataclass(frozen=True, slots=True)
class Room:
    """Where displaced bookings are resolved: what the resource will offer, under all locks.

    `overhang` are the blocks (window, units), by booking, of all that the offer has no room for: they hold their
    units, and take no room from who is reduced. Those that are resolved leave it.
    """

    connection: Connection
    resource_id: int
    rows: Mapping[int, AnyRow]
    offer: Steps
    closures: tuple[CapacityChange, ...]
    overhang: dict[int, Block]
    grants: Mapping[int, tuple[Grant, ...]]
    now: datetime
    by: str
    reason: str

    def locked(self, booking: Booking) -> Locked:
        """The booking as the shared verbs take it."""
        rows = [self.rows[resource_id] for resource_id in sorted(booking.touched_ids)]
        return Locked(self.connection, booking, rows, self.grants.get(booking.team_id, ()))


def block(booking: Booking, resource_id: int) -> Block:
    """What a booking occupies of a resource that it is displaced on."""
    for claim in booking.claims:
        if claim.resource_id == resource_id and claim.occupied is not None:
            return claim.occupied, claim.units
    raise ValueError(f"booking {booking.id} occupies nothing of resource {resource_id}")


def resolve(room: Room, booking: Booking, decided: Decided) -> Outcome | None:
    """Do with a displaced booking what was decided, which costs its team nothing; None: it goes on waiting.

    Where it fits after all, since others made room, it stays as it is.
    """
    _, units = block(booking, room.resource_id)
    ends = decided in (Resolution.REVOKE, Resolution.CANCEL)
    if not ends and _free_for(room, booking) >= units:
        outcome: Outcome | None = Outcome.RESTORED
    elif isinstance(decided, MoveTo):
        outcome = _move(room, booking, decided.starts_at)
    else:
        outcome = VERBS[decided](room, booking)
    if outcome is not None:
        del room.overhang[booking.id]
    return outcome


def ways(room: Room, booking: Booking) -> Ways:
    """What could be done with a displaced booking at this moment; nothing but its end where it has begun."""
    if booking.window.start <= room.now:
        return Ways()
    _, had = block(booking, room.resource_id)
    units = most_units(_free_for(room, booking), Policy.read(room.rows[room.resource_id].policy).unit_step)
    order, latest = booking.order(), _horizon(room, booking)
    windows: list[Window] = []
    if latest > order.window.start:
        book = _counted(room, booking, Window(order.window.start, latest))
        windows = moves(order, book.situation(order, room.now), latest=latest, most=MOST_MOVES)
    return Ways(tuple(windows), units if 0 < units < had else None)


def close(connection: Connection, booking: Booking, resource_id: int, outcome: Outcome, *, now: datetime) -> None:
    """Close a booking's open displacement, and those on other resources too where it has left them."""
    leaves = outcome in (Outcome.MOVE, Outcome.REVOKE)
    ids = [
        found
        for found, displaced_on in questions.open_of_booking(connection, booking.id)
        if leaves or displaced_on == resource_id
    ]
    displacements.resolve(connection, ids, outcome, now=now)


def drop_addition(room: Room, booking: Booking) -> None:
    """End the change request of a booking that has no room for it any more; its team is told."""
    held = room.locked(booking)
    holdings.let_go(held, RequestState.DECLINED, now=room.now, by=room.by, reason=room.reason)
    changes.notify(room.connection, booking.id, "change_declined", now=room.now, by=room.by, reason=room.reason)


def _revoke(room: Room, booking: Booking) -> Outcome:
    """Full refund of what was not served; what was not confirmed yet is declined."""
    to = State.REVOKED if booking.state in (State.CONFIRMED, State.ACTIVE) else State.DECLINED
    holdings.end(room.locked(booking), to, "revoke", now=room.now, by=room.by, reason=room.reason)
    return Outcome.REVOKE


def _cancel(room: Room, booking: Booking) -> Outcome:
    """Its team gives it up, at no price."""
    if booking.window.start <= room.now:
        raise Invalid("resolution", "This booking has begun. Finish it, and you pay for what was served.")
    holdings.end(
        room.locked(booking), State.CANCELLED, "cancel", now=room.now, by=room.by, reason=room.reason, prices={}
    )
    return Outcome.REVOKE


def _reduce(room: Room, booking: Booking) -> Outcome:
    """To the largest number of units that fits throughout."""
    _must_not_have_begun(room, booking)
    free = _free_for(room, booking)
    unit_step = Policy.read(room.rows[room.resource_id].policy).unit_step
    units = most_units(free, unit_step)
    if units == 0:
        said = {"booking": str(booking.id), "free": max(0, free), "unit_step": unit_step}
        raise Invalid(
            _field(booking),
            "Booking %(booking)s cannot be reduced: %(free)s units are left for it throughout,"
            " and they are booked in steps of %(unit_step)s. Move it, revoke it, or decide later.",
            said,
        )
    order = _with_units(booking.order(), room.resource_id, units)
    _rewrite(room, booking, order, _counted(room, booking, order.window))
    return Outcome.REDUCE


def _move(room: Room, booking: Booking, starts_at: datetime | None = None) -> Outcome:
    """To the earliest window of the same shape, from its own start on, that the evaluator admits; or to the one that
    begins at `starts_at`."""
    _must_not_have_begun(room, booking)
    order, latest = booking.order(), _horizon(room, booking)
    moved = None
    if latest > order.window.start:
        book = _counted(room, booking, Window(order.window.start, latest))
        since = max(starts_at or order.window.start, order.window.start)
        situation = book.situation(order, room.now, by=booking.created_by)
        moved = earliest_move(order, situation, latest=latest, since=since)
    if starts_at is not None and (moved is None or moved.window.start != starts_at):
        raise Invalid(
            _field(booking),
            "Booking %(booking)s cannot be moved to %(starts_at)s. Take another window that is offered for it.",
            {"booking": str(booking.id), "starts_at": starts_at},
        )
    if moved is None:
        raise Invalid(
            _field(booking),
            "Booking %(booking)s cannot be moved: no window of %(minutes)s minutes is free for it and allowed to its"
            " team until %(latest)s. Reduce it, revoke it, or decide later.",
            {"booking": str(booking.id), "minutes": order.window.seconds // 60, "latest": latest},
        )
    _rewrite(room, booking, moved, book)
    return Outcome.MOVE


def _wait(room: Room, booking: Booking) -> None:
    """It stands as displaced, and its team and the owners are told."""
    choices = choices_of(ways(room, booking))
    changes.notify(
        room.connection, booking.id, "displaced", now=room.now, by=room.by, reason=room.reason, choices=choices
    )


VERBS: dict[Resolution, Callable[[Room, Booking], Outcome | None]] = {
    Resolution.REVOKE: _revoke,
    Resolution.REDUCE: _reduce,
    Resolution.MOVE: _move,
    Resolution.LATER: _wait,
    Resolution.CANCEL: _cancel,
}


def _free_for(room: Room, booking: Booking) -> int:
    """The units that a displaced booking can count on from now on, beside all that fit."""
    window, _ = room.overhang[booking.id]
    rest = Window(max(window.start, room.now), window.end)
    held = capacity.held(room.connection, room.resource_id, rest)
    overhang = Steps.total((span.start, span.end, units) for span, units in room.overhang.values())
    return room.offer.minus(held).plus(overhang).lowest(rest)


def _counted(room: Room, booking: Booking, around: Window) -> Counted:
    """What an order of the booking's team is judged on inside a window, its own share left out."""
    held, wide = room.locked(booking), replace(booking.order(), window=around)
    actors = [booking.created_by]
    book = counted(room.connection, held.rows, [(wide, room.now)], lock=False, without=[booking.id], actors=actors)
    book.resources.update(resources.without_own(book.resources, booking.own_blocks))
    changed = book.resources[room.resource_id]
    book.resources[room.resource_id] = replace(changed, offer=room.offer, closures=room.closures)
    lines = [*held.requested_lines(), *(line for some in held.held_lines().values() for line in some)]
    book.grants[booking.team_id] = grants.without_held(book.grants.get(booking.team_id, ()), lines)
    return book


def _rewrite(room: Room, booking: Booking, order: Order, book: Counted) -> None:
    held = room.locked(booking)
    situation = book.situation(order, room.now, by=booking.created_by)
    decision = admit(order, situation, standing=booking.order(), approved=True)
    if decision.refusals:
        raise Refused(decision.refusals)
    change = Change(order, as_it_stands(booking, order, decision), held.held_lines(), {})
    rewrite(held, change, now=room.now, by=room.by, reason=room.reason)


def _horizon(room: Room, booking: Booking) -> datetime:
    """Until when a window is looked for: as far ahead as all its resources are booked."""
    days = [Policy.read(row.policy).horizon_days for row in room.locked(booking).rows]
    return min(room.now + (FARTHEST if each is None else timedelta(days=each)) for each in days)


def _with_units(order: Order, resource_id: int, units: int) -> Order:
    return replace(
        order,
        claims=tuple(Claim(claim.resource_id, units) if claim.resource_id == resource_id else claim
                     for claim in order.claims),
    )  # fmt: skip


def _must_not_have_begun(room: Room, booking: Booking) -> None:
    if booking.window.start <= room.now:
        raise Invalid(
            _field(booking),
            "Booking %(booking)s has begun, so that it is neither moved nor reduced. Revoke it, or decide later.",
            {"booking": str(booking.id)},
        )


def _field(booking: Booking) -> str:
    return f"resolution.{booking.id}"
