"""What becomes of teams, and of what they have booked, when their time is over."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.db import db
from booking.domain.bookings import Booking
from booking.domain.jobs import JobResult
from booking.domain.windows import Window
from booking.models.bookings import History
from booking.models.capacity import HeldStep
from booking.models.grants import Grant, LedgerEntry
from booking.models.outbox import OutboxItem
from booking.queries.applications import team_by_id
from booking.queries.bookings import find_booking
from booking.services import due_bookings, teams
from booking.services.bookings import request_booking
from booking.services.team_ends import expire_approvals, revoke_without_basis
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    world = build_world(app)
    with app.app_context():
        yield world


def booked(world: World, start: int, end: int, **more: int) -> Booking:
    window = Window(NOW + start * HOUR, NOW + end * HOUR)
    return request_booking(world.order(window, **more), actor=world.lead, now=NOW)


def suspend(world: World, at: datetime = NOW) -> None:
    teams.suspend_team(world.team, actor=world.people["reviewer"], now=at, reason="unpaid")


def approve(world: World, until: datetime) -> None:
    teams.approve_team(world.team, actor=world.people["reviewer"], now=NOW, until=until)


def now_is(booking: Booking) -> Booking:
    db.session.rollback()
    return find_booking(db.session.connection(), booking.id)


def held_and_charged(world: World) -> tuple[int, int]:
    db.session.rollback()
    grant = db.session.get_one(Grant, world.pool_grant, populate_existing=True)
    return grant.held, grant.charged


def test_an_approval_ends_at_its_time_and_not_before_and_is_told_of_once(world: World) -> None:
    approve(world, NOW + HOUR)
    assert expire_approvals(NOW + HOUR - SECOND) == JobResult()
    assert expire_approvals(NOW + HOUR) == JobResult(1)
    assert expire_approvals(NOW + HOUR) == JobResult()

    assert team_by_id(db.session(), world.team).state == "expired"
    events = db.session.scalars(select(OutboxItem.event).where(OutboxItem.subject == f"team:{world.team}"))
    assert list(events) == ["team_approved", "team_expired"]


def test_a_suspended_teams_bookings_stand_for_a_day_and_no_longer(world: World) -> None:
    booking = booked(world, 48, 50)
    suspend(world)

    assert revoke_without_basis(NOW + 24 * HOUR - SECOND) == JobResult()
    assert now_is(booking).state == "confirmed"
    assert revoke_without_basis(NOW + 24 * HOUR) == JobResult(1)
    assert revoke_without_basis(NOW + 24 * HOUR) == JobResult()

    after = now_is(booking)
    assert (after.state, after.history[-1].by) == ("revoked", "system")
    assert after.history[-1].reason == "the team has been suspended for a day"
    assert held_and_charged(world) == (0, 0)
    assert db.session.scalar(select(func.max(HeldStep.held))) in (0, None)


def test_a_team_that_is_reinstated_within_the_day_keeps_its_bookings(world: World) -> None:
    booking = booked(world, 48, 50)
    suspend(world)
    teams.reinstate_team(world.team, actor=world.admin, now=NOW + 23 * HOUR)
    assert revoke_without_basis(NOW + 30 * HOUR) == JobResult()
    assert now_is(booking).state == "confirmed"


def test_a_second_suspension_counts_its_own_day(world: World) -> None:
    booking = booked(world, 80, 82)
    suspend(world)
    teams.reinstate_team(world.team, actor=world.admin, now=NOW + HOUR)
    suspend(world, at=NOW + 20 * HOUR)
    assert revoke_without_basis(NOW + 25 * HOUR) == JobResult()
    assert revoke_without_basis(NOW + 44 * HOUR) == JobResult(1)
    assert now_is(booking).state == "revoked"


def test_a_running_booking_of_a_suspended_team_pays_for_the_time_it_had_access(world: World) -> None:
    booking = booked(world, 0, 30, units=8)
    due_bookings.start_due(NOW)
    suspend(world, at=NOW + 2 * HOUR)
    assert revoke_without_basis(NOW + 27 * HOUR) == JobResult(1)
    assert now_is(booking).state == "revoked"
    assert held_and_charged(world) == (0, 8 * 2 * 3600)


def test_what_ended_before_the_day_was_over_is_completed_whichever_job_comes_first(world: World) -> None:
    booking = booked(world, 0, 3, units=8)
    due_bookings.start_due(NOW)
    suspend(world, at=NOW + 2 * HOUR)
    assert revoke_without_basis(NOW + 60 * HOUR) == JobResult()
    assert due_bookings.complete_due(NOW + 60 * HOUR) == JobResult(1)
    assert now_is(booking).state == "completed"


@pytest.mark.parametrize("expired_first", [True, False])
def test_what_reaches_beyond_the_approval_ends_with_it(world: World, expired_first: bool) -> None:
    within, beyond, running = booked(world, 1, 2), booked(world, 4, 5), booked(world, 0, 6, units=8)
    due_bookings.start_due(NOW)
    approve(world, NOW + 3 * HOUR)
    if expired_first:
        expire_approvals(NOW + 3 * HOUR)

    assert revoke_without_basis(NOW + 3 * HOUR - SECOND) == JobResult()
    assert revoke_without_basis(NOW + 3 * HOUR + 5 * SECOND) == JobResult(2)

    assert [now_is(booking).state for booking in (within, beyond, running)] == ["confirmed", "revoked", "revoked"]
    assert now_is(running).history[-1].reason == "the team's approval ended"
    charged = db.session.scalar(
        select(LedgerEntry.unit_seconds).where(LedgerEntry.booking_id == running.id, LedgerEntry.kind == "charge")
    )
    assert charged == 8 * 3 * 3600


def test_what_waits_is_declined_and_costs_nothing(app: Flask) -> None:
    world = build_world(app, policy={"auto_approve_unit_hours": 0, "hold_minutes": None})
    with app.app_context():
        booking = booked(world, 48, 50)
        assert booking.state == "pending"
        suspend(world)
        assert revoke_without_basis(NOW + 24 * HOUR) == JobResult(1)
        assert now_is(booking).state == "declined"
        assert held_and_charged(world) == (0, 0)


def test_an_approval_that_was_prolonged_in_time_ends_nothing(world: World) -> None:
    booking = booked(world, 4, 5)
    approve(world, NOW + 3 * HOUR)
    approve(world, NOW + 9 * HOUR)
    assert expire_approvals(NOW + 4 * HOUR) == revoke_without_basis(NOW + 4 * HOUR) == JobResult()
    assert now_is(booking).state == "confirmed"


def test_another_teams_bookings_are_left_alone(world: World) -> None:
    window = Window(NOW + 48 * HOUR, NOW + 50 * HOUR)
    rivals = request_booking(world.order(window, team=world.rival_team), actor=world.rival, now=NOW)
    suspend(world)
    assert revoke_without_basis(NOW + 30 * HOUR) == JobResult()
    assert now_is(rivals).state == "confirmed"


def test_days_of_standstill_are_caught_up_once(world: World) -> None:
    bookings = [booked(world, 24 * day, 24 * day + 2) for day in range(2, 6)]
    suspend(world)
    late = NOW + 30 * 24 * HOUR
    assert revoke_without_basis(late) == JobResult(4)
    assert revoke_without_basis(late) == JobResult()
    moves = select(func.count()).select_from(History).where(History.to_state == "revoked")
    assert db.session.scalar(moves) == len(bookings)
