"""Publishing capacity: supplies, outages, closures, and what becomes of the bookings that lose their place."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.capacity_changes import NewChange
from booking.domain.displacements import Displaces, Resolution, Resolutions
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.lifecycle import State
from booking.models.audit import AuditEntry
from booking.models.capacity import CapacityChange
from booking.services import booking_moves, capacity, due_bookings
from tests.support.publishing import (
    HOUR,
    LATER,
    NOW,
    again,
    book,
    cut,
    displacements,
    free,
    hours,
    quota,
    resolved,
    told,
    world_of,
)
from tests.support.world import World


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with world_of(app) as world:
        yield world


def test_a_supply_an_outage_and_a_closure_make_one_step_function(world: World):
    cut(world, 16, hours(1, 4))
    cut(world, -8, hours(2, 5))
    cut(world, "closed", hours(3, 6))

    assert free(world.pool, hours(0, 7)) == [(0, 64), (1, 80), (2, 72), (3, 0), (6, 64)]


def test_what_displaces_nobody_needs_no_decision(world: World):
    book(world, hours(1, 2), 32)
    cut(world, -32, hours(0, 3))
    assert free(world.pool, hours(0, 3)) == [(0, 32), (1, 0), (2, 32)]
    assert displacements() == []


def test_a_cut_without_decisions_names_the_latest_admitted_and_changes_nothing(world: World):
    book(world, hours(1, 3), 32)
    late = book(world, hours(2, 4), 32)
    before = (free(world.pool, hours(0, 5)), quota(world.pool_grant)[0])

    with pytest.raises(Displaces) as refused:
        cut(world, -32, hours(0, 5))

    assert [booking.id for booking in refused.value.bookings] == [late.id]
    assert (free(world.pool, hours(0, 5)), quota(world.pool_grant)[0]) == before
    assert db.session.scalars(select(CapacityChange).where(CapacityChange.kind == "outage")).all() == []
    assert displacements() == []


def test_a_decision_that_leaves_one_out_applies_nothing(world: World):
    first, second = book(world, hours(1, 2), 64), book(world, hours(2, 3), 64)
    with pytest.raises(Displaces) as refused:
        cut(world, "closed", hours(0, 5), resolved(first, Resolution.REVOKE))
    assert {booking.id for booking in refused.value.bookings} == {first.id, second.id}
    assert again(first).state is State.CONFIRMED


def test_later_leaves_the_booking_standing_and_the_overhang_in_sight(world: World):
    booking = book(world, hours(1, 2), 48)
    cut(world, -32, hours(0, 5), LATER)

    assert free(world.pool, hours(0, 3)) == [(0, 32), (1, -16), (2, 32)]
    assert displacements() == [(booking.id, None)]
    assert again(booking).state is State.CONFIRMED
    assert told(booking) == ["confirmed", "displaced"]


def test_revoke_gives_units_and_quota_back(world: World):
    booking = book(world, hours(1, 2), 48, seats=1)
    cut(world, -32, hours(0, 5), resolved(booking, Resolution.REVOKE))

    ended = again(booking)
    assert ended.state is State.REVOKED
    assert ended.history[-1].by == "operator@example.org"
    assert ended.history[-1].reason == "cooling repair"
    assert quota(world.pool_grant) == (0, 0)
    assert free(world.pool, hours(0, 3)) == [(0, 32)]
    assert displacements() == [(booking.id, "revoke")]
    assert told(booking) == ["confirmed", "revoked"]


def test_what_was_not_confirmed_yet_is_declined_at_no_price(app: Flask):
    with world_of(app, policy={"auto_approve_unit_hours": 0, "late_cancel_percent": 100}) as world:
        booking = book(world, hours(1, 2), 48)
        cut(world, -32, hours(0, 5), resolved(booking, Resolution.REVOKE))
        assert again(booking).state is State.DECLINED
        assert quota(world.pool_grant) == (0, 0)


def test_a_running_booking_that_is_revoked_pays_for_what_it_was_served(world: World):
    booking = book(world, hours(0, 4), 48)
    due_bookings.start_due(NOW)
    noon = NOW + 2 * HOUR
    cut(world, -32, hours(2, 5), resolved(booking, Resolution.REVOKE), now=noon)

    assert again(booking).state is State.REVOKED
    assert quota(world.pool_grant) == (0, 48 * 2 * 3600)
    assert free(world.pool, hours(0, 5)) == [(0, 16), (2, 32)]


def test_what_is_revoked_while_it_runs_keeps_its_units_until_the_next_grid_instant(world: World):
    booking = book(world, hours(0, 4), 48)
    due_bookings.start_due(NOW)
    cut(world, -32, hours(1.1, 5), resolved(booking, Resolution.REVOKE), now=NOW + 1.05 * HOUR)
    assert free(world.pool, hours(0, 5)) == [(0, 16), (1.1, -16), (1.25, 32)]


def test_reduce_keeps_the_largest_number_of_units_that_fits_throughout(app: Flask):
    with world_of(app, policy={"unit_step": 4, "late_cancel_percent": 100, "cancel_cutoff_minutes": 10_000}) as world:
        book(world, hours(2, 3), 8)
        booking = book(world, hours(1, 4), 48)
        cut(world, -30, hours(0, 5), resolved(booking, Resolution.REDUCE))

        # 34 are left, 26 beside the other one, in steps of 4.
        reduced = again(booking)
        assert reduced.claims[0].units == 24
        assert reduced.state is State.CONFIRMED
        assert reduced.version == booking.version + 1
        assert quota(world.pool_grant)[0] == (24 * 3 + 8) * 3600
        assert free(world.pool, hours(0, 5)) == [(0, 34), (1, 10), (2, 2), (3, 10), (4, 34)]
        assert displacements() == [(booking.id, "reduce")]
        assert told(booking) == ["confirmed", "changed"]


def test_what_cannot_be_reduced_says_how_many_are_left_and_nothing_is_done(world: World):
    book(world, hours(1, 2), 32)
    booking = book(world, hours(1, 2), 16)
    with pytest.raises(Invalid) as refused:
        cut(world, -32, hours(0, 5), resolved(booking, Resolution.REDUCE))

    assert refused.value.field == f"resolution.{booking.id}"
    assert refused.value.numbers == {"booking": str(booking.id), "free": 0, "unit_step": 1}
    assert free(world.pool, hours(1, 2)) == [(1, 16)]
    assert displacements() == []


def test_move_goes_to_the_earliest_window_of_the_same_shape_from_its_own_start(world: World):
    book(world, hours(5, 6), 40)
    booking = book(world, hours(2, 4), 48, seats=1)
    cut(world, "closed", hours(3, 4.25), resolved(booking, Resolution.MOVE))

    moved = again(booking)
    assert moved.window == hours(6, 8)
    assert [claim.units for claim in moved.claims] == [48, 1]
    assert all(claim.occupied == hours(6, 8) for claim in moved.claims)
    assert moved.state is State.CONFIRMED
    assert quota(world.pool_grant)[0] == (48 * 2 + 40) * 3600
    assert free(world.pool, hours(2, 9)) == [(2, 64), (3, 0), (4.25, 64), (5, 24), (6, 16), (8, 64)]
    assert displacements() == [(booking.id, "move")]
    assert "cooling repair" in moved.history[-1].reason


def test_a_move_looks_at_every_claimed_resource(world: World):
    for seats in (1, 1):
        book(world, hours(4, 9), 1, seats=seats)
    booking = book(world, hours(2, 3), 60, seats=1)
    cut(world, "closed", hours(2, 3), resolved(booking, Resolution.MOVE))
    assert again(booking).window == hours(3, 4)

    cut(world, "closed", hours(3, 4), resolved(booking, Resolution.MOVE))
    assert again(booking).window == hours(9, 10)


def test_a_waiting_booking_goes_on_waiting_for_the_same_owner_after_a_move(app: Flask):
    with world_of(app, policy={"auto_approve_unit_hours": 0, "notice_minutes": 90}) as world:
        booking = book(world, hours(2, 3), 48)
        cut(world, "closed", hours(2, 4), resolved(booking, Resolution.MOVE))
        moved = again(booking)
        assert (moved.state, moved.window) == (State.PENDING, hours(4, 5))
        assert moved.waiting_for == {world.pool}
        assert moved.hold_until == booking.hold_until

        approved = booking_moves.approve_booking(booking.id, actor=world.operator, now=NOW)
        assert approved.state is State.CONFIRMED


def test_where_no_window_fits_within_the_horizon_the_move_is_refused(app: Flask):
    with world_of(app, policy={"horizon_days": 2}) as world:
        booking = book(world, hours(2, 3), 48)
        with pytest.raises(Invalid) as refused:
            cut(world, "closed", hours(1, 47.5), resolved(booking, Resolution.MOVE))
        assert refused.value.field == f"resolution.{booking.id}"
        assert refused.value.numbers["latest"] == NOW + timedelta(days=2)
        assert again(booking).window == hours(2, 3)
        assert free(world.pool, hours(0, 48)) == [(0, 64), (2, 16), (3, 64)]


def test_a_booking_that_has_begun_is_neither_moved_nor_reduced(world: World):
    booking = book(world, hours(0, 4), 48)
    for resolution in (Resolution.MOVE, Resolution.REDUCE):
        with pytest.raises(Invalid, match="has begun"):
            cut(world, -32, hours(2, 5), resolved(booking, resolution), now=NOW + HOUR)


def test_each_displaced_booking_has_a_decision_of_its_own(world: World):
    first, second, third, fourth = (book(world, hours(1 + each, 2 + each), 64) for each in range(4))
    resolutions = Resolutions(
        {
            first.id: Resolution.REVOKE,
            second.id: Resolution.MOVE,
            third.id: Resolution.REDUCE,
            fourth.id: Resolution.LATER,
        }
    )
    cut(world, -32, hours(0, 9), resolutions)

    assert again(first).state is State.REVOKED
    assert again(second).window == hours(9, 10)
    assert again(third).claims[0].units == 32
    assert again(fourth).claims[0].units == 64
    assert sorted(displacements()) == [
        (first.id, "revoke"),
        (second.id, "move"),
        (third.id, "reduce"),
        (fourth.id, None),
    ]
    assert free(world.pool, hours(0, 11)) == [(0, 32), (3, 0), (4, -32), (5, 32), (9, 0), (10, 64)]


def test_who_fits_after_others_were_revoked_stays_as_it_is(world: World):
    old, new = book(world, hours(1, 3), 40), book(world, hours(2, 4), 24)
    cut(world, "closed", hours(2.5, 2.75), Resolutions({old.id: Resolution.REVOKE}, Resolution.REVOKE))
    assert {again(old).state, again(new).state} == {State.REVOKED}

    one, two = book(world, hours(5, 7), 40), book(world, hours(5, 7), 24)
    cut(world, -50, hours(5, 6), Resolutions({one.id: Resolution.REVOKE, two.id: Resolution.REDUCE}))
    assert again(two).claims[0].units == 14

    other, kept = book(world, hours(8, 9), 40), book(world, hours(8, 9), 24)
    cut(world, -40, hours(8, 9), Resolutions({other.id: Resolution.REVOKE, kept.id: Resolution.REDUCE}))
    # The older one did not fit, the later one does: it was never displaced.
    assert again(other).state is State.REVOKED
    assert again(kept).claims[0].units == 24


def test_the_second_cut_names_only_those_whom_it_displaces(world: World):
    first, second = book(world, hours(1, 2), 64), book(world, hours(3, 4), 64)
    cut(world, -32, hours(1, 2), LATER)
    with pytest.raises(Displaces) as refused:
        cut(world, -32, hours(0, 9))
    assert [booking.id for booking in refused.value.bookings] == [second.id]

    cut(world, -32, hours(0, 9), LATER)
    assert displacements() == [(first.id, None), (second.id, None)]


def test_a_supply_that_ends_early_displaces_like_an_outage(world: World):
    more = cut(world, 32, hours(0, 9))
    booking = book(world, hours(2, 5), 96)
    with pytest.raises(Displaces):
        capacity.end_capacity_early(World.POOL, more.id, NOW + 4 * HOUR, actor=world.operator, now=NOW)
    ended = capacity.end_capacity_early(
        World.POOL, more.id, NOW + 4 * HOUR, actor=world.operator, now=NOW, resolutions=LATER
    )
    assert ended.ends_at == NOW + 4 * HOUR
    assert free(world.pool, hours(0, 6)) == [(0, 96), (2, 0), (4, -32), (5, 64)]
    assert displacements() == [(booking.id, None)]


def test_an_outage_that_ends_early_displaces_nobody(world: World):
    outage = cut(world, -32, hours(1, 9))
    capacity.end_capacity_early(World.POOL, outage.id, NOW + 2 * HOUR, actor=world.operator, now=NOW)
    assert free(world.pool, hours(0, 9)) == [(0, 64), (1, 32), (2, 64)]


def test_a_change_to_come_is_taken_back_by_ending_it_as_it_begins(world: World):
    outage = cut(world, "closed", hours(1, 9))
    ended = capacity.end_capacity_early(World.POOL, outage.id, NOW + HOUR, actor=world.operator, now=NOW)
    assert ended.ends_at == ended.starts_at
    assert free(world.pool, hours(0, 9)) == [(0, 64)]


@pytest.mark.parametrize(("hour", "error"), [(0.5, Invalid), (9, Invalid), (10, Invalid)])
def test_an_early_end_lies_between_start_and_end(world: World, hour: float, error: type[Exception]):
    outage = cut(world, -1, hours(1, 9))
    with pytest.raises(error) as refused:
        capacity.end_capacity_early(World.POOL, outage.id, NOW + hour * HOUR, actor=world.operator, now=NOW)
    assert refused.value.field == "ends_at"


def test_what_has_ended_stays_so(world: World):
    outage = cut(world, -1, hours(1, 2))
    with pytest.raises(Conflict, match="ended at"):
        capacity.end_capacity_early(World.POOL, outage.id, NOW + HOUR, actor=world.operator, now=NOW + 3 * HOUR)


def test_an_open_end_goes_on_for_ever(world: World):
    booking = book(world, hours(100, 101), 64)
    with pytest.raises(Displaces) as refused:
        capacity.add_capacity(World.POOL, NewChange(-1, NOW + HOUR, None, "gone"), actor=world.operator, now=NOW)
    assert [one.id for one in refused.value.bookings] == [booking.id]


def test_the_past_of_bookings_is_not_cut_away(world: World):
    book(world, hours(0, 4), 48)
    noon = NOW + 2 * HOUR
    change = cut(world, -32, hours(1, 5), LATER, now=noon)
    assert change.starts_at == noon
    assert free(world.pool, hours(0, 5)) == [(0, 16), (2, -16), (4, 32)]

    with pytest.raises(Conflict, match="stays on record"):
        cut(world, -32, hours(0, 1), now=noon)


def test_a_past_that_took_nothing_from_anybody_is_recorded_as_it_was(world: World):
    change = cut(world, -32, hours(-3, -1))
    assert (change.starts_at, change.ends_at) == (NOW - 3 * HOUR, NOW - HOUR)
    assert free(world.pool, hours(-4, 1)) == [(-4, 64), (-3, 32), (-1, 64)]


def test_a_supply_may_have_begun_long_ago(world: World):
    change = cut(world, 8, hours(-48, 48))
    assert change.starts_at == NOW - 48 * HOUR


def test_only_who_looks_after_a_resource_says_what_it_offers(world: World):
    for person in ("other_operator", "steward", "lead", "funder"):
        with pytest.raises(Forbidden):
            cut(world, -1, hours(1, 2), actor=world.people[person])
    cut(world, -1, hours(1, 2), actor=world.admin)
    seats = NewChange(1, NOW, None)
    capacity.add_capacity(World.DATASET, seats, actor=world.steward, now=NOW)
    with pytest.raises(Forbidden):
        capacity.add_capacity(World.DATASET, seats, actor=world.operator, now=NOW)
    with pytest.raises(NotFound):
        capacity.add_capacity("nowhere", seats, actor=world.operator, now=NOW)


def test_a_change_of_another_resource_is_not_found(world: World):
    change = cut(world, -1, hours(1, 2))
    with pytest.raises(NotFound):
        capacity.end_capacity_early(World.OTHER_POOL, change.id, NOW + HOUR, actor=world.admin, now=NOW)


def test_every_change_is_written_down(world: World):
    outage = cut(world, -4, hours(1, 2))
    capacity.end_capacity_early(World.POOL, outage.id, NOW + HOUR, actor=world.admin, now=NOW)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.by, entry.act, entry.subject) for entry in entries] == [
        ("operator@example.org", "capacity.add", "pool:north-a100"),
        ("admin@example.org", "capacity.end", "pool:north-a100"),
    ]
    assert entries[0].details["units"] == 4


@pytest.mark.parametrize(
    ("units", "window", "field"),
    [
        (0, (1, 2), "units"),
        (2_147_483_648, (1, 2), "units"),
        (1.5, (1, 2), "units"),
        (True, (1, 2), "units"),
        ("open", (1, 2), "units"),
        (1, (2, 2), "ends_at"),
        (1, (2, 1), "ends_at"),
        (1, (0, 24 * 366 * 101), "ends_at"),
        (1, (-24 * 366 * 30, 1), "starts_at"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(
    world: World, units: object, window: tuple[float, float], field: str
):
    start, end = (NOW + hour * HOUR for hour in window)
    new = NewChange(units, start, end)  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refused:
        capacity.add_capacity(World.POOL, new, actor=world.operator, now=NOW)
    assert refused.value.field == field
