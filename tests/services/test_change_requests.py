"""Change requests: what is added is held apart, and every end but the approval leaves the booking as it was."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from booking.db import db
from booking.domain.bookings import Booking
from booking.domain.capacity_changes import NewChange
from booking.domain.change_requests import ChangeRequest, RequestState
from booking.domain.errors import Conflict, Forbidden, IllegalMove, NotFound
from booking.domain.lifecycle import State
from booking.domain.orders import Claim
from booking.domain.refusals import Code, Refused
from booking.domain.windows import Window
from booking.queries.change_requests import find_request
from booking.services import booking_moves, capacity, due_bookings
from booking.services.booking_edits import change_booking, preview_change
from booking.services.bookings import request_booking
from booking.services.change_requests import approve_request, decline_request, expire_due, withdraw_request
from tests.support.lives import NOW, Totals, at, book, entries, events, found, levels, totals, window
from tests.support.world import World

Worlds = Callable[..., World]
SECOND = timedelta(seconds=1)
SOME = {"auto_approve_unit_hours": 20, "hold_minutes": 120}
"""Bookings of eight units over two hours are confirmed at once, and what is larger waits for two hours."""


def grow(
    booking: Booking, world: World, new: Window | None = None, *claims: tuple[int, int], now: float = 0
) -> ChangeRequest:
    """The request that a change becomes."""
    asked = change_booking(
        booking.id,
        window=new,
        claims=tuple(Claim(*claim) for claim in claims) or None,
        actor=world.lead,
        now=at(now),
        version=found(booking.id).version,
    )
    assert asked.change_request is not None
    return asked.change_request


def rival_books(world: World, new: Window, units: int, *, now: float) -> Booking:
    order = world.order(new, units, team=world.rival_team)
    return request_booking(order, actor=world.rival, now=at(now))


def as_it_was(booking: Booking, world: World) -> None:
    """Everything that was there before the request is there, and nothing else."""
    assert found(booking.id) == booking
    assert totals(world.pool_grant) == Totals(16, 0)
    assert levels(world.pool, window(20, 40)).changes == ((at(24), 8), (at(26), 0))


def test_a_growth_that_needs_approval_holds_only_what_it_adds(a_world: Worlds) -> None:
    world = a_world(policy=SOME)
    booking = book(world)
    request = grow(booking, world, window(23, 28), (world.pool, 12))
    standing = found(booking.id)
    assert (standing.window, standing.version, standing.state) == (window(24, 26), 1, State.CONFIRMED)
    assert standing.history == booking.history
    assert levels(world.pool, window(20, 40)).changes == ((at(23), 12), (at(28), 0))
    assert totals(world.pool_grant) == Totals(60, 0)
    assert (request.hold_until, request.waiting_for) == (at(2), {world.pool})
    assert events(booking.id) == ["confirmed", "change_requested"]


ENDS: dict[str, Callable[[ChangeRequest, World], object]] = {
    "declined": lambda one, world: decline_request(one.id, actor=world.operator, now=at(1), reason="no"),
    "withdrawn": lambda one, world: withdraw_request(one.id, actor=world.lead, now=at(1)),
    "expired": lambda _, __: expire_due(at(2)),
}


@pytest.mark.parametrize("state", ENDS)
def test_every_other_end_leaves_the_booking_as_it_was(a_world: Worlds, state: str) -> None:
    world = a_world(policy=SOME)
    booking = book(world)
    request = grow(booking, world, window(23, 28), (world.pool, 12))
    ENDS[state](request, world)
    as_it_was(booking, world)
    assert events(booking.id)[-1] == f"change_{state}"
    for again in ENDS.values():
        if again is not ENDS["expired"]:
            with pytest.raises(IllegalMove) as caught:
                again(request, world)
            assert caught.value.state == state


def test_the_approval_makes_it_part_of_the_booking(a_world: Worlds) -> None:
    world = a_world(policy=SOME)
    booking = book(world)
    request = grow(booking, world, window(23, 28), (world.pool, 12))
    assert approve_request(request.id, actor=world.operator, now=at(1)).state is RequestState.APPROVED
    grown = found(booking.id)
    assert (grown.window, grown.version, grown.change_request) == (window(23, 28), 2, None)
    assert grown.unit_seconds == 12 * 5 * 3600
    assert levels(world.pool, window(20, 40)).changes == ((at(23), 12), (at(28), 0))
    assert totals(world.pool_grant) == Totals(60, 0)
    assert len(grown.history) == 2
    booking_moves.cancel_booking(booking.id, actor=world.lead, now=at(3))
    assert totals(world.pool_grant) == Totals(0, 0)


def test_an_extension_of_a_running_booking_is_held_no_longer_than_until_its_end(a_world: Worlds) -> None:
    world = a_world(policy={**SOME, "hold_minutes": 600})
    booking = book(world, 1, 3)
    due_bookings.start_due(at(1))
    request = grow(booking, world, window(1, 5), now=2)
    assert (request.hold_until, request.begins_at) == (at(3), at(3))
    with pytest.raises(Conflict):
        approve_request(request.id, actor=world.operator, now=at(3))
    approve_request(request.id, actor=world.operator, now=at(3) - SECOND)
    assert (found(booking.id).state, found(booking.id).window) == (State.ACTIVE, window(1, 5))
    due_bookings.complete_due(at(5))
    assert totals(world.pool_grant) == Totals(0, 32)


def test_where_nothing_is_held_it_is_judged_again_at_the_approval(a_world: Worlds) -> None:
    world = a_world(units=12, policy={**SOME, "hold_minutes": 0})
    booking = book(world)
    request = grow(booking, world, None, (world.pool, 12))
    assert (request.holds, request.hold_until) == (False, at(24))
    assert totals(world.pool_grant) == Totals(16, 0)
    rivals = book(world, 25, 26, units=4)
    with pytest.raises(Refused) as caught:
        approve_request(request.id, actor=world.operator, now=at(1))
    assert [refusal.code for refusal in caught.value.refusals] == [Code.CAPACITY_EXCEEDED]
    booking_moves.cancel_booking(rivals.id, actor=world.lead, now=at(1))
    approve_request(request.id, actor=world.operator, now=at(1))
    assert totals(world.pool_grant) == Totals(24, 0)


def test_everyone_who_is_asked_has_to_agree(a_world: Worlds) -> None:
    world = a_world(policy=SOME)
    booking = book(world)
    request = grow(booking, world, window(24, 28), (world.pool, 8), (world.other_pool, 8))
    assert request.waiting_for == {world.pool, world.other_pool}
    half = approve_request(request.id, actor=world.operator, now=at(1))
    assert (half.state, half.waiting_for) == (RequestState.OPEN, {world.other_pool})
    with pytest.raises(Conflict):
        approve_request(request.id, actor=world.operator, now=at(1))
    approve_request(request.id, actor=world.people["other_operator"], now=at(1))
    assert {claim.resource: claim.units for claim in found(booking.id).claims} == {World.POOL: 8, World.OTHER_POOL: 8}


def test_only_who_gets_more_is_asked(a_world: Worlds) -> None:
    world = a_world(policy=SOME, dataset_policy={"auto_approve_unit_hours": 0})
    booking = book(world, seats=1)
    booking_moves.approve_booking(booking.id, actor=world.steward, now=NOW)
    request = grow(booking, world, None, (world.pool, 12), (world.dataset, 1))
    assert request.waiting_for == {world.pool}


@pytest.mark.parametrize("verb", ["cancel", "revoke", "shrink", "ask again"])
def test_whatever_happens_to_the_booking_ends_the_request_first(a_world: Worlds, verb: str) -> None:
    world = a_world(policy=SOME)
    booking = book(world)
    request = grow(booking, world, window(24, 28))
    if verb == "cancel":
        booking_moves.cancel_booking(booking.id, actor=world.lead, now=at(1))
    elif verb == "revoke":
        booking_moves.revoke_booking(booking.id, actor=world.operator, now=at(1))
    else:
        new = window(24, 25) if verb == "shrink" else window(24, 29)
        change_booking(booking.id, window=new, claims=None, actor=world.lead, now=at(1), version=1)
    held = {"cancel": 0, "revoke": 0, "shrink": 8, "ask again": 40}[verb]
    assert totals(world.pool_grant) == Totals(held, 0)
    with pytest.raises(IllegalMove):
        withdraw_request(request.id, actor=world.lead, now=at(1))


def test_a_change_that_is_refused_ends_no_request(a_world: Worlds) -> None:
    world = a_world(policy=SOME)
    booking = book(world)
    request = grow(booking, world, window(24, 28))
    with pytest.raises(Refused):
        change_booking(booking.id, window=None, claims=(Claim(world.pool, 65),), actor=world.lead, now=at(1), version=1)
    assert found(booking.id).change_request == request


def test_what_grows_and_gives_up_at_once_is_told_what_can_be_done(a_world: Worlds) -> None:
    world = a_world(policy=SOME)
    booking = book(world)
    with pytest.raises(Conflict):
        change_booking(booking.id, window=window(25, 28), claims=None, actor=world.lead, now=NOW, version=1)
    as_it_was(booking, world)


def test_a_lapsed_request_does_not_stand_in_the_way(a_world: Worlds) -> None:
    world = a_world(units=8, policy=SOME)
    booking = book(world)
    grow(booking, world, window(24, 28))
    assert rival_books(world, window(26, 28), 8, now=2).state is State.CONFIRMED
    assert found(booking.id) == booking


def test_an_outage_takes_an_addition_before_any_booking(a_world: Worlds) -> None:
    world = a_world(units=16, policy=SOME)
    booking = book(world)
    request = grow(booking, world, None, (world.pool, 12))
    later = rival_books(world, window(24, 26), 4, now=0.5)
    outage = NewChange(-4, at(24), at(30), "a fan")
    capacity.add_capacity(World.POOL, outage, actor=world.operator, now=at(1))
    assert found(booking.id) == booking
    assert found(later.id).state is State.CONFIRMED
    with db.engine.connect() as connection:
        assert find_request(connection, request.id).state is RequestState.DECLINED
    assert events(booking.id)[-1] == "change_declined"


def test_only_owners_answer_and_only_the_team_withdraws(a_world: Worlds) -> None:
    world = a_world(policy=SOME)
    request = grow(book(world), world, window(24, 28))
    for actor, error in ((world.rival, NotFound), (world.lead, Forbidden), (world.steward, Forbidden)):
        with pytest.raises(error):
            approve_request(request.id, actor=actor, now=NOW)
    for actor, error in ((world.rival, NotFound), (world.operator, Forbidden), (world.member, Forbidden)):
        with pytest.raises(error):
            withdraw_request(request.id, actor=actor, now=NOW)


def test_what_is_asked_for_counts_in_the_limits_of_a_team(a_world: Worlds) -> None:
    world = a_world(policy={**SOME, "max_units_per_team": 12, "max_concurrent_bookings": 2})
    grow(book(world), world, None, (world.pool, 12))
    with pytest.raises(Refused) as caught:
        book(world, units=1)
    assert [refusal.code for refusal in caught.value.refusals] == [Code.CONCURRENCY_EXCEEDED]


def test_a_preview_asks_nobody(a_world: Worlds) -> None:
    world = a_world(policy=SOME)
    booking = book(world)
    change = preview_change(booking.id, window=window(24, 28), claims=None, actor=world.lead, now=NOW, version=1)
    assert (change.decision.approvals, change.decision.hold_until) == ({world.pool}, at(2))
    as_it_was(booking, world)


def test_an_addition_is_drawn_beside_what_the_booking_holds(a_world: Worlds) -> None:
    world = a_world(policy=SOME, pool_hours=33)
    booking = book(world)
    with pytest.raises(Refused) as caught:
        grow(booking, world, window(24, 29))
    assert [refusal.code for refusal in caught.value.refusals] == [Code.QUOTA_EXCEEDED]
    request = grow(booking, world, window(24, 28))
    assert entries(booking.id) == [("hold", 16), ("hold", 16)]
    withdraw_request(request.id, actor=world.lead, now=NOW)
    assert entries(booking.id) == [("hold", 16), ("hold", 16), ("release", 16)]
