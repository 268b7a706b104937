"""Edits of a booking: judged on what they change, its own share counting as free."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from booking.domain.bookings import Booking
from booking.domain.errors import Forbidden, IllegalMove, Invalid, NotFound, Stale
from booking.domain.lifecycle import State
from booking.domain.orders import Claim
from booking.domain.permissions import Actor
from booking.domain.refusals import Code, Refused
from booking.domain.windows import Window
from booking.services import due_bookings
from booking.services.booking_edits import change_booking, preview_change
from booking.services.booking_moves import approve_booking, cancel_booking, check_in
from booking.services.bookings import request_booking
from tests.support.lives import NOW, Totals, at, book, events, found, levels, totals, window
from tests.support.world import World

Worlds = Callable[..., World]
SECOND = timedelta(seconds=1)
WAITING = {"auto_approve_unit_hours": 0}


def change(
    booking: Booking,
    actor: Actor,
    new: Window | None = None,
    *claims: tuple[int, int],
    now: float = 0,
    version: int | None = None,
) -> Booking:
    """The booking after a change of its window, or of its claims where some are given."""
    return change_booking(
        booking.id,
        window=new,
        claims=tuple(Claim(*claim) for claim in claims) or None,
        actor=actor,
        now=at(now),
        version=version or booking.version,
    )


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[Code]:
    return [refusal.code for refusal in caught.value.refusals]


def test_a_move_takes_units_and_quota_along(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, units=64)
    moved = change(booking, world.lead, window(25, 28))
    assert (moved.window, moved.version, moved.unit_seconds) == (window(25, 28), 2, 64 * 3 * 3600)
    assert levels(world.pool, window(23, 29)).changes == ((at(25), 64), (at(28), 0))
    assert totals(world.pool_grant) == Totals(192, 0)
    assert events(booking.id) == ["confirmed", "changed"]


def test_its_own_hold_is_not_counted_against_it(a_world: Worlds) -> None:
    world = a_world(units=8, pool_hours=16, policy={"max_units_per_team": 8, "max_concurrent_bookings": 1})
    booking = book(world, units=8)
    assert change(booking, world.lead, window(25, 27)).window == window(25, 27)
    assert totals(world.pool_grant) == Totals(16, 0)


def test_a_refused_change_changes_nothing(a_world: Worlds) -> None:
    world = a_world(units=8, pool_hours=20)
    booking = book(world, units=8)
    for new, claims in ((window(24, 28), ()), (None, ((world.pool, 9),)), (window(24.1, 26), ())):
        with pytest.raises(Refused):
            change(booking, world.lead, new, *claims)
    assert found(booking.id) == booking
    assert totals(world.pool_grant) == Totals(16, 0)


RULES: list[tuple[dict[str, Any], Window, Code]] = [
    ({}, window(24.1, 26), Code.OFF_GRID),
    ({"max_minutes": 120}, window(24, 27), Code.TOO_LONG),
    ({"min_minutes": 120}, window(30, 31), Code.TOO_SHORT),
    ({"notice_minutes": 600}, window(9, 11), Code.TOO_SOON),
    ({"horizon_days": 2}, window(47, 49), Code.BEYOND_HORIZON),
    ({}, window(-1, 1), Code.IN_THE_PAST),
]


@pytest.mark.parametrize(("policy", "new", "code"), RULES, ids=[code.value for _, _, code in RULES])
def test_every_rule_of_a_request_holds_for_a_change(
    a_world: Worlds, policy: dict[str, Any], new: Window, code: Code
) -> None:
    world = a_world(policy=policy)
    booking = book(world)
    with pytest.raises(Refused) as caught:
        change(booking, world.lead, new)
    assert codes(caught) == [code]
    assert found(booking.id) == booking


def test_a_shrink_is_always_allowed(a_world: Worlds) -> None:
    world = a_world(policy={"notice_minutes": 600, "min_minutes": 120, "unit_step": 4})
    booking = book(world)
    assert change(booking, world.lead, window(24.5, 25), (world.pool, 4), now=23).unit_seconds == 4 * 1800
    assert totals(world.pool_grant) == Totals(2, 0)


def test_another_resource_is_claimed_and_the_old_one_let_go(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world)
    moved = change(booking, world.lead, None, (world.other_pool, 4), (world.dataset, 1))
    assert {claim.resource: claim.units for claim in moved.claims} == {World.OTHER_POOL: 4, World.DATASET: 1}
    assert levels(world.pool, window(23, 27)).changes == ()
    assert levels(world.other_pool, window(23, 27)).changes == ((at(24), 4), (at(26), 0))
    assert (totals(world.pool_grant), totals(world.dataset_grant)) == (Totals(8, 0), Totals(2, 0))


def test_a_stale_change_is_refused_with_the_present_version(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world)
    change(booking, world.lead, window(25, 27))
    with pytest.raises(Stale) as caught:
        change(booking, world.lead, window(26, 28), version=1)
    assert caught.value.version == 2


def test_who_may_cancel_may_change_and_nobody_else(a_world: Worlds) -> None:
    world = a_world()
    booking = request_booking(world.order(window(24, 26)), actor=world.member, now=NOW)
    assert change(booking, world.lead, window(25, 27)).version == 2
    assert change(booking, world.member, window(24, 26), version=2).version == 3
    of_lead = book(world)
    denied: list[tuple[Actor, type[Exception]]] = [
        (world.member, Forbidden), (world.operator, Forbidden), (world.rival, NotFound),
    ]  # fmt: skip
    for actor, error in denied:
        with pytest.raises(error):
            change(of_lead, actor, window(25, 27))


def test_what_has_ended_stays_as_it_is(a_world: Worlds) -> None:
    world = a_world()
    booking = cancel_booking(book(world).id, actor=world.lead, now=NOW)
    with pytest.raises(IllegalMove) as caught:
        change(booking, world.lead, window(25, 27))
    assert caught.value.state == State.CANCELLED
    assert found(booking.id) == booking


def test_of_a_running_booking_only_the_end_moves_and_not_into_the_past(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, 1, 3)
    due_bookings.start_due(at(1))
    running = found(booking.id)
    for new, claims in ((window(0.5, 3), ()), (window(1, 2), ()), (None, ((world.pool, 4),))):
        with pytest.raises(Invalid):
            change(running, world.lead, new, *claims, now=2)
    shorter = change(running, world.lead, window(1, 2.5), now=2)
    assert (shorter.state, shorter.window) == (State.ACTIVE, window(1, 2.5))
    longer = change(shorter, world.lead, window(1, 5), now=2)
    assert levels(world.pool, window(0, 6)).changes == ((at(1), 8), (at(5), 0))
    assert longer.version == 4


def test_a_running_booking_keeps_its_claims_in_whatever_order_they_are_named(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, 1, 3, seats=1)
    due_bookings.start_due(at(1))
    claims = ((world.dataset, 1), (world.pool, 8))
    assert change(found(booking.id), world.lead, window(1, 4), *claims, now=2).window == window(1, 4)


def test_of_a_booking_that_began_by_the_clock_the_start_stays_too(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, 1, 3)
    with pytest.raises(Invalid):
        change(booking, world.lead, window(2, 4), now=1.5)


def test_growth_over_the_threshold_is_asked_for_and_what_is_confirmed_stays(a_world: Worlds) -> None:
    world = a_world(policy={"auto_approve_unit_hours": 20})
    booking = book(world)
    asked = change(booking, world.lead, window(24, 28))
    assert asked.change_request is not None
    assert (asked.window, asked.version, asked.history) == (booking.window, 1, booking.history)


def test_what_waits_is_changed_and_goes_on_waiting(a_world: Worlds) -> None:
    world = a_world(policy={**WAITING, "hold_minutes": 120})
    booking = book(world)
    smaller = change(booking, world.lead, window(24, 25), now=1)
    assert (smaller.state, smaller.hold_until, smaller.waiting_for) == (State.PENDING, at(2), {world.pool})
    larger = change(smaller, world.lead, window(24, 27), now=1)
    assert (larger.state, larger.hold_until) == (State.PENDING, at(3))
    assert totals(world.pool_grant) == Totals(24, 0)
    assert approve_booking(booking.id, actor=world.operator, now=at(2.5)).state is State.CONFIRMED


def test_what_waits_without_holding_goes_on_holding_nothing_when_it_shrinks(a_world: Worlds) -> None:
    world = a_world(policy={**WAITING, "hold_minutes": 0})
    booking = book(world)
    smaller = change(booking, world.lead, window(24, 25))
    assert (smaller.state, smaller.holds) == (State.PENDING, False)
    assert totals(world.pool_grant) == Totals(0, 0)
    assert levels(world.pool, window(23, 27)).changes == ()
    approve_booking(booking.id, actor=world.operator, now=at(1))
    assert totals(world.pool_grant) == Totals(8, 0)


def test_what_is_added_to_a_waiting_booking_waits_for_its_owner(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    booking = book(world)
    wider = change(booking, world.lead, None, (world.pool, 8), (world.other_pool, 1))
    assert wider.waiting_for == {world.pool, world.other_pool}
    approve_booking(booking.id, actor=world.operator, now=NOW)
    assert found(booking.id).state is State.PENDING


def test_a_change_of_the_end_leaves_the_grace_as_it_was(a_world: Worlds) -> None:
    """Otherwise a team that does not come could put off its no-show again and again."""
    world = a_world(policy={"check_in_minutes": 30})
    booking = book(world, 2, 4)
    longer = change(booking, world.lead, window(2, 5), now=2.4)
    assert (longer.check_in_from, longer.check_in_until) == (at(1.5), at(2.5))
    due_bookings.release_no_shows(at(2.5))
    assert found(booking.id).state is State.NO_SHOW


def test_who_has_checked_in_is_checked_in_unless_the_start_moves(a_world: Worlds) -> None:
    world = a_world(policy={"check_in_minutes": 30})
    booking = check_in(book(world, 2, 4).id, actor=world.lead, now=at(1.6))
    longer = change(booking, world.lead, window(2, 5), now=1.7)
    assert longer.checked_in_at == at(1.6)
    later = change(longer, world.lead, window(3, 5), now=1.8)
    assert (later.checked_in_at, later.check_in_from, later.check_in_until) == (None, at(2.5), at(3.5))


def test_a_preview_says_what_a_change_would_do_and_does_nothing(a_world: Worlds) -> None:
    world = a_world(policy={"cancel_cutoff_minutes": 120, "late_cancel_percent": 50})
    booking = book(world)
    preview = preview_change(booking.id, window=window(24, 25), claims=None, actor=world.lead, now=at(23), version=1)
    assert preview.decision.refusals == ()
    assert sum(line.unit_seconds for lines in preview.charged.values() for line in lines) == 4 * 3600
    assert found(booking.id) == booking
    change(booking, world.lead, window(24, 25), now=23)
    assert totals(world.pool_grant) == Totals(8, 4)
