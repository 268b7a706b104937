"""Displaced bookings that wait: what their owner decides, and what the clock does."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.bookings import Booking
from booking.domain.displacements import Resolution
from booking.domain.errors import Forbidden, Invalid, NotFound
from booking.domain.jobs import JobResult
from booking.domain.lifecycle import State
from booking.domain.orders import Claim, Order
from booking.domain.permissions import Actor
from booking.models.capacity import Displacement
from booking.models.outbox import OutboxItem
from booking.services import booking_edits, booking_moves, bookings, capacity, due_bookings
from booking.services.displacements import resolve_displacement, resolve_due, ways_of
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
    told,
    world_of,
)
from tests.support.world import World


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with world_of(app) as world:
        yield world


def displacement_of(booking: Booking) -> int:
    """The id of the open one."""
    chosen = select(Displacement.id).where(Displacement.booking_id == booking.id, Displacement.resolved_at.is_(None))
    return db.session.scalars(chosen).one()


def resolve(booking: Booking, resolution: Resolution, actor: Actor) -> Booking:
    return resolve_displacement(displacement_of(booking), resolution, actor=actor, now=NOW)


def test_nothing_is_due_while_the_start_is_to_come_and_there_is_no_room(world: World):
    booking = book(world, hours(1, 2), 48)
    cut(world, -32, hours(0, 5), LATER)
    assert resolve_due(NOW) == JobResult()
    assert displacements() == [(booking.id, None)]


def test_what_still_does_not_fit_at_its_start_is_revoked_with_a_full_refund(world: World):
    booking = book(world, hours(1, 2), 48)
    cut(world, -32, hours(0, 5), LATER)

    assert resolve_due(NOW + HOUR) == JobResult(items=1)

    assert again(booking).state is State.REVOKED
    assert again(booking).history[-1].by == "system"
    assert quota(world.pool_grant) == (0, 0)
    assert displacements() == [(booking.id, "revoke")]
    assert free(world.pool, hours(0, 5)) == [(0, 32)]
    assert resolve_due(NOW + HOUR) == JobResult()


def test_a_late_clock_refunds_all_the_same(world: World):
    booking = book(world, hours(1, 5), 48)
    cut(world, -32, hours(0, 5), LATER)
    due_bookings.start_due(NOW + 3 * HOUR)
    assert resolve_due(NOW + 3 * HOUR) == JobResult(items=1)
    assert again(booking).state is State.REVOKED
    assert quota(world.pool_grant) == (0, 0)


def test_who_was_running_goes_on_until_the_room_is_gone_and_pays_for_that(world: World):
    booking = book(world, hours(0, 6), 48)
    due_bookings.start_due(NOW)
    cut(world, -32, hours(3, 9), LATER, now=NOW + HOUR)

    assert resolve_due(NOW + 2 * HOUR) == JobResult()
    assert resolve_due(NOW + 3 * HOUR) == JobResult(items=1)
    assert again(booking).state is State.REVOKED
    assert quota(world.pool_grant) == (0, 48 * 3 * 3600)


def test_what_waits_for_approval_is_declined_at_its_start(app: Flask):
    with world_of(app, policy={"auto_approve_unit_hours": 0}) as world:
        booking = book(world, hours(1, 2), 48)
        cut(world, -32, hours(0, 5), LATER)
        assert resolve_due(NOW + HOUR) == JobResult(items=1)
        assert again(booking).state is State.DECLINED
        assert quota(world.pool_grant) == (0, 0)


def test_an_outage_that_ends_early_gives_the_place_back(world: World):
    booking = book(world, hours(1, 2), 48)
    outage = cut(world, -32, hours(0, 5), LATER)
    capacity.end_capacity_early(World.POOL, outage.id, NOW, actor=world.operator, now=NOW)

    assert resolve_due(NOW) == JobResult(items=1)
    assert displacements() == [(booking.id, "restored")]
    assert told(booking) == ["confirmed", "displaced", "restored"]
    assert again(booking).state is State.CONFIRMED


def test_another_teams_cancellation_gives_the_place_back(world: World):
    other = book(world, hours(1, 2), 32)
    booking = book(world, hours(1, 2), 32)
    cut(world, -32, hours(0, 5), LATER)
    assert displacements() == [(booking.id, None)]

    booking_moves.cancel_booking(other.id, actor=world.lead, now=NOW)
    assert resolve_due(NOW) == JobResult(items=1)
    assert displacements() == [(booking.id, "restored")]


def test_of_two_the_first_admitted_gets_the_room_that_comes_back(world: World):
    first, second = book(world, hours(1, 2), 32), book(world, hours(1, 2), 32)
    cut(world, "closed", hours(0, 5), LATER)
    assert {one for one, _ in displacements()} == {first.id, second.id}
    closure = db.session.scalars(select(Displacement.capacity_change_id)).first()
    capacity.end_capacity_early(World.POOL, closure, NOW, actor=world.operator, now=NOW)
    cut(world, -32, hours(0, 5), LATER)

    assert resolve_due(NOW) == JobResult(items=1)
    assert dict(displacements()) == {first.id: "restored", second.id: None}


@pytest.mark.parametrize("ends", ["cancelled", "moved away by its team"])
def test_what_has_left_by_itself_is_displaced_no_longer(world: World, ends: str):
    booking = book(world, hours(1, 2), 48)
    cut(world, -32, hours(0, 5), LATER)
    if ends == "cancelled":
        booking_moves.cancel_booking(booking.id, actor=world.lead, now=NOW)
    else:
        booking_edits.change_booking(
            booking.id, window=hours(6, 7), claims=None, actor=world.lead, now=NOW, version=booking.version
        )
    assert resolve_due(NOW) == JobResult(items=1)
    assert displacements() == [(booking.id, "ended" if ends == "cancelled" else "restored")]


def test_a_claim_that_was_dropped_is_displaced_no_longer(world: World):
    booking = book(world, hours(1, 2), 48, seats=1)
    cut(world, -32, hours(0, 5), LATER)
    booking_edits.change_booking(
        booking.id, window=None, claims=(Claim(world.dataset, 1),), actor=world.lead, now=NOW, version=booking.version
    )
    assert resolve_due(NOW) == JobResult(items=1)
    assert displacements() == [(booking.id, "ended")]


@pytest.mark.parametrize("resolution", [Resolution.MOVE, Resolution.REDUCE, Resolution.REVOKE])
def test_the_owner_decides_later(world: World, resolution: Resolution):
    booking = book(world, hours(1, 2), 48)
    cut(world, -32, hours(0, 5), LATER)
    resolve(booking, resolution, world.operator)

    assert displacements() == [(booking.id, resolution.value)]
    assert resolve_due(NOW) == JobResult()
    if resolution is Resolution.MOVE:
        assert again(booking).window == hours(5, 6)
    if resolution is Resolution.REDUCE:
        assert again(booking).claims[0].units == 32
    if resolution is Resolution.REVOKE:
        assert again(booking).state is State.REVOKED


def test_a_decision_finds_that_it_fits_again(world: World):
    booking = book(world, hours(1, 2), 48)
    outage = cut(world, -32, hours(0, 5), LATER)
    capacity.end_capacity_early(World.POOL, outage.id, NOW, actor=world.operator, now=NOW)
    resolve(booking, Resolution.REDUCE, world.operator)
    assert again(booking).claims[0].units == 48
    assert displacements() == [(booking.id, "restored")]


def test_who_leaves_is_displaced_nowhere_any_more(world: World):
    both = Order(world.team, hours(1, 2), (Claim(world.pool, 48), Claim(world.other_pool, 16)), "training")
    booking = bookings.request_booking(both, actor=world.lead, now=NOW)
    cut(world, -32, hours(0, 5), LATER)
    new = capacity.NewChange("closed", NOW, NOW + 3 * HOUR, "moving house")
    capacity.add_capacity(World.OTHER_POOL, new, actor=world.people["other_operator"], now=NOW, resolutions=LATER)
    assert displacements() == [(booking.id, None), (booking.id, None)]

    first = db.session.scalars(select(Displacement.id).order_by(Displacement.id)).first()
    assert first is not None
    resolve_displacement(first, Resolution.MOVE, actor=world.operator, now=NOW)
    assert again(booking).window == hours(5, 6)
    assert displacements() == [(booking.id, "move"), (booking.id, "move")]


def test_who_drops_one_claim_stays_displaced_on_the_other(world: World):
    both = Order(world.team, hours(1, 2), (Claim(world.pool, 48), Claim(world.other_pool, 16)), "training")
    booking = bookings.request_booking(both, actor=world.lead, now=NOW)
    cut(world, -32, hours(0, 5), LATER)
    new = capacity.NewChange("closed", NOW, NOW + 3 * HOUR, "moving house")
    capacity.add_capacity(World.OTHER_POOL, new, actor=world.people["other_operator"], now=NOW, resolutions=LATER)
    left = (Claim(world.other_pool, 16),)
    booking_edits.change_booking(
        booking.id, window=None, claims=left, actor=world.lead, now=NOW, version=booking.version
    )
    assert resolve_due(NOW) == JobResult(items=1)
    assert displacements() == [(booking.id, "ended"), (booking.id, None)]


def test_only_the_owner_of_the_resource_decides(world: World):
    booking = book(world, hours(1, 2), 48)
    cut(world, -32, hours(0, 5), LATER)
    for person, error in (("lead", Forbidden), ("rival", NotFound), ("other_operator", NotFound)):
        with pytest.raises(error):
            resolve(booking, Resolution.REVOKE, world.people[person])
    with pytest.raises(Invalid):
        resolve(booking, Resolution.LATER, world.operator)
    resolve(booking, Resolution.REVOKE, world.admin)


def test_what_was_decided_is_not_decided_again(world: World):
    booking = book(world, hours(1, 2), 48)
    cut(world, -32, hours(0, 5), LATER)
    displacement = displacement_of(booking)
    resolve_displacement(displacement, Resolution.REVOKE, actor=world.operator, now=NOW)
    with pytest.raises(NotFound):
        resolve_displacement(displacement, Resolution.REVOKE, actor=world.operator, now=NOW)


def test_its_team_gives_it_up_at_no_price_however_late(app: Flask):
    with world_of(app, policy={"late_cancel_percent": 100, "cancel_cutoff_minutes": 6_000}) as world:
        booking = book(world, hours(1, 2), 48)
        cut(world, -32, hours(0, 5), LATER)
        ended = resolve(booking, Resolution.CANCEL, world.lead)
        assert (ended.state, quota(world.pool_grant)) == (State.CANCELLED, (0, 0))
        assert displacements() == [(booking.id, "revoke")]


def test_what_has_begun_is_not_cancelled_for_nothing(world: World):
    booking = book(world, hours(0, 2), 48)
    cut(world, -32, hours(1, 5), LATER)
    due_bookings.start_due(NOW)
    with pytest.raises(Invalid):
        resolve(booking, Resolution.CANCEL, world.lead)


def test_a_displaced_team_is_told_what_it_can_do_with_one_click(world: World):
    booking = book(world, hours(1, 2), 48)
    cut(world, -32, hours(0, 5), LATER)
    payload = db.session.scalars(select(OutboxItem.payload).where(OutboxItem.event == "displaced")).one()
    moves = [["move", (NOW + each * HOUR).isoformat(), (NOW + (each + 1) * HOUR).isoformat()] for each in (5, 6, 7)]
    assert payload["choices"] == [*moves, ["reduce", 32], ["cancel"]]
    assert ways_of(displacement_of(booking), actor=world.lead, now=NOW).reduced_units == 32
