"""A process's part in the scheduler: it says that it is alive, contends for the lead, and runs the jobs as leader."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from booking import clock
from booking.db import db
from booking.scheduler.jobs import Job, table
from booking.scheduler.leader import Lead, lead_of
from booking.scheduler.runs import run_unless_silent, who
from booking.services import downtime, jobs

logger = logging.getLogger(__name__)
# It would warn every time that a run takes longer than its interval; how long runs take stands in their table.
logging.getLogger("apscheduler").setLevel(logging.ERROR)

TICK_SECONDS = 0.5
OUTSIDE_AT_ONCE = 4
"""A cluster that does not answer holds up neither the mail nor the look at other clusters."""
SERVES_EVERY_SECONDS = 20
LEADS_EVERY_SECONDS = 10
A_DAY = 86_400


class Rhythm:
    """Tells when something that is to happen every so many seconds is due again."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._next = 0.0

    def is_due(self) -> bool:
        return monotonic() >= self._next

    def done(self) -> None:
        self._next = monotonic() + self.seconds


class Process:
    """Run in a thread of a web process (`serves`), or alone as the scheduler's own command.

    `leads` says whether it may lead at all; a web process that may not still says that it is alive.
    """

    def __init__(self, app: Flask, *, serves: bool, leads: bool) -> None:
        self.app = app
        self.serves = serves
        self.leads = leads
        self.stopping = threading.Event()
        self._serving = Rhythm(SERVES_EVERY_SECONDS)
        self._leading = Rhythm(LEADS_EVERY_SECONDS)
        self._lead: Lead | None = None
        self._jobs: BackgroundScheduler | None = None
        self._well = True

    def run(self) -> None:
        """Tick until `stopping` is set; then the jobs end, and after them the lead."""
        while not self.stopping.is_set():
            self._tick()
            self.stopping.wait(TICK_SECONDS)
        self._stop_jobs(wait=True)
        if self._lead:
            self._lead.release()

    def greet(self) -> None:
        """Say that it serves before it does, so that the first to ask after a downtime has his time back already."""
        self._attempt(self._say_that_it_serves)

    def _tick(self) -> None:
        if not (self._attempt(self._say_that_it_serves) and self._attempt(self._contend)):
            self._stop_jobs(wait=False)

    def _attempt(self, do: Callable[[], None]) -> bool:
        """The edge of the thread: without a database there is nothing to lead, and it tries again at the next tick."""
        try:
            do()
        except Exception:
            if self._well:
                logger.exception("the scheduler cannot go on for now")
            self._well = False
        else:
            self._well = True
        return self._well

    def _say_that_it_serves(self) -> None:
        """Before anything else, so that people have their time back before anyone judges them by it."""
        if self.serves and self._serving.is_due():
            with self.app.app_context():
                moved = downtime.serve(who=who(), now=clock.now())
            self._serving.done()
            if moved:
                logger.warning("after a downtime, the deadlines of %d bookings were moved", moved)

    def _contend(self) -> None:
        if not self.leads:
            return
        if self._lead is None:
            with self.app.app_context():
                self._lead = lead_of(db.engine.url)

        if not self._lead.hold():
            self._stop_jobs(wait=False)
            return
        if self._leading.is_due() or self._jobs is None:
            with self.app.app_context():
                jobs.lead(who=who(), now=clock.now())
            self._leading.done()
        if self._jobs is None:
            self._start_jobs()

    def _start_jobs(self) -> None:
        """All jobs at once, in the order of the table; those on our own database one after the other."""
        logger.info("%s leads the scheduler", who())
        self._jobs = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1), "outside": ThreadPoolExecutor(OUTSIDE_AT_ONCE)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": A_DAY},
        )
        first = clock.now()
        for number, job in enumerate(table(self.app.extensions["booking.connectors"])):
            self._add(self._jobs, job, f"{number:02} {job.name}", first)
        self._jobs.start()

    def _add(self, scheduler: BackgroundScheduler, job: Job, name: str, first: datetime) -> None:
        scheduler.add_job(
            lambda: run_unless_silent(self.app, job, clock.now()),
            "interval",
            seconds=job.every_seconds,
            id=name,  # of jobs that are due together, APScheduler begins with the lowest id
            name=job.name,
            executor="outside" if job.outside else "default",
            next_run_time=first,
        )

    def _stop_jobs(self, *, wait: bool) -> None:
        if self._jobs:
            self._jobs.shutdown(wait=wait)
            self._jobs = None
            logger.info("%s leads the scheduler no more", who())
