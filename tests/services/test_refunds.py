"""Owners credit partial service."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.bookings import Booking
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.windows import Window
from booking.models.grants import LedgerEntry
from booking.models.outbox import OutboxItem
from booking.queries.balances import balance_of
from booking.services import booking_moves, due_bookings, grants
from booking.services.bookings import request_booking
from booking.services.refunds import Refund, refund_booking
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = 3600


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    world = build_world(app, cap_hours=1_000)
    with app.app_context():
        yield world


def served(world: World, hours: int = 4, units: int = 2, seats: int = 1) -> Booking:
    """A booking of the pool and the dataset that ran to its end."""
    window = Window(NOW, NOW + hours * HOUR)
    booking = request_booking(world.order(window, units, seats=seats), actor=world.lead, now=NOW)
    due_bookings.start_due(window.start)
    due_bookings.complete_due(window.end)
    return booking


def give_back(world: World, booking: Booking, hours: int, who: str = "operator", **more: str) -> Refund:
    said = {"reason": "half the nodes were down", **more}
    return refund_booking(booking.id, hours * HOURS, actor=world.people[who], now=NOW + 5 * HOUR, **said)


def charged(world: World) -> tuple[int, int, int]:
    """Of the pool's grant, the dataset's grant, and what counts of the pool's in this week."""
    db.session.rollback()
    pool, dataset = (balance_of(db.session(), one).grant for one in (world.pool_grant, world.dataset_grant))
    return pool.charged, dataset.charged, sum(pool.used.values())


def test_an_owner_gives_back_some_of_what_was_charged_for_its_own_resource(world: World) -> None:
    booking = served(world)
    assert charged(world) == (8 * HOURS, 4 * HOURS, 8 * HOURS)

    assert give_back(world, booking, 3) == Refund(booking.id, World.POOL, 3 * HOURS, 5 * HOURS)
    assert charged(world) == (5 * HOURS, 4 * HOURS, 5 * HOURS)
    entry = db.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "refund")).one()
    assert (entry.by, entry.reason) == ("operator@example.org", "half the nodes were down")
    told = db.session.scalars(select(OutboxItem).where(OutboxItem.event == "refunded")).one()
    assert (told.booking_id, told.payload["reason"]) == (booking.id, "half the nodes were down")


def test_the_steward_gives_back_what_the_dataset_cost(world: World) -> None:
    assert give_back(world, served(world), 4, who="steward").resource == World.DATASET
    assert charged(world) == (8 * HOURS, 0, 8 * HOURS)


def test_never_more_than_was_charged_is_given_back(world: World) -> None:
    booking = served(world)
    give_back(world, booking, 5)
    with pytest.raises(Conflict, match="3 hours of this are charged"):
        give_back(world, booking, 4)
    give_back(world, booking, 3)
    with pytest.raises(Conflict):
        give_back(world, booking, 1)
    assert charged(world) == (0, 4 * HOURS, 0)


def test_what_is_only_held_is_not_given_back(world: World) -> None:
    window = Window(NOW + HOUR, NOW + 2 * HOUR)
    booking = request_booking(world.order(window), actor=world.lead, now=NOW)
    with pytest.raises(Conflict):
        give_back(world, booking, 1)


def test_what_was_served_of_a_revoked_booking_can_be_given_back(world: World) -> None:
    window = Window(NOW, NOW + 4 * HOUR)
    booking = request_booking(world.order(window, 2), actor=world.lead, now=NOW)
    booking_moves.revoke_booking(booking.id, actor=world.operator, now=NOW + HOUR)
    give_back(world, booking, 2)
    assert charged(world) == (0, 0, 0)


def test_what_comes_back_to_a_grant_that_has_ended_is_gone(app: Flask) -> None:
    world = build_world(app, until=NOW + 4 * HOUR)
    with app.app_context():
        booking = served(world)
        grants.expire_grants(NOW + 4 * HOUR)
        give_back(world, booking, 3)
        assert grants.expire_grants(NOW + 6 * HOUR).items == 1
        assert balance_of(db.session(), world.pool_grant).grant.left == 0


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("lead", Forbidden), ("member", Forbidden),
        ("rival", NotFound), ("stranger", NotFound), ("other_operator", NotFound), ("funder", NotFound),
    ],
)  # fmt: skip
def test_nobody_else_gives_it_back(world: World, who: str, error: type[Exception]) -> None:
    booking = served(world)
    with pytest.raises(error):
        give_back(world, booking, 1, who=who)
    assert charged(world) == (8 * HOURS, 4 * HOURS, 8 * HOURS)


def test_who_looks_after_several_of_its_resources_says_which_is_meant(world: World) -> None:
    booking = served(world)
    with pytest.raises(Invalid) as raised:
        give_back(world, booking, 1, who="admin")
    assert raised.value.field == "resource"
    assert give_back(world, booking, 1, who="admin", resource=World.DATASET).resource == World.DATASET
    with pytest.raises(Invalid):
        give_back(world, booking, 1, resource=World.OTHER_POOL)


@pytest.mark.parametrize("reason", ["", "  \n", "a\0b"])
def test_a_refund_has_a_reason(world: World, reason: str) -> None:
    booking = served(world)
    with pytest.raises(Invalid) as raised:
        give_back(world, booking, 1, reason=reason)
    assert raised.value.field == "reason"


def test_a_booking_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        refund_booking(999, 1, actor=world.admin, now=NOW, reason="x")
