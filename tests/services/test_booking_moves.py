"""Moves of a booking: who may, when, and what becomes of units and quota."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from booking.db import transaction
from booking.domain.bookings import Booking
from booking.domain.errors import Conflict, Forbidden, IllegalMove, NotFound
from booking.domain.lifecycle import State
from booking.domain.orders import Claim, Order
from booking.domain.permissions import Actor
from booking.domain.refusals import Code, Refused
from booking.models.bookings import Booking as Row
from booking.models.bookings import History
from booking.models.capacity import CapacityChange
from booking.models.resources import Resource
from booking.services import due_bookings
from booking.services.booking_moves import (
    accept_booking,
    approve_booking,
    cancel_booking,
    check_in,
    decline_booking,
    finish_booking,
    revoke_booking,
)
from booking.services.bookings import request_booking
from tests.support.lives import NOW, Totals, at, book, entries, events, found, levels, totals, window
from tests.support.world import World

Worlds = Callable[..., World]
Move = Callable[..., Booking]
SECOND = timedelta(seconds=1)
WAITING = {"auto_approve_unit_hours": 0}
MOVES: dict[str, Move] = {
    "accept": accept_booking, "approve": approve_booking, "cancel": cancel_booking, "check in": check_in,
    "decline": decline_booking, "finish": finish_booking, "revoke": revoke_booking,
}  # fmt: skip


def both_owners(world: World, *, now: float = 0) -> Booking:
    """A booking of the northern and the southern pool."""
    claims = (Claim(world.pool, 2), Claim(world.other_pool, 1))
    return request_booking(Order(world.team, window(24, 26), claims), actor=world.lead, now=at(now))


def change_offer(resource_id: int, **policy: object) -> None:
    """Let the owner set another policy."""
    with transaction() as session:
        row = session.get(Resource, resource_id)
        row.policy, row.version, row.offer_version = {**row.policy, **policy}, row.version + 1, row.offer_version + 1


# Approval --------------------------------------------------------------------------------------------


def test_the_last_owners_yes_confirms(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    booking = both_owners(world)
    assert booking.waiting_for == {world.pool, world.other_pool}

    first = approve_booking(booking.id, actor=world.operator, now=at(1))
    assert (first.state, first.waiting_for) == (State.PENDING, {world.other_pool})
    with pytest.raises(Conflict):
        approve_booking(booking.id, actor=world.operator, now=at(1))

    last = approve_booking(booking.id, actor=world.people["other_operator"], now=at(2))
    assert (last.state, last.waiting_for, last.hold_until) == (State.CONFIRMED, frozenset(), None)
    assert totals(world.pool_grant) == Totals(6, 0)


def test_the_first_no_declines_and_gives_everything_back(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    booking = both_owners(world)
    approve_booking(booking.id, actor=world.operator, now=at(1))
    declined = decline_booking(booking.id, actor=world.people["other_operator"], now=at(2), reason="no power")
    assert (declined.state, declined.ended_at, declined.history[-1].reason) == (State.DECLINED, at(2), "no power")
    assert totals(world.pool_grant) == Totals(0, 0)
    for pool in (world.pool, world.other_pool):
        assert levels(pool, window(23, 27)).highest(window(23, 27)) == 0


def test_the_steward_answers_for_the_dataset_and_not_for_the_pool(a_world: Worlds) -> None:
    world = a_world(policy=WAITING, dataset_policy=WAITING)
    booking = book(world, seats=1)
    approve_booking(booking.id, actor=world.steward, now=NOW)
    assert found(booking.id).waiting_for == {world.pool}
    assert approve_booking(booking.id, actor=world.operator, now=NOW).state is State.CONFIRMED


def test_an_administrator_answers_for_everyone(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    assert approve_booking(both_owners(world).id, actor=world.admin, now=NOW).state is State.CONFIRMED


def test_nobody_else_answers(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    booking = book(world)
    answers: list[tuple[Actor, type[Exception]]] = [
        (world.lead, Forbidden), (world.steward, Forbidden), (world.people["other_operator"], NotFound),
        (world.rival, NotFound), (world.people["funder"], NotFound),
    ]  # fmt: skip
    for actor, error in answers:
        for move in (approve_booking, decline_booking):
            with pytest.raises(error):
                move(booking.id, actor=actor, now=NOW)


def test_an_answer_that_comes_too_late_is_none(a_world: Worlds) -> None:
    world = a_world(policy={**WAITING, "hold_minutes": 60})
    booking = book(world)
    with pytest.raises(Conflict):
        approve_booking(booking.id, actor=world.operator, now=at(1))
    assert approve_booking(booking.id, actor=world.operator, now=at(1) - SECOND).state is State.CONFIRMED


def test_what_no_longer_fits_when_it_is_approved_is_refused_and_goes_on_waiting(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    booking = book(world, units=40)
    with transaction() as session:
        session.add(
            CapacityChange(
                resource_id=world.pool, kind="outage", units=40, starts_at=at(25), ends_at=at(26), created_at=NOW,
            )
        )  # fmt: skip
        session.get(Resource, world.pool).offer_version += 1
    with pytest.raises(Refused) as caught:
        approve_booking(booking.id, actor=world.operator, now=NOW)
    assert [refusal.code for refusal in caught.value.refusals] == [Code.CAPACITY_EXCEEDED]
    assert found(booking.id) == booking
    decline_booking(booking.id, actor=world.operator, now=NOW)


def test_of_competing_requests_that_hold_nothing_the_first_approved_wins(a_world: Worlds) -> None:
    world = a_world(units=8, policy={**WAITING, "hold_minutes": 0})
    first, second = book(world, units=8), book(world, units=8)
    approved = approve_booking(second.id, actor=world.operator, now=at(1))
    assert approved.holds
    assert levels(world.pool, window(23, 27)).changes == ((at(24), 8), (at(26), 0))
    assert totals(world.pool_grant) == Totals(16, 0)
    with pytest.raises(Refused):
        approve_booking(first.id, actor=world.operator, now=at(1))


def test_what_held_nothing_is_judged_and_priced_by_the_policy_at_its_approval(a_world: Worlds) -> None:
    world = a_world(policy={**WAITING, "hold_minutes": 0})
    booking = book(world, units=8)
    change_offer(world.pool, weight_percent=200, late_cancel_percent=50)
    approved = approve_booking(booking.id, actor=world.operator, now=at(1))
    assert totals(world.pool_grant) == Totals(32, 0)
    assert approved.claims[0].terms.whole == 32 * 3600
    cancel_booking(booking.id, actor=world.lead, now=at(24) + SECOND)
    assert totals(world.pool_grant) == Totals(0, 16)


def test_what_is_held_keeps_the_terms_that_were_agreed(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    booking = book(world, units=8)
    change_offer(world.pool, weight_percent=200, late_cancel_percent=50)
    approve_booking(booking.id, actor=world.operator, now=at(1))
    cancel_booking(booking.id, actor=world.lead, now=at(24))
    assert totals(world.pool_grant) == Totals(0, 0)


def test_notice_is_not_asked_for_again_at_approval(a_world: Worlds) -> None:
    world = a_world(policy={**WAITING, "notice_minutes": 600})
    booking = book(world, 11, 13)
    assert approve_booking(booking.id, actor=world.operator, now=at(10)).state is State.CONFIRMED


# Giving up -------------------------------------------------------------------------------------------


def test_cancelling_twice_gives_back_once(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world)
    cancelled = cancel_booking(booking.id, actor=world.lead, now=at(1), reason="data came late")
    assert (cancelled.state, cancelled.version, cancelled.ended_at) == (State.CANCELLED, 2, at(1))
    with pytest.raises(IllegalMove) as caught:
        cancel_booking(booking.id, actor=world.lead, now=at(2))
    assert caught.value.state == State.CANCELLED
    assert entries(booking.id) == [("hold", 16), ("release", 16)]
    assert events(booking.id) == ["confirmed", "cancelled"]


def test_a_lead_gives_up_any_booking_of_the_team_and_a_member_his_own(a_world: Worlds) -> None:
    world = a_world()
    of_lead = book(world)
    of_member = request_booking(world.order(window(30, 32)), actor=world.member, now=NOW)
    with pytest.raises(Forbidden):
        cancel_booking(of_lead.id, actor=world.member, now=NOW)
    with pytest.raises(Forbidden):
        cancel_booking(of_lead.id, actor=world.operator, now=NOW)
    with pytest.raises(NotFound):
        cancel_booking(of_lead.id, actor=world.rival, now=NOW)
    assert cancel_booking(of_member.id, actor=world.member, now=NOW).state is State.CANCELLED
    assert cancel_booking(of_lead.id, actor=world.lead, now=NOW).state is State.CANCELLED


def test_what_waits_is_given_up_for_nothing_even_after_the_cut_off(a_world: Worlds) -> None:
    world = a_world(policy={**WAITING, "cancel_cutoff_minutes": 10_000, "late_cancel_percent": 100})
    cancel_booking(book(world).id, actor=world.lead, now=at(23))
    assert totals(world.pool_grant) == Totals(0, 0)


# Running and finishing -------------------------------------------------------------------------------


def test_units_are_free_from_the_next_step_and_charges_are_to_the_second(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, 1, 3, units=8)
    due_bookings.start_due(at(1))
    finished = finish_booking(booking.id, actor=world.lead, now=at(1.5) + SECOND)
    assert (finished.state, finished.ended_at) == (State.COMPLETED, at(1.5) + SECOND)
    assert levels(world.pool, window(0, 4)).changes == ((at(1), 8), (at(1.75), 0))
    assert entries(booking.id) == [("hold", 16), ("charge", 8 * 1801 / 3600), ("release", 8 * 5399 / 3600)]


def test_what_the_clock_has_begun_can_be_finished_before_the_scheduler_comes_by(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, 1, 3)
    finished = finish_booking(booking.id, actor=world.lead, now=at(2))
    assert [move.after for move in finished.history] == [State.CONFIRMED, State.ACTIVE, State.COMPLETED]
    assert events(booking.id) == ["confirmed", "active", "completed"]
    assert totals(world.pool_grant) == Totals(0, 8)


def test_what_has_not_begun_cannot_be_finished(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, 1, 3)
    with pytest.raises(IllegalMove) as caught:
        finish_booking(booking.id, actor=world.lead, now=at(1) - SECOND)
    assert caught.value.state == State.CONFIRMED


def test_what_runs_cannot_be_cancelled_and_finishing_is_for_lead_and_requester(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, 1, 3)
    due_bookings.start_due(at(1))
    with pytest.raises(IllegalMove):
        cancel_booking(booking.id, actor=world.lead, now=at(2))
    with pytest.raises(Forbidden):
        finish_booking(booking.id, actor=world.member, now=at(2))
    assert finish_booking(booking.id, actor=world.lead, now=at(2)).state is State.COMPLETED


def test_a_booking_that_ran_to_its_end_is_charged_whole(a_world: Worlds) -> None:
    world = a_world(policy={"late_cancel_percent": 100})
    booking = book(world, 1, 3)
    due_bookings.start_due(at(1))
    due_bookings.complete_due(at(3) - SECOND)
    assert found(booking.id).state is State.ACTIVE
    due_bookings.complete_due(at(9))
    assert found(booking.id).state is State.COMPLETED
    assert totals(world.pool_grant) == Totals(0, 16)


def test_an_owner_takes_back_what_is_confirmed_or_runs_and_only_what_was_served_is_paid(a_world: Worlds) -> None:
    world = a_world(policy={"cancel_cutoff_minutes": 10_000, "late_cancel_percent": 100})
    ahead, running = book(world, 24, 26), book(world, 1, 3)
    due_bookings.start_due(at(1))
    with pytest.raises(Forbidden):
        revoke_booking(ahead.id, actor=world.lead, now=at(2))
    for booking in (ahead, running):
        assert revoke_booking(booking.id, actor=world.operator, now=at(2), reason="fire").state is State.REVOKED
        with pytest.raises(IllegalMove):
            revoke_booking(booking.id, actor=world.operator, now=at(2))
    assert totals(world.pool_grant) == Totals(0, 8)


def test_what_waits_is_declined_and_not_revoked(a_world: Worlds) -> None:
    world = a_world(policy=WAITING)
    with pytest.raises(IllegalMove):
        revoke_booking(book(world).id, actor=world.operator, now=NOW)


def test_what_has_ended_stays_as_it_is_whatever_is_tried(a_world: Worlds) -> None:
    world = a_world()
    booking = cancel_booking(book(world).id, actor=world.lead, now=NOW)
    for verb, move in MOVES.items():
        with pytest.raises(IllegalMove) as caught:
            move(booking.id, actor=world.admin, now=at(1))
        assert (caught.value.state, caught.value.verb) == (State.CANCELLED, verb)
    assert found(booking.id) == booking


def test_a_booking_that_nobody_made_is_not_found(a_world: Worlds) -> None:
    world = a_world()
    for move in MOVES.values():
        with pytest.raises(NotFound):
            move(1, actor=world.admin, now=NOW)


# Offers ----------------------------------------------------------------------------------------------


def offered(world: World) -> Booking:
    """A booking that is held for the team until it answers."""
    booking = book(world)
    with transaction() as session:
        session.execute(update(Row).where(Row.id == booking.id).values(state="offered", hold_until=at(2)))
        session.execute(update(History).where(History.booking_id == booking.id).values(to_state="offered"))
    return found(booking.id)


def test_an_offer_is_taken_by_any_member_until_it_lapses(a_world: Worlds) -> None:
    world = a_world()
    first, second = offered(world), offered(world)
    accepted = accept_booking(first.id, actor=world.member, now=at(2) - SECOND)
    assert (accepted.state, accepted.hold_until) == (State.CONFIRMED, None)
    with pytest.raises(Conflict):
        accept_booking(second.id, actor=world.member, now=at(2))
    due_bookings.expire_due(at(2))
    assert found(second.id).state is State.EXPIRED
    assert totals(world.pool_grant) == Totals(16, 0)


def test_an_offer_is_for_the_team_alone(a_world: Worlds) -> None:
    world = a_world()
    booking = offered(world)
    with pytest.raises(NotFound):
        accept_booking(booking.id, actor=world.rival, now=NOW)
    with pytest.raises(Forbidden):
        accept_booking(booking.id, actor=world.operator, now=NOW)
    with pytest.raises(IllegalMove) as caught:
        approve_booking(booking.id, actor=world.operator, now=NOW)
    assert caught.value.state == State.OFFERED
    assert decline_booking(booking.id, actor=world.member, now=NOW).state is State.DECLINED
