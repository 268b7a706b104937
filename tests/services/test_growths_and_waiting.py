"""Growths, counter-offers and the wait list: who waits is served before either takes units, and of what they free."""

from collections.abc import Callable

import pytest

from booking.domain.bookings import Booking
from booking.domain.change_requests import ChangeRequest
from booking.domain.lifecycle import State
from booking.domain.orders import Claim
from booking.domain.refusals import Code, Refused
from booking.domain.waitlist import EntryState
from booking.services import waitlist
from booking.services.booking_edits import change_booking
from booking.services.booking_moves import cancel_booking
from booking.services.change_requests import approve_request, decline_request
from booking.services.counter_offers import counter_offer
from tests.support.lives import NOW, at, book, found, window
from tests.support.waiting import entry, join, offer_of, owes_look, take
from tests.support.world import World

Worlds = Callable[..., World]
SOME = {"auto_approve_unit_hours": 20}
"""Eight units over two hours are confirmed at once, and twelve wait for their owner."""


def grow(world: World, booking: Booking) -> ChangeRequest:
    """The request for all twelve of the pool."""
    claims = (Claim(world.pool, 12),)
    asked = change_booking(booking.id, window=None, claims=claims, actor=world.lead, now=NOW, version=1)
    assert asked.change_request is not None
    return asked.change_request


def frees_while_somebody_waits(world: World) -> int:
    """The entry of somebody who waits for the four units beside the team's eight, which have become free just now."""
    rest = take(world, units=4, rival=True)
    waiting = join(world, 4, team_id=world.rival_team)
    cancel_booking(rest.id, actor=world.rival, now=NOW)
    assert owes_look(world.pool)
    return waiting.id


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[Code]:
    return {one.code for one in refused.value.refusals}


def test_what_a_request_lets_go_is_offered_to_who_waits(a_world: Worlds) -> None:
    world = a_world(units=12, policy=SOME)
    request = grow(world, book(world))
    waiting = join(world, 4, team_id=world.rival_team)
    assert (waiting.state, owes_look(world.pool)) == (EntryState.WAITING, False)
    decline_request(request.id, actor=world.operator, now=at(1), reason="no")
    assert owes_look(world.pool)
    waitlist.serve_due(at(1))
    assert offer_of(waiting.id).state is State.OFFERED


def test_a_request_comes_after_those_who_wait(a_world: Worlds) -> None:
    world = a_world(units=12, policy=SOME)
    booking = book(world)
    waiting = frees_while_somebody_waits(world)
    with pytest.raises(Refused) as refused:
        grow(world, booking)
    assert codes(refused) == {Code.CAPACITY_EXCEEDED}
    assert (entry(waiting).state, found(booking.id).change_request) == (EntryState.OFFERED, None)


def test_a_yes_to_what_holds_nothing_comes_after_those_who_wait(a_world: Worlds) -> None:
    world = a_world(units=12, policy={**SOME, "hold_minutes": 0})
    booking = book(world)
    request = grow(world, booking)
    waiting = frees_while_somebody_waits(world)
    with pytest.raises(Refused) as refused:
        approve_request(request.id, actor=world.operator, now=NOW)
    assert codes(refused) == {Code.CAPACITY_EXCEEDED}
    assert (entry(waiting).state, found(booking.id).change_request) == (EntryState.OFFERED, request)


def test_a_counter_offer_comes_after_those_who_wait_but_for_a_part_of_what_is_held(a_world: Worlds) -> None:
    world = a_world(units=12, policy={"auto_approve_unit_hours": 0})
    pending, another = book(world), book(world, 30, 32)
    waiting = frees_while_somebody_waits(world)
    said = {"window": None, "hold_until": None, "actor": world.operator, "now": NOW, "reason": "racks"}
    offer = counter_offer(pending.id, claims=(Claim(world.pool, 6),), **said)
    assert (offer.state, entry(waiting).state, owes_look(world.pool)) == (State.OFFERED, EntryState.WAITING, True)

    there = {**said, "window": window(24, 26), "claims": (Claim(world.pool, 6),)}
    with pytest.raises(Refused) as refused:
        counter_offer(another.id, **there)
    assert codes(refused) == {Code.CAPACITY_EXCEEDED}
    assert (entry(waiting).state, found(another.id).state) == (EntryState.OFFERED, State.PENDING)
