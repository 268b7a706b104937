"""Use case of reconciliation: compare what clusters have with what they should, show it, and have it mended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from booking.changes import clusters as changes
from booking.connectors.cluster import Cluster
from booking.db import db, transaction
from booking.domain.clusters import (
    PINNED_BEFORE,
    Account,
    KnownCluster,
    Machine,
    Reservation,
    booking_of,
    is_ours,
)
from booking.domain.drift import Difference, Kind, accounts_astray, nodes_astray, reservations_astray, sorted_out
from booking.domain.jobs import JobResult
from booking.domain.outbox import DeliveryError
from booking.domain.windows import Window
from booking.queries import clusters, outbox, reservations


@dataclass(frozen=True, slots=True)
class Told:
    """What a cluster says that it has."""

    version: str
    machines: tuple[Machine, ...]
    reservations: tuple[Reservation, ...]
    accounts: tuple[Account, ...]


def reconcile(now: datetime, *, reachable: Mapping[str, Cluster]) -> JobResult:
    """Find what is astray on every cluster; what is ours is told again, strangers are never touched."""
    result = JobResult()
    with db.session() as session:
        known = clusters.clusters(session)
    for cluster in known:
        if cluster.name in reachable:
            result += _reconcile(cluster, reachable[cluster.name], now)
    return result


def _reconcile(cluster: KnownCluster, machines: Cluster, now: datetime) -> JobResult:
    try:
        told = Told(
            machines.version(), machines.machines(), machines.reservations(), machines.accounts(cluster.account_prefix)
        )
    except DeliveryError as error:  # whatever it is, operators are to see it at once
        with transaction() as session:
            changes.note_silence(session.connection(), cluster.id, str(error), now)
        return JobResult(errors=(f"{cluster.name}: {error}",))
    with transaction() as session:
        connection = session.connection()
        changes.note_answer(connection, cluster.id, now, version=told.version[:80])
        changes.note_machines(connection, cluster.id, _usable(cluster, told, now))
        found = list(_astray(connection, cluster, told, now))
        listed = [key for key in clusters.open_drifts(connection, cluster.id) if key[0] != Kind.USAGE]
        new, gone = sorted_out(listed, found)
        changes.note_drift(connection, cluster.id, new, now)
        changes.note_mended(connection, cluster.id, gone, now)
        _have_mended(connection, cluster, found, now)
    return JobResult(items=len(new) + len(gone))


def _usable(cluster: KnownCluster, told: Told, now: datetime) -> list[str]:
    """The nodes that bookings can have for now: in service, and soon in no stranger's reservation."""
    soon = Window(now, now + 2 * PINNED_BEFORE)
    strangers = [one for one in told.reservations if not is_ours(one, cluster.account_prefix)]
    taken = {node for one in strangers if one.window.overlaps(soon) for node in one.nodes}
    return [machine.name for machine in told.machines if machine.usable and machine.name not in taken]


def _astray(connection: Connection, cluster: KnownCluster, told: Told, now: datetime) -> Iterable[Difference]:
    """What is otherwise than it should be; what the outbox is about to tell is not astray, it is on its way."""
    on_their_way = outbox.waiting_subjects(connection, cluster.name)
    with_accounts = reservations.teams_of_bookings(connection, _booking_ids(on_their_way))
    on_their_way |= {f"team:{team_id}" for team_id in with_accounts}
    ids = {*reservations.bookings_pinned(connection, cluster.id)}
    ids |= {booking_id for one in told.reservations if (booking_id := booking_of(one.name))}
    wanted = reservations.reservations_wanted(connection, cluster, sorted(ids), now)
    wishes = [wish for wish in wanted.values() if wish]
    nodes = clusters.node_owners(connection, cluster.id)
    for one in reservations_astray(wishes, told.reservations, cluster.account_prefix, nodes, now):
        if f"booking:{one.booking_id}" not in on_their_way:
            yield one
    accounts = reservations.accounts_wanted(connection, cluster, now)
    teams = {account.name: team_id for team_id, account in accounts.items()}
    for one in accounts_astray(accounts.values(), told.accounts):
        if f"team:{teams.get(one.account)}" not in on_their_way:
            yield one
    bound = {pool.slug: pool.binding for pool in clusters.bound_pools(connection, cluster_id=cluster.id)}
    yield from nodes_astray(bound, told.machines)


def _booking_ids(subjects: Iterable[str]) -> list[int]:
    """The bookings among what the outbox tells of."""
    return [int(number) for noun, _, number in (subject.partition(":") for subject in subjects) if noun == "booking"]


def _have_mended(connection: Connection, cluster: KnownCluster, found: Iterable[Difference], now: datetime) -> None:
    """Whatever is ours is told again by the outbox, in order with all else that is told of it."""
    teams = {
        account.name: team_id for team_id, account in reservations.accounts_wanted(connection, cluster, now).items()
    }
    for one in found:
        if one.booking_id is not None and reservations.team_of(connection, one.booking_id) is not None:
            changes.tell_of_booking(connection, cluster.name, one.booking_id, "drifted", now)
        elif one.account in teams:
            changes.tell_of_team(connection, cluster.name, teams[one.account], "drifted", now)
