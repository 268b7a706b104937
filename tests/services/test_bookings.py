"""Requests for bookings: what is held, what is refused, and what is settled before anything is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from booking.db import db, transaction
from booking.domain.errors import Invalid
from booking.domain.lifecycle import State
from booking.domain.orders import Claim, Order
from booking.domain.refusals import Code, Refused
from booking.models.bookings import Booking as BookingRow
from booking.models.resources import Resource
from booking.models.teams import Team
from booking.services.booking_moves import cancel_booking
from booking.services.bookings import Key, Request, decide_in_turn, preview_booking, request_booking
from tests.support.lives import NOW, Totals, at, book, entries, events, found, levels, totals, window
from tests.support.world import World

Worlds = Callable[..., World]


def refused(world: World, *claims: tuple[int, int], start: float = 24, end: float = 26, now: float = 0) -> list[Code]:
    """The codes with which a request of the lead is refused."""
    order = Order(world.team, window(start, end), tuple(Claim(*claim) for claim in claims))
    with pytest.raises(Refused) as caught:
        request_booking(order, actor=world.lead, now=at(now))
    return [refusal.code for refusal in caught.value.refusals]


def test_a_request_holds_units_and_quota_and_is_told_of(a_world: Worlds) -> None:
    world = a_world()
    booking = book(world, units=8, seats=1)
    assert booking.state is State.CONFIRMED
    assert levels(world.pool, window(23, 27)).changes == ((at(24), 8), (at(26), 0))
    assert levels(world.dataset, window(23, 27)).changes == ((at(24), 1), (at(26), 0))
    assert totals(world.pool_grant) == Totals(16, 0)
    assert totals(world.dataset_grant) == Totals(2, 0)
    assert entries(booking.id) == [("hold", 16), ("hold", 2)]
    assert events(booking.id) == ["confirmed"]


def test_what_a_request_answers_is_what_stands_in_the_database(a_world: Worlds) -> None:
    world = a_world(policy={"auto_approve_unit_hours": 10, "check_in_minutes": 15, "weight_percent": 150})
    for seats in (0, 1):
        booking = book(world, seats=seats)
        assert found(booking.id) == booking


def test_claims_are_granted_together_or_not_at_all(a_world: Worlds) -> None:
    world = a_world(seats=1)
    taken = Order(world.rival_team, window(25, 27), (Claim(world.dataset, 1),))
    request_booking(taken, actor=world.rival, now=NOW)

    assert refused(world, (world.pool, 8), (world.dataset, 1)) == [Code.CAPACITY_EXCEEDED]
    assert levels(world.pool, window(23, 27)).highest(window(23, 27)) == 0
    assert totals(world.pool_grant) == Totals(0, 0)


def test_the_last_unit_and_the_last_hour_can_be_booked_and_nothing_beyond(a_world: Worlds) -> None:
    world = a_world(units=8, pool_hours=20)
    book(world, 24, 26, units=8)
    assert refused(world, (world.pool, 1), start=25, end=26) == [Code.CAPACITY_EXCEEDED]
    assert refused(world, (world.pool, 5), start=26, end=27) == [Code.QUOTA_EXCEEDED]
    book(world, 26, 27, units=4)
    assert totals(world.pool_grant) == Totals(20, 0)


def test_a_refused_request_leaves_no_trace(a_world: Worlds) -> None:
    world = a_world(units=8, pool_hours=20)
    for _ in range(3):
        refused(world, (world.pool, 9))
        refused(world, (world.pool, 8), end=30)
    assert totals(world.pool_grant) == Totals(0, 0)
    assert levels(world.pool, window(0, 48)).changes == ()
    with db.engine.connect() as connection:
        assert connection.execute(BookingRow.__table__.select()).all() == []


def test_every_reason_is_given_at_once(a_world: Worlds) -> None:
    world = a_world(
        units=8, pool_hours=1, policy={"max_units": 6, "max_minutes": 60, "unit_step": 2, "horizon_days": 1}
    )
    codes = refused(world, (world.pool, 9), (world.dataset, 3), start=23.9, end=26)
    assert sorted(set(codes)) == sorted(
        {
            Code.OFF_GRID, Code.TOO_LONG, Code.TOO_MANY_UNITS, Code.OFF_STEP, Code.BEYOND_HORIZON,
            Code.QUOTA_EXCEEDED, Code.CAPACITY_EXCEEDED,
        }
    )  # fmt: skip


def test_a_team_without_standing_books_nothing(a_world: Worlds) -> None:
    world = a_world()
    for state, code in (("suspended", Code.TEAM_SUSPENDED), ("applied", Code.TEAM_NOT_APPROVED)):
        with transaction() as session:
            team = session.get(Team, world.team)
            team.state, team.suspended_at = state, NOW if state == "suspended" else None
        assert refused(world, (world.pool, 1)) == [code]
    with transaction() as session:
        team.state, team.suspended_at = "approved", None
        session.add(team)


def test_who_is_not_in_the_team_is_refused_for_that_alone(a_world: Worlds) -> None:
    world = a_world()
    with pytest.raises(Refused) as caught:
        request_booking(world.order(window(24, 26), 500), actor=world.rival, now=NOW)
    assert [refusal.code for refusal in caught.value.refusals] == [Code.NOT_A_MEMBER]


def test_an_owner_books_for_a_team_only_what_is_its_own_and_says_why(a_world: Worlds) -> None:
    world = a_world()
    order = world.order(window(24, 26))
    both = Order(world.team, window(24, 26), (Claim(world.pool, 1), Claim(world.other_pool, 1)))
    for wanted, reason in ((order, ""), (order, "  "), (both, "a demonstration")):
        with pytest.raises(Refused):
            request_booking(wanted, actor=world.operator, now=NOW, reason=reason)
    booking = request_booking(order, actor=world.operator, now=NOW, reason="a demonstration")
    assert [(move.by, move.reason) for move in found(booking.id).history] == [
        ("operator@example.org", "a demonstration")
    ]


def test_a_preview_decides_like_the_request_and_holds_nothing(a_world: Worlds) -> None:
    world = a_world(policy={"auto_approve_unit_hours": 10, "weight_percent": 150})
    for units in (1, 8, 64):
        order = world.order(window(24, 26), units)
        preview = preview_booking(order, actor=world.lead, now=NOW)
        booking = request_booking(order, actor=world.lead, now=NOW)
        assert (preview.state, preview.hold_until) == (booking.state, booking.hold_until)
        assert preview.cost == sum(claim.terms.whole for claim in booking.claims)
        cancel_booking(booking.id, actor=world.lead, now=NOW)
    assert totals(world.pool_grant) == Totals(0, 0)


def test_a_preview_tells_the_refusals_of_the_request(a_world: Worlds) -> None:
    world = a_world(pool_hours=10)
    order = world.order(window(23.9, 26), 65)
    with pytest.raises(Refused) as caught:
        request_booking(order, actor=world.lead, now=NOW)
    assert preview_booking(order, actor=world.lead, now=NOW).refusals == caught.value.refusals


def test_a_lapsed_hold_in_the_way_is_settled_first(a_world: Worlds) -> None:
    world = a_world(units=8, policy={"auto_approve_unit_hours": 0, "hold_minutes": 60})
    waiting = book(world, units=8)
    assert waiting.hold_until == at(1)
    assert refused(world, (world.pool, 8), now=0.99) == [Code.CAPACITY_EXCEEDED]
    assert book(world, units=8, now=at(1)).state is State.PENDING
    assert found(waiting.id).state is State.EXPIRED
    assert totals(world.pool_grant) == Totals(16, 0)


def test_a_no_show_in_the_way_is_settled_first(a_world: Worlds) -> None:
    world = a_world(units=8, policy={"check_in_minutes": 30})
    missed = book(world, 2, 6, units=8)
    assert refused(world, (world.pool, 8), start=3, end=4, now=2.49) == [Code.CAPACITY_EXCEEDED]
    book(world, 3, 4, units=8, now=at(2.5))
    assert found(missed.id).state is State.NO_SHOW


def test_a_lapsed_hold_of_the_same_team_elsewhere_gives_its_quota_back_first(a_world: Worlds) -> None:
    world = a_world(pool_hours=16, policy={"auto_approve_unit_hours": 10, "hold_minutes": 60})
    waiting = book(world, units=8)
    order = Order(world.team, window(24, 26), (Claim(world.other_pool, 5),))
    with pytest.raises(Refused):
        request_booking(order, actor=world.lead, now=at(0.99))
    request_booking(order, actor=world.lead, now=at(1))
    assert found(waiting.id).state is State.EXPIRED


def test_hold_minutes_of_nothing_hold_nothing_while_it_waits(a_world: Worlds) -> None:
    world = a_world(units=8, policy={"auto_approve_unit_hours": 0, "hold_minutes": 0})
    first, second = book(world, units=8), book(world, units=8)
    assert first.state is second.state is State.PENDING
    assert first.hold_until == at(24)
    assert not first.holds
    assert totals(world.pool_grant) == Totals(0, 0)
    assert levels(world.pool, window(23, 27)).changes == ()


def test_a_hold_never_lasts_beyond_the_start(a_world: Worlds) -> None:
    world = a_world(policy={"auto_approve_unit_hours": 0, "hold_minutes": 2_880})
    assert book(world, 24, 26).hold_until == at(24)
    assert book(world, 72, 74).hold_until == at(48)


def test_splitting_an_order_gains_nothing_over_the_threshold(a_world: Worlds) -> None:
    world = a_world(policy={"auto_approve_unit_hours": 16})
    assert book(world, units=4).state is State.CONFIRMED
    assert book(world, units=4).state is State.CONFIRMED
    assert book(world, units=1).state is State.PENDING
    assert book(world, 24 * 9, 24 * 9 + 2, units=8, now=NOW + timedelta(days=7)).state is State.CONFIRMED


def test_bookings_may_begin_with_the_step_that_is_running(a_world: Worlds) -> None:
    world = a_world()
    assert book(world, 0, 1, now=at(0.2)).state is State.CONFIRMED
    assert refused(world, (world.pool, 1), start=0, end=1, now=0.25) == [Code.IN_THE_PAST]


def test_a_retired_resource_takes_no_bookings(a_world: Worlds) -> None:
    world = a_world()
    with transaction() as session:
        pool = session.get(Resource, world.pool)
        pool.state, pool.offer_version, pool.version = "retired", pool.offer_version + 1, pool.version + 1
    assert refused(world, (world.pool, 1)) == [Code.RESOURCE_CLOSED]


def test_a_kept_answer_is_given_again_and_only_for_the_same_body(a_world: Worlds) -> None:
    world = a_world()

    def ask(digest: str, now: float) -> int:
        order = world.order(window(48, 50))
        return request_booking(order, actor=world.lead, now=at(now), key=Key("first", digest)).id

    booking_id = ask("a", 0)
    assert ask("a", 23.99) == booking_id
    with pytest.raises(Invalid):
        ask("b", 1)
    assert totals(world.pool_grant) == Totals(16, 0)
    assert ask("b", 24) != booking_id


def test_requests_of_one_turn_are_decided_one_after_the_other(a_world: Worlds) -> None:
    """Each on what the ones before it took; those that are refused take nothing."""
    world = a_world(units=8, pool_hours=100)
    asked = [
        Request(world.order(window(24, 26), units, team=team), world.admin, NOW)
        for units, team in ((5, world.team), (5, world.rival_team), (3, world.rival_team), (1, world.team))
    ]
    answers = decide_in_turn(asked)
    assert [isinstance(answer, Refused) for answer in answers] == [False, True, False, True]
    assert [found(answer.id) for answer in answers[::2]] == answers[::2]
    assert totals(world.pool_grant) == Totals(10, 0)
    assert totals(world.rival_pool_grant) == Totals(6, 0)
    assert levels(world.pool, window(23, 27)).changes == ((at(24), 8), (at(26), 0))
