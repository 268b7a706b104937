"""Calls on clusters: what is bound to them, who is who there, what has drifted, and what bookings have used."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, show
from booking.domain.clusters import KnownCluster
from booking.domain.errors import NotFound
from booking.domain.permissions import may_operate, may_see_booking
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries import clusters as questions
from booking.queries.bookings import find_booking
from booking.queries.listings import find_listing
from booking.queries.usage import uses_of
from booking.schemas.clusters import (
    BindingShape,
    ClusterShape,
    ClustersShape,
    DriftShape,
    DriftsShape,
    LoginShape,
    LoginsShape,
    NewBinding,
    NewCluster,
    NewLogin,
    UsageShape,
    UseShape,
)
from booking.services.clusters import bind_pool, create_cluster, set_login, unbind_pool

bp = Blueprint("clusters", __name__)


@bp.post("/clusters")
@call(body=NewCluster, gives={201: ClusterShape}, fails=(403, 404, 409))
def create(body: NewCluster) -> Response:
    """Make a cluster known, as operator of the organisation that runs it."""
    actor = current_actor()
    made = create_cluster(body.name, body.organisation, body.account_prefix, actor=actor, now=clock.now())
    return created(_shape(made), "api.clusters.read", cluster_id=made.name)


@bp.get("/clusters")
@call(gives={200: ClustersShape})
def index() -> Response:
    """The clusters that one operates."""
    actor = current_actor()
    own = [one for one in questions.clusters(reading()) if may_operate(actor, one.organisation_id)]
    return show(ClustersShape(items=[_shape(one) for one in own]))


@bp.get("/clusters/<cluster_id>")
@call(gives={200: ClusterShape}, fails=(404,))
def read(cluster_id: str) -> Response:
    """One cluster: whether it answers, and what it is still to be told."""
    return show(_shape(_operated(cluster_id)))


@bp.get("/clusters/<cluster_id>/logins")
@call(gives={200: LoginsShape}, fails=(404,))
def logins(cluster_id: str) -> Response:
    """Who has which account on the machines."""
    return _logins(_operated(cluster_id))


@bp.post("/clusters/<cluster_id>/logins")
@call(body=NewLogin, gives={200: LoginsShape}, fails=(403, 404, 409))
def login(cluster_id: str, body: NewLogin) -> Response:
    """Say which account of the machines a person uses; the accounts of their teams follow."""
    cluster = _operated(cluster_id)
    set_login(cluster_id, body.email, body.login or "", actor=current_actor(), now=clock.now())
    return _logins(cluster)


@bp.get("/clusters/<cluster_id>/drift")
@call(gives={200: DriftsShape}, fails=(404,))
def drift(cluster_id: str) -> Response:
    """What the cluster has otherwise than it should, and what was mended lately."""
    found = questions.drifts(reading(), _operated(cluster_id).id)
    return show(DriftsShape(items=[DriftShape.model_validate(one) for one in found]))


@bp.get("/pools/<pool_id>/binding")
@call(gives={200: BindingShape}, fails=(404,))
def binding(pool_id: str) -> Response:
    """The machines that a pool stands for."""
    pool = find_listing(reading(), pool_id, actor=current_actor(), kind="pool")
    found = questions.binding_of(reading().connection(), pool.id)
    if found is None or not may_operate(current_actor(), pool.organisation_id):
        raise NotFound("binding")
    return show(BindingShape.of(found, pool.slug))


@bp.put("/pools/<pool_id>/binding")
@call(body=NewBinding, gives={200: BindingShape}, fails=(403, 404, 409))
def bind(pool_id: str, body: NewBinding) -> Response:
    """Let a pool stand for equal nodes of a cluster, as its operator; it is booked in whole nodes from then on."""
    pool = bind_pool(pool_id, body.asked(), actor=current_actor(), now=clock.now())
    return show(BindingShape.of(body.asked().checked(), pool.slug))


@bp.delete("/pools/<pool_id>/binding")
@call(gives={200: BindingShape}, fails=(403, 404, 409))
def unbind(pool_id: str) -> Response:
    """Let a pool stand for no machines any more; the answer says which they were."""
    pool = find_listing(reading(), pool_id, actor=current_actor(), kind="pool")
    was = questions.binding_of(reading().connection(), pool.id)
    unbind_pool(pool_id, actor=current_actor(), now=clock.now())
    if was is None:
        raise NotFound("binding")
    return show(BindingShape.of(was, pool.slug))


@bp.get("/bookings/<booking_id>/usage")
@call(gives={200: UsageShape}, fails=(404,))
def usage(booking_id: str) -> Response:
    """What was booked against what jobs have used so far, by claim."""
    actor = current_actor()
    booking = find_booking(reading().connection(), parse_id(booking_id, "booking"))
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")
    claims = [
        UseShape(
            resource=use.resource,
            cluster=use.cluster,
            account=use.account,
            nodes=list(use.nodes),
            booked_unit_seconds=use.booked,
            used_unit_seconds=use.used,
            jobs=use.jobs,
            running=use.running,
            known_until=use.known_until,
            settle_by=use.settle_by,
        )
        for use in uses_of(reading().connection(), booking.id)
    ]
    return show(UsageShape(booking=str(booking.id), claims=claims))


def _logins(cluster: KnownCluster) -> Response:
    found = questions.logins(reading(), cluster.id)
    return show(LoginsShape(items=[LoginShape(email=one.email, name=one.name, login=one.login) for one in found]))


def _operated(name: str) -> KnownCluster:
    """A cluster that the asker operates; others' are none of their business."""
    cluster = questions.find_cluster(reading(), name)
    if not may_operate(current_actor(), cluster.organisation_id):
        raise NotFound("cluster")
    return cluster


def _shape(cluster: KnownCluster) -> ClusterShape:
    session = reading()
    pools = questions.bound_pools(session.connection(), cluster_id=cluster.id)
    waiting = questions.waiting(session, cluster.name)
    return ClusterShape.of(
        cluster, [BindingShape.of(pool.binding, pool.slug) for pool in pools], waiting.items, waiting.since
    )
