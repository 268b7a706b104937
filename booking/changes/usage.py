"""Writes of measured use: rows of jobs, their sums beside the claims, and prices that wait for them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update
from sqlalchemy.dialects import postgresql, sqlite

from booking.domain.usage import UsedJob, in_quota
from booking.models.bookings import Claim
from booking.models.clusters import UsageRow

TOLD_AGAIN = ("account", "login", "booking_id", "resource_id", "gpus", "seconds", "ended_at", "imported_at")
KEY = ("cluster_id", "job", "started_at")
INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def post(
    connection: Connection, cluster_id: int, rows: Iterable[tuple[UsedJob, int | None, int | None]], now: datetime
) -> None:
    """Write rows (job, booking, resource); what is told again takes the place of what was told before."""
    values = [_values(cluster_id, job, booking_id, resource_id, now) for job, booking_id, resource_id in rows]
    if not values:
        return
    if connection.dialect.name == "postgresql":
        new = postgresql.insert(UsageRow)
        connection.execute(
            new.on_conflict_do_update(index_elements=KEY, set_={name: new.excluded[name] for name in TOLD_AGAIN}),
            values,
        )
    else:
        newer = sqlite.insert(UsageRow)
        connection.execute(
            newer.on_conflict_do_update(index_elements=KEY, set_={name: newer.excluded[name] for name in TOLD_AGAIN}),
            values,
        )


def _values(
    cluster_id: int, job: UsedJob, booking_id: int | None, resource_id: int | None, now: datetime
) -> dict[str, Any]:
    return {
        "cluster_id": cluster_id,
        "job": job.job,
        "account": job.account,
        "login": job.login,
        "booking_id": booking_id,
        "resource_id": resource_id,
        "gpus": job.gpus,
        "started_at": job.started_at,
        "seconds": job.seconds,
        "ended_at": job.ended_at,
        "imported_at": now,
    }


def note_measured(
    connection: Connection, used: Mapping[tuple[int, int], int], weights: Mapping[tuple[int, int], int]
) -> None:
    """Keep the sums of GPU-seconds (by booking and resource) beside their claims, weighted as their prices are."""
    for (booking_id, resource_id), gpu_seconds in sorted(used.items()):
        own = (Claim.booking_id == booking_id, Claim.resource_id == resource_id)
        measured = in_quota(gpu_seconds, weights.get((booking_id, resource_id), 100))
        connection.execute(update(Claim).where(*own).values(measured_unit_seconds=measured))


def wait_for_measure(connection: Connection, booking_id: int, resource_ids: Collection[int], until: datetime) -> None:
    """Let the price of these claims wait."""
    own = (Claim.booking_id == booking_id, Claim.resource_id.in_(resource_ids))
    connection.execute(update(Claim).where(*own).values(settle_by=until))


def settled(connection: Connection, booking_id: int, resource_id: int) -> None:
    """The price of a claim waits no more."""
    own = (Claim.booking_id == booking_id, Claim.resource_id == resource_id)
    connection.execute(update(Claim).where(*own).values(settle_by=None))
