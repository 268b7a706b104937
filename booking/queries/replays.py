"""Questions of a replay: which pools it may ask for, and how they were used."""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import Connection, select

from booking.domain.capacity import Steps
from booking.domain.listings import ResourceState
from booking.domain.replay import Pool, PoolUse
from booking.domain.windows import Window
from booking.models.facilities import Facility
from booking.models.resources import Resource
from booking.queries import capacity

POOLS = (
    select(Resource.id, Resource.slug, Resource.gpu_model, Resource.grid_minutes)
    .join(Facility, Facility.id == Resource.facility_id)
    .where(Resource.kind == "pool", Resource.state == ResourceState.PUBLISHED.value)
)
OFFERED = select(Resource.id, Resource.offer_version, Resource.seats, Resource.policy)


def pools_of(connection: Connection, facility: str) -> list[Pool]:
    """The published pools of a facility, in the order of their slugs whatever the database's collation."""
    rows = connection.execute(POOLS.where(Facility.slug == facility))
    return sorted((Pool(row.id, row.slug, row.gpu_model, row.grid_minutes) for row in rows), key=lambda pool: pool.slug)


def use_of(connection: Connection, pools: Sequence[Pool], window: Window) -> dict[str, PoolUse]:
    """What each pool offered and held within a window, by slug."""
    rows = connection.execute(OFFERED.where(Resource.id.in_([pool.id for pool in pools]))).all()
    offers = capacity.offers(connection, rows)
    return {pool.slug: _use(connection, pool, offers[pool.id].steps, window) for pool in pools}


def _use(connection: Connection, pool: Pool, offer: Steps, window: Window) -> PoolUse:
    held = capacity.held(connection, pool.id, window)
    offered = _unit_seconds(offer, window)
    share = _unit_seconds(held, window) / offered if offered else 0.0
    return PoolUse(offer.highest(window), held.highest(window), round(share, 4))


def _unit_seconds(steps: Steps, window: Window) -> int:
    levels = [*steps.within(window), (window.end, 0)]
    return sum(level * int((until - since).total_seconds()) for (since, level), (until, _) in pairwise(levels))
