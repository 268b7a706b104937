"""Check-in and no-shows, to the second."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from booking.db import db
from booking.domain.errors import Conflict, Forbidden, IllegalMove, NotFound
from booking.domain.lifecycle import State
from booking.models.teams import Team
from booking.services import due_bookings
from booking.services.booking_moves import cancel_booking, check_in
from tests.support.lives import NOW, Totals, at, book, entries, events, found, levels, totals, window
from tests.support.world import World

Worlds = Callable[..., World]
SECOND = timedelta(seconds=1)
GRACE = {"check_in_minutes": 30}


def test_check_in_opens_to_the_second(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    booking = book(world, 2, 4)
    assert (booking.check_in_from, booking.check_in_until) == (at(1.5), at(2.5))
    with pytest.raises(Conflict):
        check_in(booking.id, actor=world.member, now=at(1.5) - SECOND)
    assert check_in(booking.id, actor=world.member, now=at(1.5)).checked_in_at == at(1.5)


def test_check_in_closes_to_the_second(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    early, late = book(world, 2, 4), book(world, 2, 4)
    assert check_in(early.id, actor=world.lead, now=at(2.5) - SECOND).state is State.ACTIVE
    with pytest.raises(Conflict):
        check_in(late.id, actor=world.lead, now=at(2.5))


def test_who_checks_in_early_becomes_active_at_the_start(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    booking = check_in(book(world, 2, 4).id, actor=world.lead, now=at(1.75))
    assert booking.state is State.CONFIRMED
    due_bookings.start_due(at(2) - SECOND)
    assert found(booking.id).state is State.CONFIRMED
    due_bookings.start_due(at(2))
    assert found(booking.id).state is State.ACTIVE
    assert events(booking.id) == ["confirmed", "checked_in", "active"]


def test_without_check_in_a_booking_stays_confirmed_until_the_grace_is_over(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    booking = book(world, 2, 4)
    due_bookings.start_due(at(2.4))
    due_bookings.release_no_shows(at(2.5) - SECOND)
    assert found(booking.id).state is State.CONFIRMED
    due_bookings.release_no_shows(at(2.5))
    assert found(booking.id).state is State.NO_SHOW


def test_a_no_show_pays_for_the_grace_and_frees_the_rest(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    booking = book(world, 2, 4, units=8)
    due_bookings.release_no_shows(at(2.6))
    assert entries(booking.id) == [("hold", 16), ("charge", 4), ("release", 12)]
    assert levels(world.pool, window(1, 5)).changes == ((at(2), 8), (at(2.75), 0))


def test_a_no_show_pays_the_late_share_where_that_is_more(a_world: Worlds) -> None:
    world = a_world(policy={**GRACE, "late_cancel_percent": 50})
    book(world, 2, 4, units=8)
    due_bookings.release_no_shows(at(2.5))
    assert totals(world.pool_grant) == Totals(0, 8)


def test_a_release_never_reaches_into_what_has_ended(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    booking = book(world, 2, 4)
    cancel_booking(booking.id, actor=world.lead, now=at(1))
    due_bookings.release_no_shows(at(24))
    assert found(booking.id).state is State.CANCELLED
    assert entries(booking.id) == [("hold", 16), ("release", 16)]


def test_a_release_that_comes_after_the_end_frees_nothing_any_more(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    book(world, 2, 4, units=8)
    due_bookings.release_no_shows(at(9))
    assert totals(world.pool_grant) == Totals(0, 4)
    assert levels(world.pool, window(1, 5)).changes == ((at(2), 8), (at(4), 0))


def test_only_members_check_in_and_only_once(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    booking = book(world, 2, 4)
    with pytest.raises(NotFound):
        check_in(booking.id, actor=world.rival, now=at(2))
    with pytest.raises(Forbidden):
        check_in(booking.id, actor=world.operator, now=at(2))
    check_in(booking.id, actor=world.member, now=at(1.75))
    with pytest.raises(Conflict):
        check_in(booking.id, actor=world.lead, now=at(1.8))
    due_bookings.start_due(at(2))
    with pytest.raises(IllegalMove):
        check_in(booking.id, actor=world.lead, now=at(2))


def test_where_no_check_in_is_asked_for_there_is_none(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, 2, 4)
    with pytest.raises(Conflict):
        check_in(booking.id, actor=world.lead, now=at(2))
    due_bookings.start_due(at(2))
    assert found(booking.id).state is State.ACTIVE


def test_the_shortest_grace_of_what_is_claimed_counts(a_world: Worlds) -> None:
    world = a_world(policy={"check_in_minutes": 60}, dataset_policy={"check_in_minutes": 15})
    booking = book(world, 2, 4, seats=1)
    assert (booking.check_in_from, booking.check_in_until) == (at(1.75), at(2.25))


def test_a_booking_of_the_running_step_has_its_grace_from_now_and_not_beyond_its_end(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    assert book(world, 0, 2, now=at(0.2)).check_in_until == at(0.7)
    assert book(world, 0, 0.25, now=at(0.2)).check_in_until == at(0.25)


def test_three_no_shows_in_thirty_days_take_auto_approval_away_for_thirty(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    for day in range(3):
        book(world, 24 * day + 2, 24 * day + 4, now=at(24 * day))
        assert strikes(world) is None
        due_bookings.release_no_shows(at(24 * day + 2.5))
    until = at(24 * 2 + 2.5) + timedelta(days=30)
    assert strikes(world) == until
    assert book(world, 24 * 20, 24 * 20 + 2, now=at(24 * 3)).state is State.PENDING
    later = 24 * 40
    assert book(world, later, later + 2, now=until).state is State.CONFIRMED


def strikes(world: World) -> object:
    with db.engine.connect() as connection:
        return connection.scalar(db.select(Team.strikes_until).where(Team.id == world.team))


def test_access_follows_the_clock_and_not_the_scheduler(a_world: Worlds) -> None:
    world = a_world(policy=GRACE)
    booking = book(world, 2, 4)
    assert [booking.access_open(at(hour)) for hour in (1.99, 2, 2.49, 2.5, 3.99, 4)] == [
        False, True, True, False, False, False,
    ]  # fmt: skip
    checked_in = check_in(booking.id, actor=world.lead, now=at(2))
    assert [checked_in.access_open(at(hour)) for hour in (2, 2.5, 3.99, 4)] == [True, True, True, False]
    assert at(0) == NOW
