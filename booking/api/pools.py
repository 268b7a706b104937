"""Calls on pools."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.permissions import may_own
from booking.http.actor import asking, current_actor
from booking.http.reading import reading
from booking.queries.listings import find_listing, listings
from booking.schemas.listings import ResourceFilter
from booking.schemas.resources import NewPool, PoolChange, PoolShape
from booking.services.pools import create_pool
from booking.services.resources import change_resource

bp = Blueprint("pools", __name__)


@bp.post("/pools")
@call(body=NewPool, gives={201: PoolShape}, fails=(403, 404, 409))
def create(body: NewPool) -> Response:
    """Add a pool to a facility, as its operator."""
    pool = create_pool(body.asked(), actor=current_actor(), now=clock.now())
    return created(PoolShape.of(pool, owned=True), "api.pools.read", pool_id=pool.slug)


@bp.get("/pools")
@call(query=ResourceFilter, lists=PoolShape, fails=(401,), public=True)
def index(query: ResourceFilter) -> Response:
    """The published pools and one's own drafts, by slug."""
    after = query.after(str)
    found = listings(
        reading(),
        "pool",
        query.filters,
        actor=asking(),
        after=after[0] if after else None,
        limit=query.limit + 1,
    )
    return listed(found, query, shape=PoolShape.of, key=lambda pool: [pool.slug])


@bp.get("/pools/<pool_id>")
@call(gives={200: PoolShape}, fails=(401, 404), public=True)
def read(pool_id: str) -> Response:
    """One pool."""
    actor = asking()
    pool = find_listing(reading(), pool_id, actor=actor, kind="pool")
    return show(PoolShape.of(pool, owned=may_own(actor, pool.organisation_id, "pool")))


@bp.patch("/pools/<pool_id>")
@call(body=PoolChange, gives={200: PoolShape}, fails=(403, 404))
def change(pool_id: str, body: PoolChange) -> Response:
    """Say other words of a pool or set other rules for it, as its operator; bookings keep the terms they have."""
    actor = current_actor()
    find_listing(reading(), pool_id, actor=actor, kind="pool")
    changed = change_resource(pool_id, body.given(), actor=actor, now=clock.now())
    return show(PoolShape.of(changed, owned=True))
