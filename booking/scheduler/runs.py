"""One run of a job: what it did is written down, and what it raises goes no further than here."""

import logging
import os
import socket
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from flask import Flask

from booking.domain.jobs import JobResult
from booking.scheduler.jobs import Job
from booking.services.downtime import is_silent
from booking.services.jobs import record_run

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a job did, and how long it took."""

    name: str
    items: int
    errors: tuple[str, ...]
    milliseconds: int


def who() -> str:
    """The name of this process among all that may lead."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run(app: Flask, job: Job, now: datetime) -> Run:
    """Run a job once and write down what came of it."""
    begun = monotonic()
    with app.app_context():
        result = _result(job, now)
        milliseconds = round((monotonic() - begun) * 1000)
        record_run(job.name, result, started_at=now, milliseconds=milliseconds, leader=who())
    return Run(job.name, result.items, result.errors, milliseconds)


def run_unless_silent(app: Flask, job: Job, now: datetime) -> Run | None:
    """Run a job as a matter of course; one on people's deadlines rests while they could not meet them."""
    if job.deadlines:
        with app.app_context():
            if is_silent(now):
                logger.warning("%s rests: no web process has been alive lately", job.name)
                return None
    return run(app, job, now)


def _result(job: Job, now: datetime) -> JobResult:
    try:
        return job.service(now)
    except Exception as error:  # the edge: the next run tries again, whatever it was
        logger.exception("job %s failed", job.name)
        return JobResult(errors=(f"{type(error).__name__}: {error}",))
