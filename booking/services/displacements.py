"""Use cases of displaced bookings that wait: their owner decides, or the clock does."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from booking.changes import bookings as booking_changes
from booking.db import db, transaction
from booking.domain.bookings import Booking
from booking.domain.displacements import (
    OWNERS_CHOICE,
    TEAMS_CHOICE,
    Decided,
    Outcome,
    Resolution,
    Ways,
    restored,
    verb_of,
)
from booking.domain.errors import Forbidden, Invalid, NotFound
from booking.domain.jobs import JobResult, each
from booking.domain.lifecycle import State
from booking.domain.permissions import Actor, may_decide, may_edit, may_see_booking
from booking.domain.windows import Window
from booking.models.rows import AnyRow
from booking.queries import capacity, displacements, grants, resources
from booking.queries.bookings import find_booking
from booking.services import holdings, relocations
from booking.services.holdings import SYSTEM, Locked
from booking.services.relocations import Room

NOT_RESOLVED = "displaced, and still without room at its start"


def resolve_displacement(
    displacement_id: int, decided: Decided, *, actor: Actor, now: datetime, reason: str = ""
) -> Booking:
    """Move or reduce a booking that has lost its place, or end it: its owner revokes it, its team cancels it.

    Whoever is faster decides, and the team pays nothing for it. Raises Invalid where there is no room to move or to
    reduce to, NotFound where nothing waits any more.
    """
    if decided is Resolution.LATER:
        raise Invalid("resolution", "It waits already. Move it, reduce it or revoke it.")
    with transaction() as session:
        connection = session.connection()
        found = displacements.find_displacement(connection, displacement_id)
        held = holdings.locked(session, found.booking_id)
        _must_decide(actor, held.booking, found.resource_id, decided)
        displacements.find_displacement(connection, displacement_id)  # the clock may have been faster

        outcome: Outcome | None = Outcome.ENDED
        if displacement_id not in displacements.lapsed(connection, [found.resource_id]):
            room = _room(held, found.resource_id, now=now, by=actor.email, reason=reason or "displaced")
            outcome = relocations.resolve(room, held.booking, decided)
        if outcome is not None:
            relocations.close(connection, held.booking, found.resource_id, outcome, now=now)
        return find_booking(connection, found.booking_id)


def ways_of(displacement_id: int, *, actor: Actor, now: datetime) -> Ways:
    """What could be done with a displaced booking at this moment; read without locks, so it may be gone by the time."""
    with db.engine.connect() as connection:
        found = displacements.find_displacement(connection, displacement_id)
        booking = find_booking(connection, found.booking_id)
        if not may_see_booking(actor, booking.team_id, booking.owners):
            raise NotFound("displacement")
        if displacement_id in displacements.lapsed(connection, [found.resource_id]):
            return Ways()
        rows = list(resources.read_resources(connection, booking.touched_ids))
        team_grants = grants.read_grants(connection, [booking.team_id])[booking.team_id]
        held = Locked(connection, booking, rows, team_grants)
        return relocations.ways(_room(held, found.resource_id, now=now, by=actor.email, reason=""), booking)


def resolve_due(now: datetime) -> JobResult:
    """Displaced bookings that fit again get their place back, those that reach their start without room are revoked
    with a full refund, and what has ended is displaced no longer."""
    with db.engine.connect() as connection:
        due = list(_due(connection, now))
    return each(due, lambda displacement_id: _resolve(displacement_id, now))


def _due(connection: Connection, now: datetime) -> Iterator[int]:
    """The displacements for which something is to be done, read without locks; the first admitted first."""
    yield from displacements.lapsed(connection)
    concerned = {one.resource_id for one in displacements.open_displacements(connection)}
    for row in resources.read_resources(connection, concerned):
        yield from _outcomes(connection, row, now)


def _resolve(displacement_id: int, now: datetime) -> bool:
    with transaction() as session:
        connection = session.connection()
        try:
            found = displacements.find_displacement(connection, displacement_id)
            held = holdings.locked(session, found.booking_id)
            displacements.find_displacement(connection, displacement_id)
        except NotFound:
            return False  # somebody decided meanwhile
        outcome = _outcome(held, displacement_id, found.resource_id, now)
        if outcome is None:
            return False

        if outcome is Outcome.REVOKE:
            _revoke(held, found.created_at, now)
        elif outcome is Outcome.RESTORED:
            booking_changes.notify(connection, held.booking.id, "restored", now=now, by=SYSTEM)
        relocations.close(connection, held.booking, found.resource_id, outcome, now=now)
        return True


def _outcome(held: Locked, displacement_id: int, resource_id: int, now: datetime) -> Outcome | None:
    row = next((row for row in held.rows if row.id == resource_id), None)
    if row is None or displacement_id in displacements.lapsed(held.connection, [resource_id]):
        return Outcome.ENDED
    return _outcomes(held.connection, row, now).get(displacement_id)


def _outcomes(connection: Connection, row: AnyRow, now: datetime) -> dict[int, Outcome]:
    """What the clock and the present offer say of the displacements on one resource, where they say anything."""
    standing = displacements.open_displacements(connection, [row.id])
    found = {one.id: Outcome.ENDED for one in standing if one.occupied.end <= now}
    left = [one for one in standing if one.id not in found]
    if not left:
        return found
    offer = capacity.offers(connection, [row])[row.id].steps
    held = capacity.held(connection, row.id, Window(now, max(one.occupied.end for one in left)))
    found |= {one.id: Outcome.RESTORED for one in restored(offer, held, left, now)}
    short = offer.level_at(now) < held.level_at(now)
    for one in left:
        # Who was running when displaced goes on until the room is really gone.
        if one.id not in found and one.occupied.start <= now and (short or one.created_at <= one.occupied.start):
            found[one.id] = Outcome.REVOKE
    return found


def _revoke(held: Locked, displaced_at: datetime, now: datetime) -> None:
    """What was served to a booking that ran before it was displaced is charged, and nothing of any other."""
    booking = held.booking
    to = State.REVOKED if booking.state in (State.CONFIRMED, State.ACTIVE) else State.DECLINED
    served_until = now if displaced_at > booking.window.start else booking.window.start
    prices = holdings.end_prices(booking, to, now, served_until)
    holdings.end(held, to, "revoke", now=now, by=SYSTEM, reason=NOT_RESOLVED, prices=prices)


def _room(held: Locked, resource_id: int, *, now: datetime, by: str, reason: str) -> Room:
    rows = {row.id: row for row in held.rows}
    offer = capacity.offers(held.connection, [rows[resource_id]])[resource_id]
    standing = displacements.open_displacements(held.connection, [resource_id])
    return Room(
        connection=held.connection,
        resource_id=resource_id,
        rows=rows,
        offer=offer.steps,
        closures=offer.closures,
        overhang={one.booking_id: (one.occupied, one.units) for one in standing},
        grants={held.booking.team_id: held.grants},
        now=now,
        by=by,
        reason=reason,
    )


def _must_decide(actor: Actor, booking: Booking, resource_id: int, decided: Decided) -> None:
    """Owners do anything but cancel, who may change the booking anything but revoke."""
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("displacement")
    claims = [claim for claim in booking.claims if claim.resource_id == resource_id]
    owns = any(may_decide(actor, claim.organisation_id, claim.kind) for claim in claims)
    if owns and verb_of(decided) in OWNERS_CHOICE:
        return
    if may_edit(actor, booking.team_id, booking.created_by) and verb_of(decided) in TEAMS_CHOICE:
        return
    raise Forbidden("Only who looks after the resource decides so about bookings that lost their place on it.")
