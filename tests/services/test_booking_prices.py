"""What each end of a booking costs, as its grants show it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from booking.db import transaction
from booking.services import due_bookings
from booking.services.booking_edits import change_booking
from booking.services.booking_moves import cancel_booking, finish_booking
from tests.support.lives import Totals, at, book, entries, found, levels, totals, window
from tests.support.world import SINCE, UNTIL, World, grant

Worlds = Callable[..., World]
SECOND = timedelta(seconds=1)
LATE = {"cancel_cutoff_minutes": 120, "late_cancel_percent": 25}

# Of 8 units from hour 24 to 26, 16 hours: policy, hour of the cancellation, hours charged.
CANCELLATIONS: list[tuple[dict[str, Any], float, float]] = [
    ({}, 1, 0),
    ({}, 23.99, 0),
    (LATE, 22, 0),
    (LATE, 22 + 1 / 3600, 4),
    (LATE, 23.99, 4),
    ({**LATE, "weight_percent": 300}, 23, 12),
    ({**LATE, "quota": "none"}, 23, 0),
    ({"late_cancel_percent": 100}, 23.99, 0),
    ({"late_cancel_percent": 100}, 24, 0),
    ({"late_cancel_percent": 100}, 24 + 1 / 3600, 16),
    ({**LATE, "charge": "measured", "min_charge_percent": 50}, 1, 0),
]


@pytest.mark.parametrize(("policy", "hour", "price"), CANCELLATIONS)
def test_a_cancellation_costs_what_was_served_and_after_the_cut_off_at_least_the_late_share(
    a_world: Worlds, policy: dict[str, Any], hour: float, price: float
) -> None:
    world = a_world(policy=policy)
    booking = book(world)
    cancel_booking(booking.id, actor=world.lead, now=at(hour))
    assert totals(world.pool_grant) == Totals(0, price)


def test_finishing_early_costs_what_was_served_or_the_late_share(a_world: Worlds) -> None:
    world = a_world(policy={**LATE, "late_cancel_percent": 50})
    for hour, price in ((1.25, 8), (1.75, 8), (2.5, 12)):
        before = totals(world.pool_grant).charged
        booking = book(world, 1, 3)
        due_bookings.start_due(at(1))
        finish_booking(booking.id, actor=world.lead, now=at(hour))
        assert totals(world.pool_grant) == Totals(0, before + price)


def test_each_claim_has_a_cut_off_of_its_own(a_world: Worlds) -> None:
    world = a_world(policy=LATE, dataset_policy={"cancel_cutoff_minutes": 30, "late_cancel_percent": 100})
    cancel_booking(book(world, seats=1).id, actor=world.lead, now=at(23))
    assert totals(world.pool_grant) == Totals(0, 4)
    assert totals(world.dataset_grant) == Totals(0, 0)


def test_a_part_given_up_is_priced_like_a_cancellation_of_that_part(a_world: Worlds) -> None:
    world = a_world(policy=LATE)
    booking = book(world)
    change_booking(booking.id, window=window(24, 25), claims=None, actor=world.lead, now=at(23), version=1)
    assert totals(world.pool_grant) == Totals(8, 2)
    cancel_booking(booking.id, actor=world.lead, now=at(23))
    assert totals(world.pool_grant) == Totals(0, 4)


def test_what_a_shrink_in_good_time_gives_up_is_free(a_world: Worlds) -> None:
    world = a_world(policy=LATE)
    booking = book(world)
    change_booking(booking.id, window=window(24, 25), claims=None, actor=world.lead, now=at(22), version=1)
    assert totals(world.pool_grant) == Totals(8, 0)


def test_a_running_booking_that_is_made_longer_pays_for_all_of_it(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, 1, 3)
    due_bookings.start_due(at(1))
    change_booking(booking.id, window=window(1, 4), claims=None, actor=world.lead, now=at(2), version=2)
    due_bookings.complete_due(at(4))
    assert totals(world.pool_grant) == Totals(0, 24)


def test_a_running_booking_that_is_extended_and_finished_early_pays_to_the_second(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, 1, 3)
    due_bookings.start_due(at(1))
    longer = change_booking(booking.id, window=window(1, 5), claims=None, actor=world.lead, now=at(2), version=2)
    assert totals(world.pool_grant) == Totals(32, 0)
    finish_booking(longer.id, actor=world.lead, now=at(3) + timedelta(minutes=7, seconds=13))
    served = 8 * (2 * 3600 + 7 * 60 + 13)
    assert totals(world.pool_grant) == Totals(0, served / 3600)
    assert levels(world.pool, window(0, 6)).changes == ((at(1), 8), (at(3.25), 0))


def test_two_grants_are_used_in_the_order_in_which_they_end_and_given_back_in_reverse(a_world: Worlds) -> None:
    world = a_world(pool_hours=100)
    with transaction() as session:
        sooner = grant(session, world.team, 10, kind="pool", starts_at=SINCE, ends_at=UNTIL - timedelta(days=1))
    booking = book(world, 1, 3, units=8)
    assert (totals(sooner), totals(world.pool_grant)) == (Totals(10, 0), Totals(6, 0))
    due_bookings.start_due(at(1))
    finish_booking(booking.id, actor=world.lead, now=at(2.5))
    assert (totals(sooner), totals(world.pool_grant)) == (Totals(0, 10), Totals(0, 2))
    assert entries(booking.id)[2:] == [("charge", 10), ("charge", 2), ("release", 4)]


def test_a_booking_over_the_boundary_of_a_week_counts_in_each_with_its_part(a_world: Worlds) -> None:
    """Monday at eight is hour 0, so the week ends at hour 160."""
    world = a_world(cap_hours=20)
    first = book(world, 158, 162, units=5)
    assert first.state.value == "confirmed"
    second = book(world, 150, 152, units=5)
    cancel_booking(first.id, actor=world.lead, now=at(1))
    book(world, 152, 154, units=5)
    assert found(second.id).state.value == "confirmed"
    assert totals(world.pool_grant) == Totals(20, 0)


def test_without_quota_nothing_is_held_or_charged(a_world: Worlds) -> None:
    world = a_world(policy={"quota": "none", "late_cancel_percent": 100}, pool_hours=0)
    booking = book(world, 1, 3)
    due_bookings.start_due(at(1))
    due_bookings.complete_due(at(3))
    assert entries(booking.id) == []


def test_a_tenth_of_an_hour_ten_times_is_an_hour(a_world: Worlds) -> None:
    world = a_world(grid_minutes=6, pool_hours=1)
    for turn in range(10):
        book(world, 24 + turn / 10, 24 + (turn + 1) / 10, units=1)
    assert totals(world.pool_grant) == Totals(1, 0)
