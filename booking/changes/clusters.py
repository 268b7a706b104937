"""Writes about clusters: nodes of bookings, what is astray, whether they answer, and whom to tell of teams."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from booking.changes import outbox
from booking.domain.clusters import cluster_destination
from booking.domain.drift import Difference
from booking.models.clusters import Cluster, ClusterNode, Drift, PinnedNode


def tell_of_booking(connection: Connection, cluster: str, booking_id: int, event: str, now: datetime) -> None:
    """Have a cluster brought to what is wanted for a booking."""
    subject = f"booking:{booking_id}"
    row = outbox.row(cluster_destination(cluster), subject, event, {}, now=now, booking_id=booking_id)
    outbox.tell_all(connection, [row])


def tell_of_team(connection: Connection, cluster: str, team_id: int, event: str, now: datetime) -> None:
    """Have a cluster brought to what is wanted for a team."""
    outbox.tell_all(connection, [outbox.row(cluster_destination(cluster), f"team:{team_id}", event, {}, now=now)])


def tell_of_teams(connection: Connection, team_ids: Iterable[int], event: str, now: datetime) -> None:
    """Have every cluster brought to what is wanted for teams."""
    names = connection.scalars(select(Cluster.name).order_by(Cluster.name)).all()
    outbox.tell_all(
        connection,
        [
            outbox.row(cluster_destination(name), f"team:{team_id}", event, {}, now=now)
            for team_id in team_ids
            for name in names
        ],
    )


def pin(connection: Connection, cluster_id: int, resource_id: int, nodes: Mapping[int, Collection[str]]) -> None:
    """Give bookings exactly these nodes of a pool."""
    if not nodes:
        return
    own = (PinnedNode.resource_id == resource_id, PinnedNode.booking_id.in_(nodes))
    connection.execute(delete(PinnedNode).where(*own))
    rows = [
        {"booking_id": booking_id, "cluster_id": cluster_id, "node": node, "resource_id": resource_id}
        for booking_id, named in nodes.items()
        for node in named
    ]
    if rows:
        connection.execute(insert(PinnedNode), rows)


def unpin(connection: Connection, cluster_id: int, booking_id: int, *, but: Collection[str] = ()) -> None:
    """A booking has these nodes of a cluster only, none where none is named."""
    connection.execute(
        delete(PinnedNode).where(
            PinnedNode.booking_id == booking_id, PinnedNode.cluster_id == cluster_id, PinnedNode.node.not_in(but)
        )
    )


def note_answer(connection: Connection, cluster_id: int, now: datetime, **columns: Any) -> None:
    """The cluster has answered."""
    values = {"seen_at": now, "silent_since": None, "last_error": "", **columns}
    connection.execute(update(Cluster).where(Cluster.id == cluster_id).values(**values))


def note_silence(connection: Connection, cluster_id: int, error: str, now: datetime) -> None:
    """The cluster does not answer, since now or since it did not before."""
    connection.execute(
        update(Cluster).where(Cluster.id == cluster_id, Cluster.silent_since.is_(None)).values(silent_since=now)
    )
    connection.execute(update(Cluster).where(Cluster.id == cluster_id).values(last_error=error[:2000]))


def note_machines(connection: Connection, cluster_id: int, usable: Collection[str]) -> None:
    """Which bound nodes can be used, as their cluster says."""
    own = ClusterNode.cluster_id == cluster_id
    fit = ClusterNode.name.in_(usable)
    connection.execute(update(ClusterNode).where(own, fit, ~ClusterNode.usable).values(usable=True))
    connection.execute(update(ClusterNode).where(own, ~fit, ClusterNode.usable).values(usable=False))


def note_drift(connection: Connection, cluster_id: int, new: Iterable[Difference], now: datetime) -> None:
    """Write down what is astray from now on."""
    rows = [
        {
            "cluster_id": cluster_id,
            "kind": one.kind.value,
            "subject": one.subject[:200],
            "detail": one.detail[:2000],
            "found_at": now,
        }
        for one in new
    ]
    if rows:
        connection.execute(insert(Drift), rows)


def note_mended(connection: Connection, cluster_id: int, gone: Iterable[tuple[str, str]], now: datetime) -> None:
    """What was astray (kind and subject) is so no more."""
    for kind, subject in gone:
        own = (Drift.cluster_id == cluster_id, Drift.kind == kind, Drift.subject == subject, Drift.mended_at.is_(None))
        connection.execute(update(Drift).where(*own).values(mended_at=now))
