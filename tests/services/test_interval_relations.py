"""All thirteen relations of two intervals, in a pool of one GPU: the second fits exactly where they do not overlap."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from booking.db import transaction
from booking.domain.bookings import Booking
from booking.domain.refusals import Code, Refused
from booking.domain.windows import Window
from booking.models.capacity import CapacityChange
from booking.models.resources import Resource
from booking.services.booking_edits import change_booking
from booking.services.bookings import request_booking
from tests.domain.test_windows import RELATIONS
from tests.support.lives import NOW, at, book, found, levels, window
from tests.support.world import World

Worlds = Callable[..., World]
STEP = timedelta(minutes=15)
EACH_ON_ITS_DAY = [
    (name, 24 * (number + 1), own, shared is None) for number, (name, (own, shared)) in enumerate(RELATIONS.items())
]
"""The name of each relation, the hour at which its day begins, the window that is asked for, whether it fits."""


def standing(world: World, day: int) -> Booking:
    """The rival's booking from ten to fourteen o'clock of a day."""
    order = world.order(window(day + 10, day + 14), 1, team=world.rival_team)
    return request_booking(order, actor=world.rival, now=NOW)


def change(world: World, booking: Booking, wanted: Window) -> None:
    change_booking(booking.id, window=wanted, claims=None, actor=world.lead, now=NOW, version=booking.version)


def check(ask: Callable[[], object], fits: bool) -> None:
    """What is asked for is done where it fits, and refused for want of capacity where it does not."""
    if fits:
        ask()
        return
    with pytest.raises(Refused) as caught:
        ask()
    assert [refusal.code for refusal in caught.value.refusals] == [Code.CAPACITY_EXCEEDED]


def peak(world: World, day: int) -> int:
    """The most that is held at once on a day."""
    return levels(world.pool, window(day, day + 23)).highest(window(day, day + 23))


def test_a_new_booking(a_world: Worlds, subtests: pytest.Subtests) -> None:
    world = a_world(units=1)
    for name, day, (start, end), fits in EACH_ON_ITS_DAY:
        standing(world, day)
        with subtests.test(name):
            check(lambda start=start, end=end, day=day: book(world, day + start, day + end, 1), fits)
            assert peak(world, day) == 1


def test_a_booking_that_is_moved(a_world: Worlds, subtests: pytest.Subtests) -> None:
    world = a_world(units=1)
    for name, day, (start, end), fits in EACH_ON_ITS_DAY:
        standing(world, day)
        own = book(world, day + 20, day + 22, 1)
        wanted = window(day + start, day + end)
        with subtests.test(name):
            check(lambda own=own, wanted=wanted: change(world, own, wanted), fits)
            assert found(own.id).window == (wanted if fits else own.window)
            assert peak(world, day) == 1


def test_a_booking_that_is_extended(a_world: Worlds, subtests: pytest.Subtests) -> None:
    """Its first quarter of an hour has a GPU of its own, so that it can stand wherever it is extended from."""
    world = a_world(units=1)
    for name, day, (start, end), fits in EACH_ON_ITS_DAY:
        standing(world, day)
        wanted = window(day + start, day + end)
        first = Window(wanted.start, wanted.start + STEP)
        _one_more(world, first)
        own = request_booking(world.order(first, 1), actor=world.lead, now=NOW)
        with subtests.test(name):
            check(lambda own=own, wanted=wanted: change(world, own, wanted), fits)
            assert found(own.id).window == (wanted if fits else first)
            assert levels(world.pool, wanted).highest(Window(first.end, at(day + 23))) == 1


def _one_more(world: World, during: Window) -> None:
    with transaction() as session:
        session.add(
            CapacityChange(
                resource_id=world.pool,
                kind="supply",
                units=1,
                starts_at=during.start,
                ends_at=during.end,
                created_at=NOW,
            )
        )
        session.get_one(Resource, world.pool).offer_version += 1
