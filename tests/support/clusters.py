"""What tests of clusters do again and again: bind the pool to one, and let everything that is due happen to it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from booking.connectors.cluster import Cluster, MemoryCluster
from booking.db import db
from booking.domain.clusters import Binding, Machine
from booking.domain.jobs import JobResult
from booking.models.clusters import Drift
from booking.services import clusters, drift, due_bookings, outbox, reservations, usage
from booking.services.fsck import check_rules
from tests.support.lives import NOW
from tests.support.world import World

MAIN, PREFIX = "main", "bk_"
NODES = ("a1", "a2", "a3", "a4")


def memory(nodes: Sequence[str] = NODES, gpus: int = 8) -> MemoryCluster:
    """A cluster with equal nodes in partition `a`."""
    return MemoryCluster(tuple(Machine(name, frozenset({"a"}), gpus, usable=True) for name in nodes))


def bind(
    world: World,
    *,
    pool: str = World.POOL,
    name: str = MAIN,
    nodes: Sequence[str] = NODES,
    partition: str = "a",
    gpus: int = 8,
    logins: dict[str, str] | None = None,
    now: datetime = NOW,
) -> None:
    """Name a cluster, bind a pool to it, and say who has which login there."""
    clusters.create_cluster(name, World.NORTH, PREFIX, actor=world.admin, now=now)
    clusters.bind_pool(pool, Binding(name, partition, gpus, tuple(nodes)), actor=world.admin, now=now)
    for who, login in (logins or {"lead": "lea", "member": "mem", "rival": "riv"}).items():
        clusters.set_login(name, f"{who}@example.org", login, actor=world.admin, now=now)


def tell(now: datetime, **reachable: Cluster) -> JobResult:
    """What happened is addressed and delivered."""
    outbox.address_notices(now)
    return reservations.deliver_due(now, reachable=reachable)


def pass_by(now: datetime, **reachable: Cluster) -> None:
    """Everything that is due at an instant happens, as the scheduler has it happen."""
    for service in (due_bookings.release_no_shows, due_bookings.start_due, due_bookings.complete_due):
        assert service(now).errors == ()
    assert usage.settle_measured(now).errors == ()
    assert reservations.pin_due(now).errors == ()
    tell(now, **reachable)
    usage.import_usage(now, reachable=reachable)
    drift.reconcile(now, reachable=reachable)


def astray() -> list[tuple[str, str, bool]]:
    """Kind and subject of what was found astray, and whether it has been mended."""
    db.session.rollback()
    rows = db.session.scalars(select(Drift).order_by(Drift.id))
    return [(row.kind, row.subject, row.mended_at is not None) for row in rows]


def breaches(now: datetime) -> list[str]:
    """What fsck finds."""
    return [str(finding) for finding in check_rules(now) if not finding.is_kept]
