"""What is due for many bookings at once leaves the same rows as one by itself, and a broken one stops no other."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from booking.db import db, transaction
from booking.domain.jobs import JobResult
from booking.models.bookings import Booking as BookingRow
from booking.models.bookings import History
from booking.models.grants import Grant, LedgerEntry
from booking.models.outbox import OutboxItem
from booking.services import due_bookings, holdings
from booking.services.booking_edits import change_booking
from booking.services.bookings import request_booking
from tests.support.lives import NOW, at, book, check, found, totals, window
from tests.support.world import World

Worlds = Callable[..., World]
NAMES_ITSELF = frozenset({"id", "booking_id", "stable_id", "subject"})


def rows_of(booking_id: int) -> list[dict[str, Any]]:
    """Everything that is written of a booking, without the ids that are its own."""
    wanted = [
        select(table).where(of == booking_id).order_by(table.id)
        for table, of in (
            (BookingRow, BookingRow.id),
            (History, History.booking_id),
            (LedgerEntry, LedgerEntry.booking_id),
            (OutboxItem, OutboxItem.booking_id),
        )
    ]
    with db.engine.connect() as connection:
        rows = [dict(row._mapping) for each in wanted for row in connection.execute(each)]
    return [{name: value for name, value in row.items() if name not in NAMES_ITSELF} for row in rows]


def alone(what: str, booking_id: int, hours: float) -> None:
    with transaction() as session:
        assert holdings.settle(session, what, booking_id, now=at(hours))


def test_a_batch_leaves_the_same_rows_as_each_booking_by_itself(a_world: Worlds) -> None:
    world = a_world(seats=8, policy={"auto_approve_unit_hours": 100}, cap_hours=400)
    one, *many = [book(world, 1, 3, units=8, seats=1).id for _ in range(3)]
    grown = book(world, 1, 3, units=2).id
    later = book(world, 2, 9, units=2).id

    alone("start", one, 2.5)
    assert due_bookings.start_due(at(2.5)) == JobResult(4)
    assert [rows_of(each) for each in many] == [rows_of(one)] * 2

    # Its end is more than a price: a growth that waits for the owner ends with it.
    change_booking(grown, window=window(1, 60), claims=None, actor=world.lead, now=at(2.5), version=2)
    alone("complete", one, 3.5)
    assert due_bookings.complete_due(at(3.5)) == JobResult(3)
    assert [rows_of(each) for each in many] == [rows_of(one)] * 2
    assert [found(each).state for each in (grown, later)] == ["completed", "active"]
    assert found(grown).change_request is None
    assert totals(world.pool_grant) == (2 * 7, 3 * 16 + 4)
    assert due_bookings.start_due(at(3.5)) == due_bookings.complete_due(at(3.5)) == JobResult()
    check()


def test_a_broken_booking_keeps_none_of_its_batch_nor_of_the_pages_after_it(
    a_world: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_bookings, "PAGE", 2)
    monkeypatch.setattr(due_bookings, "BATCH", 2)
    world = a_world()
    broken = [theirs(world, 1, 2), theirs(world, 1, 2), theirs(world, 1, 2)]
    sound = [book(world, 1, 2).id, book(world, 1, 3).id, book(world, 1, 3).id]
    assert due_bookings.start_due(at(1)) == JobResult(6)

    set_held(world.rival_pool_grant, 0)
    result = due_bookings.complete_due(at(3))
    assert result.items == 3
    assert [error.split(":")[0] for error in result.errors] == [str(each) for each in broken]
    assert {found(each).state for each in sound} == {"completed"}
    assert {found(each).state for each in broken} == {"active"}

    set_held(world.rival_pool_grant, 3 * 3600)
    assert due_bookings.complete_due(at(3)) == JobResult(3)
    check()


def theirs(world: World, start: float, end: float) -> int:
    order = world.order(window(start, end), 1, team=world.rival_team)
    return request_booking(order, actor=world.rival, now=NOW).id


def set_held(grant_id: int, unit_seconds: int) -> None:
    """What a grant holds, beside its ledger."""
    with transaction() as session:
        session.execute(update(Grant).where(Grant.id == grant_id).values(held=unit_seconds))
