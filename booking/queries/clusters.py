"""Questions about clusters: which there are, what is bound to them, who has a login, and what is astray."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, literal_column, select, union
from sqlalchemy.orm import Session

from booking.domain.clusters import Binding, KnownCluster, cluster_destination, in_order
from booking.domain.errors import NotFound
from booking.models.bookings import Claim
from booking.models.clusters import Cluster, ClusterLogin, ClusterNode, Drift, PinnedNode, PoolBinding
from booking.models.organisations import Organisation
from booking.models.outbox import OutboxItem
from booking.models.resources import Resource
from booking.models.users import User

READ = select(
    Cluster.id,
    Cluster.name,
    Cluster.organisation_id,
    Organisation.slug.label("organisation"),
    Organisation.name.label("organisation_name"),
    Cluster.account_prefix,
    Cluster.created_at,
    Cluster.version,
    Cluster.seen_at,
    Cluster.silent_since,
    Cluster.last_error,
    Cluster.usage_until,
).join(Organisation, Organisation.id == Cluster.organisation_id)


@dataclass(frozen=True, slots=True)
class BoundPool:
    """A pool with its machines; `unusable` are those that the cluster calls out of service."""

    id: int
    slug: str
    name: str
    binding: Binding
    unusable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Login:
    """A person's account on the machines."""

    user_id: int
    email: str
    name: str
    login: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much a cluster is still to be told, and since when."""

    items: int
    since: datetime | None


def clusters(session: Session) -> list[KnownCluster]:
    """All of them, by name."""
    return [KnownCluster(**row) for row in session.execute(READ.order_by(Cluster.name)).mappings()]


def find_cluster(session: Session, name: str) -> KnownCluster:
    """The cluster of this name; NotFound where there is none."""
    row = session.execute(READ.where(Cluster.name == name)).mappings().one_or_none()
    if row is None:
        raise NotFound("cluster")
    return KnownCluster(**row)


def bound_pools(
    connection: Connection, *, cluster_id: int | None = None, resource_id: int | None = None
) -> list[BoundPool]:
    """The bound pools of a cluster, or the one of this id, by slug."""
    chosen = (
        select(PoolBinding.resource_id, PoolBinding.partition, PoolBinding.gpus_per_node, Cluster.name.label("cluster"),
               Resource.slug, Resource.name)
        .join(Cluster, Cluster.id == PoolBinding.cluster_id)
        .join(Resource, Resource.id == PoolBinding.resource_id)
        .order_by(Resource.slug)
    )  # fmt: skip
    if cluster_id is not None:
        chosen = chosen.where(PoolBinding.cluster_id == cluster_id)
    if resource_id is not None:
        chosen = chosen.where(PoolBinding.resource_id == resource_id)
    rows = connection.execute(chosen).all()
    nodes = nodes_of(connection, [row.resource_id for row in rows])
    return [
        BoundPool(
            row.resource_id,
            row.slug,
            row.name,
            Binding(row.cluster, row.partition, row.gpus_per_node, in_order(nodes[row.resource_id])),
            in_order(node for node, usable in nodes[row.resource_id].items() if not usable),
        )
        for row in rows
    ]


def binding_of(connection: Connection, resource_id: int) -> Binding | None:
    """Which machines a pool stands for; None where it is bound to none."""
    found = bound_pools(connection, resource_id=resource_id)
    return found[0].binding if found else None


def nodes_of(connection: Connection, resource_ids: Collection[int]) -> defaultdict[int, dict[str, bool]]:
    """The nodes of bound pools, and whether each can be used."""
    rows = connection.execute(
        select(ClusterNode.resource_id, ClusterNode.name, ClusterNode.usable).where(
            ClusterNode.resource_id.in_(resource_ids)
        )
    )
    found: defaultdict[int, dict[str, bool]] = defaultdict(dict)
    for row in rows:
        found[row.resource_id][row.name] = row.usable
    return found


def node_owners(connection: Connection, cluster_id: int) -> dict[str, int]:
    """The pool of every bound node of a cluster."""
    rows = connection.execute(
        select(ClusterNode.name, ClusterNode.resource_id).where(ClusterNode.cluster_id == cluster_id)
    )
    return {row.name: row.resource_id for row in rows}


def clusters_of_bookings(connection: Connection, booking_ids: Collection[int]) -> defaultdict[int, set[str]]:
    """The clusters that have to hear of bookings: those of what they claim, and those that keep nodes for them."""
    if not booking_ids:
        return defaultdict(set)
    both = union(
        _claiming().where(Claim.booking_id.in_(booking_ids)),
        select(PinnedNode.booking_id, Cluster.name)
        .join(Cluster, Cluster.id == PinnedNode.cluster_id)
        .where(PinnedNode.booking_id.in_(booking_ids)),
    )
    found: defaultdict[int, set[str]] = defaultdict(set)
    for booking_id, name in connection.execute(both):
        found[booking_id].add(name)
    return found


def _claiming() -> Select[int, str]:
    return (
        select(Claim.booking_id, Cluster.name)
        .join(PoolBinding, PoolBinding.resource_id == Claim.resource_id)
        .join(Cluster, Cluster.id == PoolBinding.cluster_id)
    )


def names(connection: Connection) -> list[str]:
    """The names of all clusters."""
    return list(connection.scalars(select(Cluster.name).order_by(Cluster.name)))


def logins(session: Session, cluster_id: int) -> list[Login]:
    """Who has an account on the machines of a cluster, by address."""
    chosen = (
        select(User.id.label("user_id"), User.email, User.name, ClusterLogin.login)
        .join(ClusterLogin, ClusterLogin.user_id == User.id)
        .where(ClusterLogin.cluster_id == cluster_id)
        .order_by(User.email)
    )
    return [Login(**row) for row in session.execute(chosen).mappings()]


def drifts(session: Session, cluster_id: int, *, limit: int = 100) -> Sequence[Drift]:
    """What is astray, the latest first, and then what was mended lately."""
    chosen = select(Drift).where(Drift.cluster_id == cluster_id)
    order = (Drift.mended_at.is_not(None), Drift.found_at.desc(), Drift.id.desc())
    return session.scalars(chosen.order_by(*order).limit(limit)).all()


def open_drifts(connection: Connection, cluster_id: int) -> list[tuple[str, str]]:
    """Kind and subject of what is astray."""
    chosen = select(Drift.kind, Drift.subject).where(Drift.cluster_id == cluster_id, Drift.mended_at.is_(None))
    return [(row.kind, row.subject) for row in connection.execute(chosen)]


def drift_counts(session: Session) -> dict[str, int]:
    """How much is astray on each cluster."""
    counted = (
        select(Cluster.name, func.count(Drift.id))
        .outerjoin(Drift, (Drift.cluster_id == Cluster.id) & Drift.mended_at.is_(None))
        .group_by(Cluster.name)
    )
    return dict(session.execute(counted).all())


def waiting(session: Session, name: str) -> Waiting:
    """What the outbox still has for a cluster."""
    undelivered = OutboxItem.state != literal_column("'delivered'")
    chosen = select(func.count(), func.min(OutboxItem.created_at)).where(
        OutboxItem.destination == cluster_destination(name), undelivered
    )
    return Waiting(*session.execute(chosen).one())
