"""Processes that contend for the lead: one at a time, whatever happens to them."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

import flask.cli
import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, select, text
from sqlalchemy.pool import NullPool

from booking import clock, scheduler
from booking.db import db
from booking.models.jobs import Downtime, Heartbeat, JobRun
from booking.queries.jobs import heartbeats
from booking.scheduler.process import Process
from booking.services import downtime
from tests.support.mail import MailServer
from tests.support.outbox import ANA, write
from tests.support.processes import program
from tests.support.web_server import WebServer, environment

SOON_SECONDS = 3  # within one on an idle machine; tests share theirs


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """What `condition` answers once that is true."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)
    return answer


def leader(app: Flask) -> int:
    """The id of the process that said last that it leads; 0 where none did."""
    with app.app_context():
        beat = heartbeats(db.session()).get("leader")
        return int(beat.who.rpartition(":")[2]) if beat else 0


def jobs_run(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(select(JobRun)).all())


@pytest.fixture
def schedulers(app: Flask, database_url: str) -> Iterator[list[BaseProcess]]:
    """Three processes of the scheduler's command, the first one leading."""
    processes = [_command(database_url)]
    try:
        until(lambda: leader(app) == processes[0].pid)
        processes += [_command(database_url) for _ in range(2)]
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.join()


def _command(database_url: str) -> BaseProcess:
    return program(_scheduler, told=environment(database_url))


def _scheduler() -> None:
    sys.argv = ["flask", "--app", "wsgi", "scheduler"]
    flask.cli.main()


def test_one_of_three_processes_leads_until_it_is_killed_or_told_to_end(app: Flask, schedulers: list[BaseProcess]):
    first = schedulers[0]
    until(lambda: jobs_run(app))
    until(lambda: all(_contends(process) for process in schedulers))

    assert first.pid
    os.kill(first.pid, signal.SIGSTOP)
    time.sleep(0.8)
    assert leader(app) == first.pid, "one that is stopped keeps the lead, and its sign of life grows old"

    first.kill()
    killed = time.monotonic()
    second = until(lambda: leader(app) != first.pid and leader(app))
    assert time.monotonic() - killed < SOON_SECONDS
    assert second in {process.pid for process in schedulers[1:]}

    heir = next(process for process in schedulers if process.pid == second)
    heir.terminate()
    third = until(lambda: leader(app) != second and leader(app))
    assert third in {process.pid for process in schedulers[1:]} - {second}
    heir.join(timeout=10)
    assert heir.exitcode == 0


def _contends(process: BaseProcess) -> bool:
    """Whether a process has got as far as its thread that ticks."""
    return len(os.listdir(f"/proc/{process.pid}/task")) > 1


@contextmanager
def running(process: Process) -> Iterator[Process]:
    thread = threading.Thread(target=process.run)
    thread.start()
    try:
        yield process
    finally:
        process.stopping.set()
        thread.join()


def forget_signs_of_life(app: Flask) -> None:
    """By a connection of its own, for those that the application keeps may just have been cut."""
    apart = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool)
    with apart.begin() as connection:
        connection.execute(delete(Heartbeat))
        connection.execute(delete(JobRun))


def test_a_web_process_says_that_it_is_alive_leads_and_runs_the_jobs(app: Flask):
    app.config["SCHEDULER"] = True
    scheduler.start(app)
    scheduler.start(app)
    try:
        until(lambda: jobs_run(app) == len(scheduler.run_once(app, clock.now())))
        assert leader(app) == os.getpid()
        with app.app_context():
            assert set(heartbeats(db.session())) == {"leader", "web"}
    finally:
        scheduler.stop()
    assert "scheduler" not in {thread.name for thread in threading.enumerate()}


def test_a_web_process_that_may_not_lead_still_says_that_it_is_alive(app: Flask):
    with running(Process(app, serves=True, leads=False)):
        until(lambda: _signs(app) == {"web"})
        time.sleep(0.6)
        assert _signs(app) == {"web"}
        assert jobs_run(app) == 0


def _signs(app: Flask) -> set[str]:
    with app.app_context():
        return set(heartbeats(db.session()))


def test_whoever_ends_in_good_order_leaves_the_lead_to_the_next_at_once(app: Flask):
    for _ in range(3):
        with running(Process(app, serves=False, leads=True)):
            until(lambda: leader(app) == os.getpid())
            until(lambda: jobs_run(app))
        forget_signs_of_life(app)


def test_deadlines_are_moved_before_the_first_job_judges_by_them(app: Flask):
    with app.app_context():
        downtime.serve(who="the one before", now=clock.now() - downtime.LONGEST_SILENCE * 10)
    process = Process(app, serves=True, leads=True)

    process.greet()

    with app.app_context():
        assert len(db.session.scalars(select(Downtime)).all()) == 1
        assert not downtime.is_silent(clock.now())
    assert jobs_run(app) == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_leader_whose_connections_were_cut_comes_back_by_itself(app: Flask):
    with running(Process(app, serves=True, leads=True)):
        until(lambda: jobs_run(app))
        with app.app_context():
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            db.session.execute(text(f"{others} AND datname = current_database()"))
            db.session.rollback()
        forget_signs_of_life(app)

        until(lambda: leader(app) == os.getpid())
        until(lambda: jobs_run(app))


def test_the_server_leads_by_one_of_its_processes_and_another_takes_over(
    app: Flask, live_server: Callable[..., WebServer], smtp_server: MailServer
):
    with app.app_context():
        write(ANA)
    server = live_server(workers=2, SCHEDULER="1", SMTP_URL=smtp_server.url)
    first = until(lambda: leader(app))
    assert first in server.workers()
    until(lambda: smtp_server.to(ANA))

    os.kill(first, signal.SIGKILL)
    killed = time.monotonic()

    assert until(lambda: leader(app) != first and leader(app)) in server.workers()
    assert time.monotonic() - killed < SOON_SECONDS
