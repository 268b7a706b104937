"""Downtime: noticed once, and given back to people."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.downtime import is_excused
from booking.domain.windows import Window
from booking.models.bookings import Booking
from booking.models.jobs import Downtime
from booking.models.outbox import OutboxItem
from booking.models.teams import Team
from booking.queries.jobs import downtimes, heartbeats
from booking.services.booking_moves import check_in
from booking.services.bookings import request_booking
from booking.services.downtime import is_silent, serve
from booking.services.due_bookings import expire_due, release_no_shows
from booking.services.jobs import lead
from tests.domain.examples import at
from tests.support.processes import application, meet, together
from tests.support.world import World, build_world

CHECK_IN = {"check_in_minutes": 15}
APPROVAL = {"auto_approve_unit_hours": 0, "hold_minutes": 60}


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def book(world: World, window: Window, now: datetime) -> int:
    return request_booking(world.order(window), actor=world.lead, now=now).id


def booking(booking_id: int) -> Booking:
    db.session.rollback()
    return db.session.get_one(Booking, booking_id, populate_existing=True)


def recorded() -> list[tuple[datetime, datetime, int]]:
    db.session.rollback()
    return [(row.starts_at, row.ends_at, row.moved) for row in db.session.scalars(select(Downtime))]


def told() -> list[str]:
    chosen = select(OutboxItem.subject).where(OutboxItem.event == "deadline_moved")
    return list(db.session.scalars(chosen))


def test_the_first_sign_of_life_is_no_end_of_a_downtime():
    assert serve(who="one", now=at(9)) == 0

    assert recorded() == []
    assert heartbeats(db.session())["web"].who == "one"


def test_regular_signs_of_life_leave_no_downtime():
    for seconds in range(0, 600, 60):
        serve(who="one", now=at(9, 0, seconds))

    assert recorded() == []


def test_whoever_could_not_check_in_has_as_long_as_was_left(app: Flask):
    world = build_world(app, policy=CHECK_IN)
    booking_id = book(world, Window(at(10), at(14)), at(8))
    serve(who="one", now=at(10, 5))

    assert serve(who="one", now=at(11)) == 1

    assert recorded() == [(at(10, 5), at(11), 1)]
    assert booking(booking_id).check_in_until == at(11, 10)
    assert told() == [f"booking:{booking_id}"]
    assert release_no_shows(at(11, 9)).items == 0
    check_in(booking_id, actor=world.member, now=at(11, 9))
    assert booking(booking_id).checked_in_at == at(11, 9)


def test_a_moved_deadline_is_a_new_version_for_whoever_edits(app: Flask):
    world = build_world(app, policy=CHECK_IN)
    booking_id = book(world, Window(at(10), at(14)), at(8))
    before = booking(booking_id).version
    serve(who="one", now=at(10, 5))

    serve(who="one", now=at(11))

    assert booking(booking_id).version == before + 1


def test_a_request_that_nobody_could_answer_is_held_for_as_long_again(app: Flask):
    world = build_world(app, policy=APPROVAL)
    booking_id = book(world, Window(at(20), at(22)), at(8))
    assert booking(booking_id).hold_until == at(9)
    serve(who="one", now=at(8, 30))

    serve(who="one", now=at(12))

    assert booking(booking_id).hold_until == at(12, 30)
    assert expire_due(at(12, 29)).items == 0
    assert expire_due(at(12, 30)).items == 1


def test_no_hold_reaches_beyond_the_start(app: Flask):
    world = build_world(app, policy=APPROVAL)
    booking_id = book(world, Window(at(12, 15), at(14)), at(8, 30))
    serve(who="one", now=at(9))

    serve(who="one", now=at(12))

    assert booking(booking_id).hold_until == at(12, 15)


def test_what_was_not_lost_is_not_given_back(app: Flask):
    world = build_world(app, policy=CHECK_IN)
    missed = book(world, Window(at(9), at(9, 30)), at(8))
    later = book(world, Window(at(20), at(22)), at(8))
    there = book(world, Window(at(10), at(12)), at(8))
    check_in(there, actor=world.member, now=at(9, 50))
    serve(who="one", now=at(9, 55))

    assert serve(who="one", now=at(10, 30)) == 0

    assert [booking(each).check_in_until for each in (missed, later, there)] == [at(9, 15), at(20, 15), at(10, 15)]
    assert recorded() == [(at(9, 55), at(10, 30), 0)]
    assert told() == []


def test_who_has_time_enough_anyway_is_given_the_lost_time_and_not_written_to(app: Flask):
    world = build_world(app, policy={"auto_approve_unit_hours": 0})
    booking_id = book(world, Window(at(day=5), at(2, day=5)), at(8))
    until = booking(booking_id).hold_until
    serve(who="one", now=at(9))

    assert serve(who="one", now=at(10)) == 1

    assert until is not None
    assert booking(booking_id).hold_until == until + timedelta(hours=1)
    assert told() == []


def test_a_scheduler_that_stood_still_beside_living_pages_is_no_downtime(app: Flask):
    lead(who="scheduler", now=at(6))
    for minute in range(0, 60, 1):
        serve(who="one", now=at(9, minute))

    assert recorded() == []


def test_a_time_without_pages_is_silent_though_a_scheduler_runs():
    assert not is_silent(at(9)), "where none ever served, nobody is missed"
    serve(who="one", now=at(9))
    lead(who="scheduler", now=at(9, 10))

    assert not is_silent(at(9, 2))
    assert is_silent(at(9, 3))


def test_downtimes_excuse_whoever_was_to_act_in_them():
    serve(who="one", now=at(9))
    serve(who="one", now=at(10))
    check_in_time = Window(at(9, 30), at(10, 30))

    assert is_excused(check_in_time, downtimes(db.session(), check_in_time))
    assert downtimes(db.session(), Window(at(10), at(11))) == []


@pytest.mark.parametrize("check_in_minutes", [0, 15])
@pytest.mark.parametrize(("down", "struck"), [((7, 8), True), ((11, 13), False)], ids=["before", "meanwhile"])
def test_a_no_show_while_the_product_was_down_is_no_strike(
    app: Flask, check_in_minutes: int, down: tuple[int, int], struck: bool
):
    world = build_world(app, policy={"check_in_minutes": check_in_minutes})
    for hour in (9, 10, 12):
        book(world, Window(at(hour), at(hour + 1)), at(6))
    for hour in down:
        serve(who="one", now=at(hour))

    for hour in (9, 10, 11, 14):
        release_no_shows(at(hour, 30))

    assert len(db.session.scalars(select(Booking).where(Booking.state == "no_show")).all()) == 3
    team = db.session.get_one(Team, world.team, populate_existing=True)
    assert (team.strikes_until is not None) == struck


def come_back(database_url: str) -> int:
    with application(database_url):
        meet()
        return serve(who="another", now=at(11))


def test_of_several_processes_that_come_back_at_once_one_gives_time_back(app: Flask, database_url: str):
    world = build_world(app, policy=CHECK_IN)
    booking_id = book(world, Window(at(10), at(14)), at(8))
    serve(who="one", now=at(10, 5))

    shares = together(come_back, database_url, processes=3)

    assert sorted(shares) == [0, 0, 1]
    assert recorded() == [(at(10, 5), at(11), 1)]
    assert booking(booking_id).check_in_until == at(11, 10)
