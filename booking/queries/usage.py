"""Questions about measured use: what is known of jobs, which bookings wait for it, and what a team sees."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, or_, select

from booking.domain.clusters import KnownCluster, account_name, in_order
from booking.domain.lifecycle import State
from booking.domain.usage import MARGIN, UsedJob
from booking.models.bookings import Booking, Claim
from booking.models.clusters import Cluster, PoolBinding, UsageRow
from booking.models.resources import Resource
from booking.models.teams import Team
from booking.queries.reservations import pinned_to


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking as rows of use name it: whose it is, and which pools of one cluster it claims."""

    team_id: int
    made_at: datetime
    pools: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """What a claim was booked for and what jobs have used of it, in GPU-seconds, as far as it is known.

    `cluster` and `nodes` say where it is used, `account` for whom; empty where the pool is bound to none any more.
    """

    resource_id: int
    resource: str
    cluster: str
    account: str
    nodes: tuple[str, ...]
    booked: int
    used: int
    jobs: int
    running: int
    known_until: datetime | None
    settle_by: datetime | None


def known_jobs(connection: Connection, cluster_id: int, jobs: Collection[str]) -> dict[str, list[UsedJob]]:
    """What stands of some jobs already."""
    found: defaultdict[str, list[UsedJob]] = defaultdict(list)
    rows = connection.execute(
        select(UsageRow).where(UsageRow.cluster_id == cluster_id, UsageRow.job.in_(jobs)).order_by(UsageRow.id)
    )
    for row in rows:
        found[row.job].append(
            UsedJob(row.job, row.account, row.login, "", row.gpus, row.started_at, row.seconds, row.ended_at)
        )
    return found


def running_since(connection: Connection, cluster_id: int) -> datetime | None:
    """When the first of the jobs began whose end is not known yet; None where there is none."""
    first = select(func.min(UsageRow.started_at)).where(UsageRow.cluster_id == cluster_id, UsageRow.ended_at.is_(None))
    return connection.scalar(first)


def teams_by_account(connection: Connection, cluster: KnownCluster) -> dict[str, int]:
    """The team of every account that a cluster may have from us."""
    teams = connection.execute(select(Team.id, Team.slug))
    return {account_name(cluster.account_prefix, team.slug): team.id for team in teams}


def bookings_named(connection: Connection, cluster_id: int, ids: Collection[int]) -> dict[int, Booked]:
    """The bookings of these ids that claim a pool of the cluster."""
    rows = connection.execute(
        select(Booking.id, Booking.team_id, Booking.created_at, Claim.resource_id)
        .join(Claim, Claim.booking_id == Booking.id)
        .join(PoolBinding, PoolBinding.resource_id == Claim.resource_id)
        .where(Booking.id.in_(ids), PoolBinding.cluster_id == cluster_id)
        .order_by(Booking.id, Claim.resource_id)
    ).all()
    pools: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        pools[row.id].append(row.resource_id)
    return {row.id: Booked(row.team_id, row.created_at, tuple(pools[row.id])) for row in rows}


def gpu_seconds_of(connection: Connection, booking_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """What jobs have used of claims, by booking and resource."""
    rows = connection.execute(
        select(UsageRow.booking_id, UsageRow.resource_id, func.sum(UsageRow.gpus * UsageRow.seconds).label("used"))
        .where(UsageRow.booking_id.in_(booking_ids))
        .group_by(UsageRow.booking_id, UsageRow.resource_id)
    )
    return {(row.booking_id, row.resource_id): int(row.used) for row in rows}


def weights(connection: Connection, booking_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """What a GPU-second of each claim costs, in per cent."""
    rows = connection.execute(
        select(Claim.booking_id, Claim.resource_id, Claim.weight_percent).where(Claim.booking_id.in_(booking_ids))
    )
    return {(row.booking_id, row.resource_id): row.weight_percent for row in rows}


def first_jobs(connection: Connection) -> list[tuple[int, datetime]]:
    """Bookings that wait for somebody to check in, and have had a job in their time for it: the start of the first."""
    inside = (UsageRow.started_at >= Booking.check_in_from) & (UsageRow.started_at < Booking.check_in_until)
    rows = connection.execute(
        select(Booking.id, func.min(UsageRow.started_at).label("first"))
        .join(UsageRow, UsageRow.booking_id == Booking.id)
        .where(Booking.state == State.CONFIRMED.value, Booking.checked_in_at.is_(None), inside)
        .group_by(Booking.id)
        .order_by(Booking.id)
    )
    return [(row.id, row.first) for row in rows]


def is_known(connection: Connection, booking_id: int, until: datetime) -> bool:
    """Whether what jobs of a booking did up to an instant is known, of every cluster that it has pools of."""
    unknown = _clusters_of(booking_id).where(or_(Cluster.usage_until.is_(None), Cluster.usage_until < until + MARGIN))
    return connection.scalars(unknown.limit(1)).first() is None


def _clusters_of(booking_id: int) -> Select[int]:
    return (
        select(Cluster.id)
        .join(PoolBinding, PoolBinding.cluster_id == Cluster.id)
        .join(Claim, Claim.resource_id == PoolBinding.resource_id)
        .where(Claim.booking_id == booking_id)
    )


def metered(connection: Connection, booking_id: int) -> frozenset[int]:
    """The claimed pools whose cluster says what was used."""
    rows = connection.scalars(
        select(Claim.resource_id)
        .join(PoolBinding, PoolBinding.resource_id == Claim.resource_id)
        .where(Claim.booking_id == booking_id)
    )
    return frozenset(rows)


def unsettled(connection: Connection) -> list[int]:
    """Bookings that have ended and wait for the measure of what they used."""
    rows = connection.scalars(
        select(Claim.booking_id).distinct().where(Claim.settle_by.is_not(None)).order_by(Claim.booking_id).limit(1000)
    )
    return list(rows)


def settle_by(connection: Connection, booking_id: int) -> dict[int, datetime]:
    """The claims of a booking that wait for their measure, and until when."""
    rows = connection.execute(
        select(Claim.resource_id, Claim.settle_by).where(Claim.booking_id == booking_id, Claim.settle_by.is_not(None))
    )
    return {row.resource_id: row.settle_by for row in rows}


def uses_of(connection: Connection, booking_id: int) -> list[Use]:
    """Booked against used, of every claim on a pool that is bound or was measured."""
    jobs = (
        select(
            UsageRow.resource_id,
            func.sum(UsageRow.gpus * UsageRow.seconds).label("used"),
            func.count().label("jobs"),
            func.count().filter(UsageRow.ended_at.is_(None)).label("running"),
        )
        .where(UsageRow.booking_id == booking_id)
        .group_by(UsageRow.resource_id)
        .subquery()
    )
    rows = connection.execute(
        select(
            Claim.resource_id, Resource.slug, Claim.units, Booking.starts_at, Booking.ends_at, Booking.ended_at,
            Claim.settle_by, Cluster.usage_until, Cluster.name, Cluster.account_prefix, Team.slug.label("team"),
            jobs.c.used, jobs.c.jobs, jobs.c.running,
        )
        .join(Booking, Booking.id == Claim.booking_id)
        .join(Team, Team.id == Booking.team_id)
        .join(Resource, Resource.id == Claim.resource_id)
        .outerjoin(PoolBinding, PoolBinding.resource_id == Claim.resource_id)
        .outerjoin(Cluster, Cluster.id == PoolBinding.cluster_id)
        .outerjoin(jobs, jobs.c.resource_id == Claim.resource_id)
        .where(Claim.booking_id == booking_id, or_(Cluster.id.is_not(None), jobs.c.jobs > 0))
        .order_by(Claim.resource_id)
    )  # fmt: skip
    pins = pinned_to(connection, [booking_id])[booking_id]
    return [
        Use(
            resource_id=row.resource_id,
            resource=row.slug,
            cluster=row.name or "",
            account=(row.account_prefix or "") + row.team,
            nodes=in_order(node for node, pool in pins.items() if pool == row.resource_id),
            booked=row.units * int((row.ends_at - row.starts_at).total_seconds()),
            used=int(row.used or 0),
            jobs=row.jobs or 0,
            running=row.running or 0,
            known_until=row.usage_until,
            settle_by=row.settle_by,
        )
        for row in rows
    ]


def clusters_of(connection: Connection, booking_id: int) -> Iterable[str]:
    """The names of the clusters that a booking has pools of."""
    return connection.scalars(
        select(Cluster.name).distinct().where(Cluster.id.in_(_clusters_of(booking_id))).order_by(Cluster.name)
    ).all()
