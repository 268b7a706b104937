"""Do clusters promise what bookings have, each node once, and are measures what rows of use say?"""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from booking.domain.lifecycle import State
from booking.models.bookings import Booking, Claim
from booking.models.clusters import ClusterNode, PinnedNode, PoolBinding, UsageRow
from booking.queries.breaches import Check, ask

STANDING = (State.CONFIRMED.value, State.ACTIVE.value)


def _pinned_twice() -> Select[*tuple[Any, ...]]:
    """Two bookings that are to have one node at one time."""
    one, other = aliased(PinnedNode), aliased(PinnedNode)
    first, second = aliased(Booking), aliased(Booking)
    return (
        select(one.booking_id, other.booking_id, one.node)
        .join(other, (other.cluster_id == one.cluster_id) & (other.node == one.node))
        .join(first, first.id == one.booking_id)
        .join(second, second.id == other.booking_id)
        .where(one.booking_id < other.booking_id, first.state.in_(STANDING), second.state.in_(STANDING))
        .where(first.starts_at < second.ends_at, second.starts_at < first.ends_at)
        .order_by(one.booking_id, other.booking_id, one.node)
    )


def _too_many_nodes() -> Select[*tuple[Any, ...]]:
    """Bookings with more nodes of a pool than their units fill."""
    count = func.count()
    return (
        select(PinnedNode.booking_id, PinnedNode.resource_id)
        .join(PoolBinding, PoolBinding.resource_id == PinnedNode.resource_id)
        .join(Booking, Booking.id == PinnedNode.booking_id)
        .join(Claim, (Claim.booking_id == PinnedNode.booking_id) & (Claim.resource_id == PinnedNode.resource_id))
        .where(Booking.state.in_(STANDING), PinnedNode.cluster_id == PoolBinding.cluster_id)
        .group_by(PinnedNode.booking_id, PinnedNode.resource_id, PoolBinding.gpus_per_node, Claim.units)
        .having(count * PoolBinding.gpus_per_node > Claim.units)
        .order_by(PinnedNode.booking_id, PinnedNode.resource_id)
    )


def _measured_otherwise() -> Select[*tuple[Any, ...]]:
    """Claims whose measure is not the sum of their rows, weighted; a fraction is dropped."""
    used = func.coalesce(func.sum(UsageRow.gpus * UsageRow.seconds), 0)
    own = (UsageRow.booking_id == Claim.booking_id) & (UsageRow.resource_id == Claim.resource_id)
    kept = func.coalesce(Claim.measured_unit_seconds, 0) * 100
    weighted = used * Claim.weight_percent
    return (
        select(Claim.booking_id, Claim.resource_id)
        .join(UsageRow, own)
        .group_by(Claim.booking_id, Claim.resource_id, Claim.measured_unit_seconds, Claim.weight_percent)
        .having((weighted < kept) | (weighted >= kept + 100))
        .order_by(Claim.booking_id, Claim.resource_id)
    )


BROKEN_NODES = (
    select(Claim.booking_id, Claim.resource_id)
    .join(Booking, Booking.id == Claim.booking_id)
    .join(PoolBinding, PoolBinding.resource_id == Claim.resource_id)
    .where(Booking.state.in_(STANDING), Claim.units % PoolBinding.gpus_per_node != 0)
    .order_by(Claim.booking_id, Claim.resource_id)
)
NODES_ASTRAY = (
    select(ClusterNode.name)
    .join(PoolBinding, PoolBinding.resource_id == ClusterNode.resource_id)
    .where(PoolBinding.cluster_id != ClusterNode.cluster_id)
    .order_by(ClusterNode.name)
)
UNSETTLED = (
    select(Claim.booking_id, Claim.resource_id)
    .join(Booking, Booking.id == Claim.booking_id)
    .where(Claim.settle_by.is_not(None), Booking.state != State.COMPLETED.value)
    .order_by(Claim.booking_id, Claim.resource_id)
)

CHECKS = (
    Check(1, "nodes that two bookings are to have at one time (booking/booking/node)", ask(_pinned_twice())),
    Check(1, "bookings with more nodes than they hold units (booking/resource)", ask(_too_many_nodes())),
    Check(4, "bookings that hold a part of a node (booking/resource)", ask(BROKEN_NODES)),
    Check(1, "nodes of a pool on another cluster", ask(NODES_ASTRAY)),
    Check(2, "claims whose measure is not the sum of what jobs used (booking/resource)", ask(_measured_otherwise())),
    Check(5, "claims that wait for a measure before their booking is over (booking/resource)", ask(UNSETTLED)),
)
