"""The jobs: run in order, written down, and caught up after a pause."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking import scheduler
from booking.db import db
from booking.domain.jobs import JobResult
from booking.domain.windows import Window
from booking.models.bookings import Booking, History
from booking.models.jobs import JobRun
from booking.models.outbox import OutboxItem
from booking.scheduler.jobs import Job, table
from booking.scheduler.runs import run, run_unless_silent
from booking.services import downtime
from booking.services.booking_moves import check_in
from booking.services.bookings import request_booking
from tests.domain.examples import at
from tests.support.mail import MailServer
from tests.support.world import World, build_world


def nothing(_now: datetime) -> JobResult:
    return JobResult()


def last_run(app: Flask, name: str) -> JobRun:
    with app.app_context():
        return db.session.get_one(JobRun, name)


def test_every_job_has_a_name_of_its_own():
    names = [job.name for job in table({})]

    assert len(set(names)) == len(names)


def test_all_jobs_run_once_in_the_order_of_the_table(app: Flask):
    runs = scheduler.run_once(app, at(9))

    assert [done.name for done in runs] == [job.name for job in table({})]
    assert {done.errors for done in runs} == {()}
    with app.app_context():
        assert {row.started_at for row in db.session.scalars(select(JobRun))} == {at(9)}


def test_what_a_run_did_stands_in_sight(app: Flask):
    job = Job("count", 5, lambda now: JobResult(3, ("one is broken", "another too")))

    run(app, job, at(9))

    row = last_run(app, "count")
    assert (row.items, row.errors, row.started_at) == (3, 2, at(9))
    assert row.last_error == "2026-03-02 09:00:00 UTC: another too"


def test_an_error_stays_in_sight_after_a_run_without_any(app: Flask):
    run(app, Job("count", 5, lambda now: JobResult(0, ("it broke",))), at(9))
    run(app, Job("count", 5, nothing), at(10))

    row = last_run(app, "count")
    assert (row.errors, row.started_at) == (0, at(10))
    assert row.last_error == "2026-03-02 09:00:00 UTC: it broke"


def test_a_job_that_breaks_is_written_down_and_stops_no_other(app: Flask):
    def broken(_now: datetime) -> JobResult:
        raise RuntimeError("nobody thought of it")

    assert run(app, Job("broken", 5, broken), at(9)).errors == ("RuntimeError: nobody thought of it",)

    assert last_run(app, "broken").errors == 1
    assert run(app, Job("whole", 5, nothing), at(9)).errors == ()


def test_jobs_on_deadlines_rest_while_no_page_is_served(app: Flask):
    judge, other = Job("judge", 5, nothing, deadlines=True), Job("other", 5, nothing)
    with app.app_context():
        downtime.serve(who="one", now=at(9))

    assert run_unless_silent(app, judge, at(9, 1))
    assert run_unless_silent(app, judge, at(10)) is None
    assert run_unless_silent(app, other, at(10))
    assert run(app, judge, at(10)), "whoever asks for one run gets it"


def test_jobs_on_deadlines_run_where_pages_never_gave_a_sign(app: Flask):
    assert run_unless_silent(app, Job("judge", 5, nothing, deadlines=True), at(10))


@pytest.fixture
def app_settings(smtp_server: MailServer) -> dict[str, Any]:
    return {"SMTP_URL": smtp_server.url}


def book(world: World, window: Window, **resources: int) -> int:
    return request_booking(world.order(window, **resources), actor=world.lead, now=at(8)).id


def test_after_three_hours_without_a_scheduler_what_is_due_happens_once_and_in_order(
    app: Flask, smtp_server: MailServer
):
    world = build_world(app, policy={"check_in_minutes": 15}, dataset_policy={"auto_approve_unit_hours": 0})
    with app.app_context():
        served = book(world, Window(at(9), at(10)))
        running = book(world, Window(at(9), at(20)))
        missed = book(world, Window(at(10), at(12)))
        unanswered = book(world, Window(at(11), at(12)), units=0, seats=1)
        coming = book(world, Window(at(12, 30), at(13)))
        for booking_id in (served, running):
            check_in(booking_id, actor=world.member, now=at(8, 50))
    scheduler.run_once(app, at(8, 55))

    scheduler.run_once(app, at(12))
    moves = _moves(app)
    scheduler.run_once(app, at(12))

    assert _states(app) == {
        served: "completed", running: "active", missed: "no_show", unanswered: "expired", coming: "confirmed",
    }  # fmt: skip
    assert moves[served] == ["confirmed", "confirmed", "active", "completed"], "checked in, begun, ended"
    assert _moves(app) == moves
    subjects = [message["Subject"] for message in smtp_server.to("lead@example.org")]
    assert len(subjects) == len(set(subjects)), "each was told once"
    assert subjects.index(f"Booking {served} has begun") < subjects.index(f"Booking {served} has ended")
    assert f"Booking {coming} begins soon" in subjects


def _states(app: Flask) -> dict[int, str]:
    with app.app_context():
        return {row.id: row.state for row in db.session.scalars(select(Booking))}


def _moves(app: Flask) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    with app.app_context():
        for row in db.session.scalars(select(History).order_by(History.id)):
            found.setdefault(row.booking_id, []).append(row.to_state)
        assert not list(db.session.scalars(select(OutboxItem).where(OutboxItem.state == "parked")))
    return found
