"""Use cases between bookings and clusters: choose nodes shortly before a start, and tell clusters what is wanted.

What a cluster is told is worked out from the database at the moment of telling, so that an item that comes twice, late,
or after its answer was lost does no harm.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy.orm import Session

from booking.changes import clusters as changes
from booking.changes import outbox as outbox_changes
from booking.connectors.cluster import Cluster
from booking.db import db, transaction
from booking.domain.clusters import Account, KnownCluster, Reservation, cluster_destination
from booking.domain.jobs import JobResult, each
from booking.domain.outbox import LEASE, Item, Permanent, Unreachable, verdict
from booking.domain.pinning import pinned
from booking.queries import clusters, outbox, reservations
from booking.queries.resources import lock_resources

logger = logging.getLogger(__name__)

ITEMS_A_RUN = 500

Wanted = tuple[Account | None, Reservation | None]


def pin_due(now: datetime) -> JobResult:
    """Bookings that begin soon get their nodes, and their cluster hears of it."""
    with db.engine.connect() as connection:
        todo = reservations.due_to_pin(connection, now)
    return each(todo, lambda resource_id: _pin(resource_id, now))


def deliver_due(now: datetime, *, reachable: Mapping[str, Cluster]) -> JobResult:
    """Tell clusters what is due, each item by itself; one that does not answer holds up no other cluster."""
    result = JobResult()
    with db.session() as session:
        known = clusters.clusters(session)
    for cluster in known:
        if cluster.name in reachable:
            result += _deliver(cluster, reachable[cluster.name], now)
    return result


def _deliver(cluster: KnownCluster, machines: Cluster, now: datetime) -> JobResult:
    result, begun = JobResult(), monotonic()
    for _ in range(ITEMS_A_RUN):
        item = _next_item(cluster.name, _later(now, begun))
        if item is None:
            break
        failure = _tell(cluster, machines, item, _later(now, begun))
        _record(cluster, item, failure, _later(now, begun))
        result += JobResult(errors=(f"{cluster.name}, {item.subject}: {failure}",)) if failure else JobResult(items=1)
        if isinstance(failure, Unreachable):
            break
    return result


def _next_item(name: str, now: datetime) -> Item | None:
    with transaction() as session:
        items = outbox.due_of(session, cluster_destination(name), now, limit=1)
        return outbox_changes.lease(session, items[0], now + LEASE) if items else None


def _tell(cluster: KnownCluster, machines: Cluster, item: Item, now: datetime) -> Exception | None:
    """What went wrong, if anything did: whatever it is, it concerns this delivery and never the booking."""
    noun, _, number = item.subject.partition(":")
    try:
        if noun == "booking":
            _tell_of_booking(cluster, machines, int(number), now)
        elif noun == "team":
            _tell_of_team(cluster, machines, int(number), now)
        else:
            raise Permanent(f"nothing is known of {item.subject}")
    except Exception as error:
        logger.warning("cluster %s not told of %s", cluster.name, item.subject, exc_info=True)
        return error
    return None


def _tell_of_booking(cluster: KnownCluster, machines: Cluster, booking_id: int, now: datetime) -> None:
    account, wish = _wanted(cluster, booking_id, now)
    if account is not None and wish is not None:
        machines.settle(account)
        machines.put(wish, now)
    else:
        machines.remove(f"bk-{booking_id}")
        if account is not None:
            machines.settle(account)
    with transaction() as session:
        changes.unpin(session.connection(), cluster.id, booking_id, but=wish.nodes if wish else ())


def _wanted(cluster: KnownCluster, booking_id: int, now: datetime) -> Wanted:
    """What a cluster is to have for a booking, its nodes chosen now where that is due."""
    with transaction() as session:
        connection = session.connection()
        for resource_id in reservations.pools_of(connection, booking_id, cluster.id):
            _choose(session, resource_id, now, told=booking_id)
    with db.engine.connect() as connection:
        team_id = reservations.team_of(connection, booking_id)
        if team_id is None:
            raise Permanent(f"there is no booking {booking_id}")
        account = reservations.accounts_wanted(connection, cluster, now, [team_id]).get(team_id)
        return account, reservations.reservations_wanted(connection, cluster, [booking_id], now)[booking_id]


def _tell_of_team(cluster: KnownCluster, machines: Cluster, team_id: int, now: datetime) -> None:
    with db.engine.connect() as connection:
        account = reservations.accounts_wanted(connection, cluster, now, [team_id]).get(team_id)
    if account is not None:  # a team that was never approved has none
        machines.settle(account)


def _pin(resource_id: int, now: datetime) -> bool:
    with transaction() as session:
        return _choose(session, resource_id, now)


def _choose(session: Session, resource_id: int, now: datetime, *, told: int = 0) -> bool:
    """Choose the nodes of a pool's next bookings; each that gets others is told of, but the one that is being told."""
    connection = session.connection()
    lock_resources(connection, [resource_id])
    pools = clusters.bound_pools(connection, resource_id=resource_id)
    if not pools:
        return False
    pool = pools[0]
    places = reservations.places(connection, resource_id, now)
    chosen = pinned(pool.binding.nodes, places, now, unusable=pool.unusable)
    had = {place.booking_id: set(place.nodes) for place in places}
    changed = {booking_id: nodes for booking_id, nodes in chosen.items() if set(nodes) != had[booking_id]}
    changes.pin(connection, clusters.find_cluster(session, pool.binding.cluster).id, resource_id, changed)
    for booking_id in _others(changed, told):
        changes.tell_of_booking(connection, pool.binding.cluster, booking_id, "pinned", now)
    return bool(changed)


def _others(changed: Iterable[int], told: int) -> Iterable[int]:
    return (booking_id for booking_id in changed if booking_id != told)


def _record(cluster: KnownCluster, item: Item, failure: Exception | None, now: datetime) -> None:
    with transaction() as session:
        connection = session.connection()
        if failure is None:
            outbox_changes.record_delivery(session, item, now)
            changes.note_answer(connection, cluster.id, now)
            return
        if isinstance(failure, Unreachable):
            changes.note_silence(connection, cluster.id, str(failure), now)
        follows = verdict(failure, item.attempts + 1, now)
        outbox_changes.record_failure(session, item, follows, str(failure) or type(failure).__name__)


def _later(now: datetime, begun: float) -> datetime:
    """The time by now: a run may be a long one, and leases and pauses count from when they begin."""
    return now + timedelta(seconds=monotonic() - begun)
