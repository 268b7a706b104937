"""Counter-offers and approvals in part: what a waiting booking held is held for what it becomes."""

from collections.abc import Callable

import pytest

from booking.domain.bookings import Booking
from booking.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from booking.domain.lifecycle import State
from booking.domain.orders import Claim, Order
from booking.domain.refusals import Code, Refused
from booking.domain.windows import Window
from booking.services import due_bookings
from booking.services.booking_moves import accept_booking, approve_booking, decline_booking
from booking.services.bookings import request_booking
from booking.services.counter_offers import counter_offer
from tests.support.lives import NOW, Totals, at, book, events, found, levels, totals, window
from tests.support.world import World

Worlds = Callable[..., World]
WAITING = {"auto_approve_unit_hours": 0}


def offer(
    booking: Booking, world: World, new: Window | None = None, *claims: tuple[int, int], **more: object
) -> Booking:
    """What the operator offers instead, at one o'clock from now."""
    usual = {"hold_until": None, "actor": world.operator, "now": at(1), "reason": "the cooling is weak"}
    asked = tuple(Claim(*claim) for claim in claims) or None
    return counter_offer(booking.id, window=new, claims=asked, **{**usual, **more})  # type: ignore[arg-type]


def test_an_offer_takes_the_place_of_what_was_asked_for(a_world: Worlds) -> None:
    world = a_world(units=8, policy=WAITING)
    booking = book(world)
    offered = offer(booking, world, window(25, 27), (world.pool, 6))
    assert (offered.state, offered.hold_until, offered.counter_of) == (State.OFFERED, at(25), booking.id)
    declined = found(booking.id)
    assert declined.state is State.DECLINED
    assert declined.history[-1].reason == f"booking {offered.id} is offered instead: the cooling is weak"
    assert levels(world.pool, window(20, 30)).changes == ((at(25), 6), (at(27), 0))
    assert totals(world.pool_grant) == Totals(12, 0)
    assert (events(booking.id), events(offered.id)) == (["pending", "declined"], ["offered"])


def test_the_team_takes_it_with_the_owners_yes_given(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    offered = offer(book(world), world, window(25, 27))
    assert accept_booking(offered.id, actor=world.member, now=at(2)).state is State.CONFIRMED
    assert totals(world.pool_grant) == Totals(16, 0)


@pytest.mark.parametrize("end", ["declined", "expired"])
def test_what_the_team_does_not_take_is_let_go(a_world: Worlds, end: str) -> None:
    world = a_world(policy=WAITING)
    offered = offer(book(world), world, window(25, 27), hold_until=at(3))
    if end == "declined":
        decline_booking(offered.id, actor=world.lead, now=at(2))
    else:
        due_bookings.expire_due(at(3))
    assert found(offered.id).state == end
    assert totals(world.pool_grant) == Totals(0, 0)
    assert levels(world.pool, window(20, 30)).changes == ()


def test_other_owners_are_asked_once_the_team_has_taken_it(a_world: Worlds) -> None:
    world = a_world(policy={**WAITING, "hold_minutes": 60})
    both = Order(world.team, window(24, 26), (Claim(world.pool, 8), Claim(world.other_pool, 4)), "training")
    booking = request_booking(both, actor=world.lead, now=NOW)
    offered = offer(booking, world, window(25, 27), now=at(0.5))
    assert offered.waiting_for == {world.other_pool}
    taken = accept_booking(offered.id, actor=world.lead, now=at(2))
    assert (taken.state, taken.hold_until) == (State.PENDING, at(3))
    done = approve_booking(offered.id, actor=world.people["other_operator"], now=at(2.5))
    assert done.state is State.CONFIRMED
    assert totals(world.pool_grant) == Totals(24, 0)


def test_an_offer_is_judged_like_a_request_and_changes_nothing_where_it_is_refused(a_world: Worlds) -> None:
    world = a_world(units=8, policy=WAITING)
    booking = book(world)
    for new, claims, code in (
        (window(25.1, 27), (), Code.OFF_GRID),
        (None, ((world.pool, 9),), Code.CAPACITY_EXCEEDED),
    ):
        with pytest.raises(Refused) as caught:
            offer(booking, world, new, *claims)
        assert [refusal.code for refusal in caught.value.refusals] == [code]
    assert found(booking.id) == booking


def test_an_offer_needs_a_reason_a_difference_and_time_to_answer(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    booking = book(world)
    wrong: list[tuple[Window | None, dict[str, object], str]] = [
        (window(25, 27), {"reason": " "}, "reason"),
        (None, {}, "starts_at"),
        (window(1, 3), {}, "starts_at"),
        (window(25, 27), {"hold_until": at(26)}, "hold_until"),
    ]
    for new, more, field in wrong:
        with pytest.raises(Invalid) as caught:
            offer(booking, world, new, **more)
        assert caught.value.field == field
    with pytest.raises(Invalid):
        offer(booking, world, None, (world.other_pool, 4))
    assert found(booking.id) == booking


def test_only_who_is_asked_makes_an_offer_and_only_while_it_waits(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    booking = book(world)
    for actor, error in ((world.rival, NotFound), (world.lead, Forbidden), (world.steward, Forbidden)):
        with pytest.raises(error):
            offer(booking, world, window(25, 27), actor=actor)
    offer(booking, world, window(25, 27))
    with pytest.raises(IllegalMove):
        offer(booking, world, window(26, 28))


def asked_for(world: World, units: int, least: int, *, other: int = 0) -> Booking:
    """A booking of which fewer would do."""
    more = (Claim(world.other_pool, other),) if other else ()
    order = Order(world.team, window(24, 26), (Claim(world.pool, units, least), *more), "training")
    return request_booking(order, actor=world.lead, now=NOW)


@pytest.mark.parametrize("hold_minutes", [2880, 0])
def test_a_yes_in_part_confirms_at_once(a_world: Worlds, hold_minutes: int) -> None:
    world = a_world(policy={**WAITING, "hold_minutes": hold_minutes})
    booking = asked_for(world, 8, 4)
    done = approve_booking(booking.id, actor=world.operator, now=at(1), claims=[Claim(world.pool, 5)])
    assert (done.state, done.claims[0].units, done.claims[0].approval) == (State.CONFIRMED, 5, "given")
    assert levels(world.pool, window(20, 30)).changes == ((at(24), 5), (at(26), 0))
    assert totals(world.pool_grant) == Totals(10, 0)
    assert events(booking.id) == ["pending", "confirmed"]


def test_a_yes_in_part_waits_for_the_others(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    booking = asked_for(world, 8, 4, other=4)
    half = approve_booking(booking.id, actor=world.operator, now=at(1), claims=[Claim(world.pool, 4)])
    assert (half.state, half.waiting_for) == (State.PENDING, {world.other_pool})
    assert totals(world.pool_grant) == Totals(16, 0)
    with pytest.raises(Conflict):
        approve_booking(booking.id, actor=world.operator, now=at(1))
    done = approve_booking(booking.id, actor=world.people["other_operator"], now=at(1))
    assert done.state is State.CONFIRMED


def test_fewer_than_the_least_quantity_is_no_yes(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    booking = asked_for(world, 8, 4)
    with pytest.raises(Invalid):
        approve_booking(booking.id, actor=world.operator, now=at(1), claims=[Claim(world.pool, 3)])
    assert found(booking.id) == booking
