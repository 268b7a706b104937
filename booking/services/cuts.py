"""What services that change an offer share inside their transactions: who is displaced, and what becomes of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from booking.changes import capacity as capacity_writes
from booking.changes import displacements as changes
from booking.domain.bookings import Booking
from booking.domain.capacity import Standing, displaced
from booking.domain.capacity_changes import Offering, with_seats
from booking.domain.displacements import (
    Displaced,
    Displaces,
    Outcome,
    Resolution,
    Resolutions,
    lowered,
    verb_of,
)
from booking.domain.ledger import Grant
from booking.domain.listings import Listing
from booking.domain.permissions import Actor
from booking.models.rows import AnyRow
from booking.queries import capacity, displacements, grants, resources
from booking.queries.capacity_changes import changes_of
from booking.services import relocations
from booking.services.relocations import Room

Recast = Callable[[AnyRow, Offering], Offering]
"""What a locked resource is to offer, from its row and what it offers."""

IN_THIS_ORDER = (Resolution.REVOKE, Resolution.REDUCE, Resolution.MOVE, Resolution.LATER)
"""What frees most is done first, so that the others find room."""

MOST_WAYS = 50
"""For so many displaced bookings it is worked out beforehand what could be done with each, under the locks."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A change of what one resource offers, under every lock that it and the bookings it displaces need.

    `standing` are the bookings that were displaced before and wait for a decision, `without_addition` those whose
    change request has no room any more.
    """

    connection: Connection
    resource_id: int
    rows: Mapping[int, AnyRow]
    before: Offering
    after: Offering
    displaced: tuple[Booking, ...]
    without_addition: tuple[Booking, ...]
    standing: tuple[Displaced, ...]
    grants: Mapping[int, tuple[Grant, ...]]


def prepare(session: Session, resource_id: int, recast: Recast, *, now: datetime) -> Cut:
    """Lock what a change of an offer needs, in the order that everyone keeps, and find whom it displaces.

    Whom it displaces is known under the resource's lock only, and what they claim besides is to be locked together
    with it: where that is more than was locked, it is let go with a rollback to the start, and locked anew.
    """
    connection = session.connection()
    wanted = {resource_id}
    while True:
        start = connection.begin_nested()
        rows = {row.id: row for row in resources.lock_resources(connection, wanted)}
        before = Offering(rows[resource_id].seats or 0, tuple(changes_of(session, resource_id)))
        after = recast(rows[resource_id], before)
        standing = tuple(displacements.open_displacements(connection, [resource_id]))
        gone = _displaced(session, resource_id, before, after, now)
        already = {one.booking_id for one in standing}
        ids = {one.booking_id for one in gone if not one.addition} - already
        asking = {one.booking_id for one in gone if one.addition}
        team_ids, resource_ids = displacements.touched_by_all(connection, ids | asking)
        if resource_ids <= wanted:
            start.commit()
            break
        start.rollback()
        wanted |= resource_ids

    team_grants = grants.lock_grants(connection, team_ids)
    bookings = displacements.lock_bookings(connection, ids | asking)
    oldest_first = sorted(bookings, key=lambda booking: (booking.created_at, booking.id))
    return Cut(
        connection=connection,
        resource_id=resource_id,
        rows=rows,
        before=before,
        after=after,
        displaced=tuple(booking for booking in oldest_first if booking.id in ids),
        without_addition=tuple(booking for booking in oldest_first if booking.id in asking),
        standing=standing,
        grants=team_grants,
    )


def settle(cut: Cut, resolutions: Resolutions, *, now: datetime, by: str, reason: str) -> dict[int, Outcome | None]:
    """Do with each displaced booking what was said; None stands for later.

    Raises Displaces where of one nobody has said anything, and Invalid where a move or a reduction is not possible.
    """
    asking = {booking.id for booking in cut.without_addition}
    room = Room(
        connection=cut.connection,
        resource_id=cut.resource_id,
        rows=cut.rows,
        offer=cut.after.steps,
        closures=cut.after.closures,
        overhang={one.booking_id: (one.occupied, one.units) for one in cut.standing}
        | {booking.id: relocations.block(booking, cut.resource_id) for booking in cut.displaced},
        grants=cut.grants,
        now=now,
        by=by,
        reason=reason,
    )
    for booking in cut.without_addition:
        relocations.drop_addition(room, booking)
    displaced = [replace(one, change_request=None) if one.id in asking else one for one in cut.displaced]
    if any(resolutions.of(booking.id) is None for booking in displaced):
        raise Displaces(cut.displaced, {one.id: relocations.ways(room, one) for one in displaced[:MOST_WAYS]})
    outcomes: dict[int, Outcome | None] = {}
    for resolution in IN_THIS_ORDER:
        for booking in displaced:
            decided = resolutions.of(booking.id)
            if decided is not None and verb_of(decided) is resolution:
                outcomes[booking.id] = relocations.resolve(room, booking, decided)
    return outcomes


def note(cut: Cut, change_id: int | None, outcomes: Mapping[int, Outcome | None], *, now: datetime) -> None:
    """Write down who was displaced and what became of them."""
    changes.displace(cut.connection, cut.resource_id, change_id, outcomes.items(), now=now)
    for booking in cut.displaced:
        outcome = outcomes[booking.id]
        if outcome is not None:
            relocations.close(cut.connection, booking, cut.resource_id, outcome, now=now)


def set_seats(
    session: Session, known: Listing, seats: int | None, resolutions: Resolutions, *, actor: Actor, now: datetime
) -> None:
    """Lock a dataset and settle whom another number of seats displaces; the number itself is the caller's to write."""

    def recast(row: AnyRow, before: Offering) -> Offering:
        return with_seats(before, seats or 0, since=known.created_at, grid_minutes=row.grid_minutes, now=now)

    cut = prepare(session, known.id, recast, now=now)
    outcomes = settle(cut, resolutions, now=now, by=actor.email, reason="fewer seats")
    change_id = None
    for change in cut.after.added:
        change_id = capacity_writes.add(cut.connection, known.id, change, by=actor.user_id, now=now)
    note(cut, change_id, outcomes, now=now)


def _displaced(
    session: Session,
    resource_id: int,
    before: Offering,
    after: Offering,
    now: datetime,
) -> list[Standing]:
    """What fits no longer: additions, then the latest admitted first, nobody who fits once others are gone."""
    less = lowered(before.steps, after.steps, now)
    if less is None:
        return []
    return displaced(after.steps, capacity.standing(session, resource_id, less), less.start)
