"""Use cases of whoever runs the scheduler: say that it leads, and write down what a job did."""

from datetime import datetime

from booking.changes import jobs as changes
from booking.db import transaction
from booking.domain.jobs import JobResult

LONGEST_ERROR = 2_000


def lead(*, who: str, now: datetime) -> None:
    """Say that `who` leads the scheduler and is alive."""
    with transaction() as session:
        changes.beat(session, "leader", who=who, now=now)


def record_run(name: str, result: JobResult, *, started_at: datetime, milliseconds: int, leader: str) -> None:
    """Write down the last run of a job for operators to see; an error stays in sight until the next one."""
    error = f"{started_at:%Y-%m-%d %H:%M:%S} UTC: {result.errors[-1]}" if result.errors else None
    run = {
        "name": name,
        "started_at": started_at,
        "milliseconds": milliseconds,
        "items": result.items,
        "errors": len(result.errors),
        "last_error": error and error[:LONGEST_ERROR],
        "leader": leader,
    }
    with transaction() as session:
        changes.record_run(session, run)
