"""Questions about the product's own health, cheap enough to be asked every few seconds."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import column, func, select, table
from sqlalchemy.orm import Session

from booking.models.bookings import Booking
from booking.models.jobs import Heartbeat, JobRun
from booking.models.outbox import OutboxItem

# Each has a partial index, so that counting costs what is open, not what has ever been.
OPEN = ("offered", "pending", "confirmed", "active")


def schema_revisions(session: Session) -> set[str]:
    """The migrations that the database stands at."""
    return set(session.scalars(select(column("version_num")).select_from(table("alembic_version"))))


def last_led(session: Session) -> datetime | None:
    """When a leading scheduler last said that it is alive."""
    return session.scalars(select(Heartbeat.at).where(Heartbeat.part == "leader")).one_or_none()


def job_runs(session: Session) -> Sequence[JobRun]:
    """The last run of each job, by name."""
    return session.scalars(select(JobRun).order_by(JobRun.name)).all()


def outbox_counts(session: Session) -> dict[str, int]:
    """How many items still wait, and how many are parked."""
    undelivered = OutboxItem.state != "delivered"
    counted = select(OutboxItem.state, func.count()).where(undelivered).group_by(OutboxItem.state)
    found = dict(session.execute(counted).all())
    return {state: found.get(state, 0) for state in ("waiting", "parked")}


def open_bookings(session: Session) -> dict[str, int]:
    """How many bookings are in each state that is not final."""
    return {state: session.scalars(select(func.count()).where(Booking.state == state)).one() for state in OPEN}
