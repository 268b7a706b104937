"""What services that take or free units share: looking through the wait list, each offer in its own transaction.

A resource that owes the list a look is served before anybody else takes units of it, by whoever comes first: a job, or
the next who asks for them.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

from booking.changes import bookings as booking_changes
from booking.changes import waitlist as changes
from booking.changes.bookings import Admitted
from booking.db import db, transaction
from booking.domain.errors import Conflict
from booking.domain.lifecycle import State
from booking.domain.orders import Order
from booking.domain.proposals import Proposal, decided, propose, reach_of
from booking.domain.waitlist import EntryState
from booking.models.rows import AnyRow
from booking.queries import resources, waitlist
from booking.queries.situations import counted
from booking.queries.waitlist import Queued
from booking.services.holdings import SYSTEM

MOST_TRIES = 20
"""How often somebody lets those who wait go first before he hears that too many ask at once."""

MOST_LOOKS = 1_000
"""How many offers one visit makes; what is left keeps its mark."""

AT_ONCE = 20
"""How many of a queue are read together: mostly one of the first can have what was freed."""

T = TypeVar("T")


class Owes(Exception):
    """Some of these resources owe the wait list a look, which comes first; nothing was done."""

    def __init__(self, resource_ids: Iterable[int]) -> None:
        self.resource_ids = frozenset(resource_ids)
        super().__init__(self.resource_ids)


class Look(Enum):
    """What came of one look at a queue."""

    OFFERED = "offered"
    OVERTAKEN = "overtaken"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose turn it is, and what he can have."""

    queued: Queued
    proposal: Proposal


def check_owes_nothing(rows: Iterable[AnyRow]) -> None:
    """Owes where one of these locked rows is marked."""
    owing = {row.id for row in rows if row.owes_look}
    if owing:
        raise Owes(owing)


def after_those_who_wait(do: Callable[[], T], *, now: datetime) -> T:
    """Do what takes units; where that raises Owes, serve the list and do it once more.

    Conflict where there is no end of it, which takes somebody who frees units again and again at the same moments.
    """
    for _ in range(MOST_TRIES):
        try:
            return do()
        except Owes as owes:
            serve(owes.resource_ids, now=now)
    raise Conflict("Too many ask for this at the same moment. Try once more.")


def serve(resource_ids: Collection[int], *, now: datetime) -> int:
    """Offer what is free of some resources to those who wait, in their order, until nobody can have any more of it.

    How many offers were made.
    """
    with db.engine.connect() as connection:
        stirred = waitlist.owing_entries(connection, resource_ids)
    for entry_id in stirred:
        spread(entry_id)
    return sum(_serve(resource_id, now) for resource_id in sorted(resource_ids))


def spread(entry_id: int) -> bool:
    """Have the resources that an entry waits for owe it a look; whether it still waits."""
    with transaction() as session:
        connection = session.connection()
        wish = waitlist.find_entry(connection, entry_id).wish
        ids = [row.id for row in waitlist.candidates(connection, wish)]
        resources.lock_resources(connection, ids)
        if waitlist.lock_entry(connection, entry_id).state is not EntryState.WAITING:
            return False
        changes.owe_look(connection, ids)
        changes.calm(connection, entry_id)
        return True


def _serve(resource_id: int, now: datetime) -> int:
    offers = 0
    for _ in range(MOST_LOOKS):
        look = _look(resource_id, now)
        if look is Look.NOTHING:
            break
        offers += look is Look.OFFERED
    return offers


def _look(resource_id: int, now: datetime) -> Look:
    """Make one offer, or take the mark away where nobody can have anything."""
    with transaction() as session:
        connection = session.connection()
        rows, chosen = _whose_turn(connection, resource_id, now)
        if chosen is None:
            if rows[resource_id].owes_look:
                changes.forget_look(connection, resource_id)
            return Look.NOTHING
        return Look.OFFERED if _offer(connection, chosen, rows, now) else Look.OVERTAKEN


def _whose_turn(connection: Connection, resource_id: int, now: datetime) -> tuple[dict[int, AnyRow], Chosen | None]:
    """Who is first in the queue of a resource that owes a look, under the locks of everything that he would claim.

    Who is first is known under the resource's lock only, and what he claims besides is to be locked together with it:
    where that is more than was locked, it is let go with a rollback to the start, and locked anew.
    """
    wanted = {resource_id}
    while True:
        start = connection.begin_nested()
        rows = {row.id: row for row in resources.lock_resources(connection, wanted)}
        own = rows[resource_id]
        chosen = _first(connection, own, now) if own.owes_look else None
        if chosen is None or chosen.proposal.resource_ids <= wanted:
            start.commit()
            return rows, chosen
        start.rollback()
        wanted |= chosen.proposal.resource_ids


def _first(connection: Connection, row: AnyRow, now: datetime) -> Chosen | None:
    """The first in the queue of a locked resource who can have anything, and what."""
    queue = iter(waitlist.queue_of(connection, row.id, now))
    while some := list(islice(queue, AT_ONCE)):
        chosen = _first_of(connection, row, some, now)
        if chosen is not None:
            return chosen
    return None


def _first_of(connection: Connection, row: AnyRow, some: Sequence[Queued], now: datetime) -> Chosen | None:
    orders = {one.entry.id: _reaches(connection, row, one, now) for one in some}
    claimed = {claim.resource_id for own in orders.values() for order in own for claim in order.claims}
    if not claimed:
        return None
    rows = resources.read_resources(connection, claimed)
    timed = [(order, now) for own in orders.values() for order in own]
    book = counted(connection, rows, timed, lock=False, actors=[one.entry.created_by for one in some])
    for one in some:
        wish, by = one.entry.wish, one.entry.created_by
        found = [
            propose(wish, order.claims[0].resource_id, book.situation(order, now, by=by))
            for order in orders[one.entry.id]
        ]
        possible = [proposal for proposal in found if proposal is not None]
        if possible:
            return Chosen(one, min(possible, key=_preference))
    return None


def _reaches(connection: Connection, row: AnyRow, queued: Queued, now: datetime) -> list[Order]:
    """For each resource that could serve a wish here, an order over all the time in which its window can lie.

    Where the row is a dataset wanted beside a pool, every pool of the wish could.
    """
    wish = queued.entry.wish
    reach = reach_of(wish, now)
    if reach is None:
        return []
    beside = wish.dataset_id == row.id
    ids = [each.id for each in waitlist.candidates(connection, wish)] if beside else [row.id]
    return [Order(wish.team_id, reach, wish.claims_on(each), wish.purpose) for each in ids if each != wish.dataset_id]


def _preference(proposal: Proposal) -> tuple[datetime, int, int]:
    """The earliest, then the cheapest."""
    order = proposal.order
    return order.window.start, proposal.decision.cost, order.claims[0].resource_id


def _offer(connection: Connection, chosen: Chosen, rows: dict[int, AnyRow], now: datetime) -> bool:
    """Write the offer once it is decided under the locks of its team's grants too; False where that refuses it."""
    order, wish = chosen.proposal.order, chosen.queued.entry.wish
    locked = [rows[resource_id] for resource_id in sorted(chosen.proposal.resource_ids)]
    by = chosen.queued.entry.created_by
    book = counted(connection, locked, [(order, now)], lock=True, actors=[by])
    proposal = decided(order, wish, book.situation(order, now, by=by))
    entry = waitlist.lock_entry(connection, chosen.queued.entry.id)
    if proposal is None or entry.state is not EntryState.WAITING:
        return False

    event = "taken" if proposal.decision.state is State.CONFIRMED else ""
    admitted = Admitted(order, proposal.decision, SYSTEM, entry.created_by, now, "from the wait list", event)
    (booking_id,) = booking_changes.new_ids(connection, 1)
    booking_changes.book(connection, [(booking_id, admitted)], book.held)
    changes.offer(connection, entry.id, booking_id, taken=wish.take_automatically, now=now)
    return True
