"""What clusters are to keep: nodes of bookings, accounts of teams, and how much each team may use there."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from booking.domain.clusters import (
    PINNED_BEFORE,
    Account,
    ClaimThere,
    KnownCluster,
    Reservation,
    account_name,
    budget,
    wanted_reservation,
)
from booking.domain.ledger import EFFECTS
from booking.domain.lifecycle import State
from booking.domain.pinning import Place
from booking.domain.teams import TeamState
from booking.domain.windows import Window
from booking.models.bookings import Booking as BookingRow
from booking.models.bookings import Claim
from booking.models.clusters import ClusterLogin, PinnedNode, PoolBinding
from booking.models.grants import LedgerEntry
from booking.models.teams import Membership, Team
from booking.models.users import User
from booking.queries.bookings import bookings_by_ids

STANDING = (State.CONFIRMED.value, State.ACTIVE.value)


def due_to_pin(connection: Connection, now: datetime) -> list[int]:
    """The bound pools of which bookings that begin soon have more nodes, or fewer, than they should."""
    pins = (
        select(PinnedNode.booking_id, PinnedNode.resource_id, func.count().label("nodes"))
        .group_by(PinnedNode.booking_id, PinnedNode.resource_id)
        .subquery()
    )
    own = (pins.c.booking_id == Claim.booking_id) & (pins.c.resource_id == Claim.resource_id)
    chosen = (
        select(Claim.resource_id)
        .distinct()
        .join(BookingRow, BookingRow.id == Claim.booking_id)
        .join(PoolBinding, PoolBinding.resource_id == Claim.resource_id)
        .outerjoin(pins, own)
        .where(BookingRow.state.in_(STANDING), BookingRow.starts_at <= now + PINNED_BEFORE, BookingRow.ends_at > now)
        .where(Claim.units != func.coalesce(pins.c.nodes, 0) * PoolBinding.gpus_per_node)
        .order_by(Claim.resource_id)
    )
    return list(connection.scalars(chosen))


def places(connection: Connection, resource_id: int, now: datetime) -> list[Place]:
    """The bookings of a bound pool that run or begin soon, with the nodes that they have."""
    rows = connection.execute(
        select(BookingRow.id, BookingRow.starts_at, BookingRow.ends_at, Claim.units, PoolBinding.gpus_per_node)
        .join(Claim, Claim.booking_id == BookingRow.id)
        .join(PoolBinding, PoolBinding.resource_id == Claim.resource_id)
        .where(Claim.resource_id == resource_id, BookingRow.state.in_(STANDING))
        .where(BookingRow.starts_at <= now + PINNED_BEFORE, BookingRow.ends_at > now)
        .order_by(BookingRow.id)
    ).all()
    pins = pinned_to(connection, [row.id for row in rows], resource_id=resource_id)
    return [
        Place(row.id, Window(row.starts_at, row.ends_at), row.units // row.gpus_per_node, tuple(sorted(pins[row.id])))
        for row in rows
    ]


def pinned_to(
    connection: Connection,
    booking_ids: Collection[int],
    *,
    resource_id: int | None = None,
    cluster_id: int | None = None,
) -> defaultdict[int, dict[str, int]]:
    """The nodes that bookings are to have, each with its pool."""
    chosen = select(PinnedNode.booking_id, PinnedNode.node, PinnedNode.resource_id).where(
        PinnedNode.booking_id.in_(booking_ids)
    )
    if resource_id is not None:
        chosen = chosen.where(PinnedNode.resource_id == resource_id)
    if cluster_id is not None:
        chosen = chosen.where(PinnedNode.cluster_id == cluster_id)
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(chosen):
        found[row.booking_id][row.node] = row.resource_id
    return found


def reservations_wanted(
    connection: Connection, cluster: KnownCluster, booking_ids: Collection[int], now: datetime
) -> dict[int, Reservation | None]:
    """What a cluster is to keep for each of these bookings."""
    pins = pinned_to(connection, booking_ids, cluster_id=cluster.id)
    bound = set(connection.scalars(select(PoolBinding.resource_id).where(PoolBinding.cluster_id == cluster.id)))
    found: dict[int, Reservation | None] = {}
    for booking in bookings_by_ids(connection, list(booking_ids), history=False):
        soon = booking.window.start <= now + PINNED_BEFORE
        pools = bound & set(booking.resource_ids) if soon else set()
        nodes = [node for node, pool in pins[booking.id].items() if pool in pools]
        found[booking.id] = wanted_reservation(booking, nodes, account_name(cluster.account_prefix, booking.team), now)
    return found


def bookings_pinned(connection: Connection, cluster_id: int) -> list[int]:
    """Every booking that has nodes of a cluster."""
    chosen = select(PinnedNode.booking_id).distinct().where(PinnedNode.cluster_id == cluster_id)
    return list(connection.scalars(chosen.order_by(PinnedNode.booking_id)))


def accounts_wanted(
    connection: Connection, cluster: KnownCluster, now: datetime, team_ids: Collection[int] | None = None
) -> dict[int, Account]:
    """The accounts of teams on a cluster, of all that were ever approved or of some: members, and what they may use."""
    chosen = select(Team.id, Team.slug, Team.state, Team.approved_until).where(Team.approved_until.is_not(None))
    if team_ids is not None:
        chosen = chosen.where(Team.id.in_(team_ids))
    teams = connection.execute(chosen).all()
    usable = {row.id for row in teams if row.state == TeamState.APPROVED and row.approved_until > now}
    members = _members(connection, cluster.id, usable)
    claims = _claims_there(connection, cluster.id, [row.id for row in teams])
    return {
        row.id: Account(
            account_name(cluster.account_prefix, row.slug), frozenset(members[row.id]), budget(claims[row.id])
        )
        for row in teams
    }


def _members(connection: Connection, cluster_id: int, team_ids: Collection[int]) -> defaultdict[int, set[str]]:
    rows = connection.execute(
        select(Membership.team_id, ClusterLogin.login)
        .join(ClusterLogin, ClusterLogin.user_id == Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.team_id.in_(team_ids), ClusterLogin.cluster_id == cluster_id, User.active)
    )
    found: defaultdict[int, set[str]] = defaultdict(set)
    for row in rows:
        found[row.team_id].add(row.login)
    return found


def _claims_there(
    connection: Connection, cluster_id: int, team_ids: Collection[int]
) -> defaultdict[int, list[ClaimThere]]:
    """Claims on pools of a cluster that are confirmed or have been; what still waits may not be used yet."""
    effects = {kind.value: held + charged for kind, (_, held, charged) in EFFECTS.items()}
    signed = case(*[(LedgerEntry.kind == kind, by * LedgerEntry.unit_seconds) for kind, by in effects.items()], else_=0)
    sums = (
        select(LedgerEntry.booking_id, LedgerEntry.resource_id, func.sum(signed).label("quota"))
        .join(PoolBinding, PoolBinding.resource_id == LedgerEntry.resource_id)
        .where(PoolBinding.cluster_id == cluster_id)
        .group_by(LedgerEntry.booking_id, LedgerEntry.resource_id)
        .subquery()
    )
    rows = connection.execute(
        select(
            BookingRow.team_id, Claim.units, Claim.starts_at, Claim.ends_at, Claim.weight_percent,
            func.coalesce(sums.c.quota, 0).label("quota"),
            func.coalesce(Claim.measured_unit_seconds, 0).label("measured"),
        )
        .join(Claim, Claim.booking_id == BookingRow.id)
        .join(PoolBinding, PoolBinding.resource_id == Claim.resource_id)
        .outerjoin(sums, (sums.c.booking_id == Claim.booking_id) & (sums.c.resource_id == Claim.resource_id))
        .where(PoolBinding.cluster_id == cluster_id, BookingRow.team_id.in_(team_ids))
        .where(BookingRow.state.not_in((State.PENDING.value, State.OFFERED.value)))
    )  # fmt: skip
    found: defaultdict[int, list[ClaimThere]] = defaultdict(list)
    for row in rows:
        seconds = int((row.ends_at - row.starts_at).total_seconds())
        found[row.team_id].append(ClaimThere(row.units, seconds, row.weight_percent, int(row.quota), row.measured))
    return found


def units_held(connection: Connection, resource_id: int, now: datetime) -> list[int]:
    """The units of every booking that holds a pool from now on."""
    holds = (Claim.resource_id == resource_id, Claim.ends_at > now, Claim.starts_at < Claim.ends_at)
    return list(connection.scalars(select(Claim.units).where(*holds)))


def teams_of_bookings(connection: Connection, booking_ids: Collection[int]) -> set[int]:
    """The teams of some bookings."""
    return set(connection.scalars(select(BookingRow.team_id).where(BookingRow.id.in_(booking_ids))))


def team_of(connection: Connection, booking_id: int) -> int | None:
    """The team of a booking."""
    return connection.scalar(select(BookingRow.team_id).where(BookingRow.id == booking_id))


def pools_of(connection: Connection, booking_id: int, cluster_id: int) -> Iterable[int]:
    """The pools of a cluster that a booking claims."""
    return connection.scalars(
        select(Claim.resource_id)
        .join(PoolBinding, PoolBinding.resource_id == Claim.resource_id)
        .where(Claim.booking_id == booking_id, PoolBinding.cluster_id == cluster_id)
        .order_by(Claim.resource_id)
    ).all()
