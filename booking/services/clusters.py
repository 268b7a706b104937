"""Use cases of clusters: name one, bind a pool to machines or let it go, and say who is who on them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.changes import audit
from booking.changes import clusters as changes
from booking.changes.capacity import offer_changed
from booking.db import transaction
from booking.domain.clusters import Binding, KnownCluster, check_whole_nodes, clean_login, clean_prefix
from booking.domain.errors import Conflict, Forbidden
from booking.domain.listings import Listing
from booking.domain.permissions import Actor, may_operate, may_own
from booking.domain.policies import Policy
from booking.domain.slugs import clean_slug
from booking.models.clusters import Cluster, ClusterLogin, ClusterNode, PinnedNode, PoolBinding
from booking.queries import capacity, clusters, resources
from booking.queries.applications import teams_of
from booking.queries.listings import find_listing, listing_by_id
from booking.queries.organisations import find_organisation
from booking.queries.reservations import units_held
from booking.services.people import person_named


def create_cluster(name: str, organisation: str, account_prefix: str, *, actor: Actor, now: datetime) -> KnownCluster:
    """Make a cluster known that an organisation operates; the server's settings say how it is reached."""
    name, account_prefix = clean_slug(name, "name"), clean_prefix(account_prefix)
    with transaction() as session:
        owner = find_organisation(session, organisation)
        if not may_operate(actor, owner.id):
            raise Forbidden("Only operators of %(organisation)s name its clusters.",
                            numbers={"organisation": owner.name})  # fmt: skip
        taken = session.scalar(select(Cluster.id).where(Cluster.name == name)) is not None
        if not taken:
            session.add(Cluster(name=name, organisation_id=owner.id, account_prefix=account_prefix, created_at=now))
            try:
                session.flush()
            except IntegrityError:
                taken = True  # somebody took it at the same moment
        if taken:
            raise Conflict("There is a cluster “%(name)s” already.", {"name": name}, field="name")
        details = {"organisation": owner.slug, "account_prefix": account_prefix}
        _note(session, "cluster.create", f"cluster:{name}", details, actor, now)
        return clusters.find_cluster(session, name)


def bind_pool(slug: str, binding: Binding, *, actor: Actor, now: datetime) -> Listing:
    """Let a pool stand for equal nodes of a cluster; from then on it is booked, and offered, in whole nodes.

    Conflict where what it offers, or what is booked of it, is not made of whole nodes or of more than there are.
    """
    binding = binding.checked()
    with transaction() as session:
        pool = _own(session, slug, actor)
        cluster = _operated(session, binding.cluster, actor)
        connection = session.connection()
        (row,) = resources.lock_resources(connection, [pool.id])
        offer = capacity.offers(connection, [row])[pool.id].steps
        check_whole_nodes(offer, units_held(connection, pool.id, now), binding, now)
        _let_go(session, pool.id)
        connection.execute(
            insert(PoolBinding).values(
                resource_id=pool.id, cluster_id=cluster.id, partition=binding.partition,
                gpus_per_node=binding.gpus_per_node, bound_at=now,
            )
        )  # fmt: skip
        _add_nodes(session, pool.id, cluster, binding)
        offer_changed(connection, pool.id, policy=_stepped(row.policy, binding.gpus_per_node))
        details = {"cluster": cluster.name, "partition": binding.partition, "nodes": list(binding.nodes),
                   "gpus_per_node": binding.gpus_per_node}  # fmt: skip
        _note(session, "pool.bind", f"pool:{slug}", details, actor, now)
        _tell_of_standing(session, pool.id, "bound", now)
        return listing_by_id(session, pool.id)


def unbind_pool(slug: str, *, actor: Actor, now: datetime) -> Listing:
    """Let a pool stand for no machines any more; its cluster lets go of what it keeps for bookings."""
    with transaction() as session:
        pool = _own(session, slug, actor)
        resources.lock_resources(session.connection(), [pool.id])
        if clusters.binding_of(session.connection(), pool.id) is None:
            raise Conflict("%(name)s is bound to no cluster.", {"name": pool.name})

        _tell_of_standing(session, pool.id, "unbound", now)
        _let_go(session, pool.id)
        _note(session, "pool.unbind", f"pool:{slug}", {}, actor, now)
        return listing_by_id(session, pool.id)


def set_login(name: str, email: str, login: str, *, actor: Actor, now: datetime) -> None:
    """Say which account of a cluster's machines a person uses; empty: none any more. Their teams' accounts follow."""
    login = clean_login(login) if login else ""
    with transaction() as session:
        cluster = _operated(session, name, actor)
        person = person_named(session, email, "email")
        connection = session.connection()
        own = (ClusterLogin.cluster_id == cluster.id, ClusterLogin.user_id == person.id)
        connection.execute(delete(ClusterLogin).where(*own))
        if login:
            other = select(ClusterLogin.user_id).where(
                ClusterLogin.cluster_id == cluster.id, ClusterLogin.login == login
            )
            if session.scalar(other) is not None:
                raise Conflict("Somebody else has the login %(login)s.", {"login": login}, field="login")
            connection.execute(insert(ClusterLogin).values(cluster_id=cluster.id, user_id=person.id, login=login))
        _note(session, "cluster.login", f"cluster:{name}", {"user": person.id, "login": login}, actor, now)
        changes.tell_of_teams(connection, teams_of(session, person.id), "login", now)


def _own(session: Session, slug: str, actor: Actor) -> Listing:
    pool = find_listing(session, slug, actor=actor, kind="pool")
    if not may_own(actor, pool.organisation_id, "pool"):
        raise Forbidden(
            "Only who looks after %(name)s for %(organisation)s can change it.",
            numbers={"name": pool.name, "organisation": pool.organisation_name},
        )
    return pool


def _operated(session: Session, name: str, actor: Actor) -> KnownCluster:
    cluster = clusters.find_cluster(session, name)
    if not may_operate(actor, cluster.organisation_id):
        raise Forbidden("Only operators of %(organisation)s look after its clusters.",
                        numbers={"organisation": cluster.organisation_name})  # fmt: skip
    return cluster


def _let_go(session: Session, resource_id: int) -> None:
    session.execute(delete(ClusterNode).where(ClusterNode.resource_id == resource_id))
    session.execute(delete(PoolBinding).where(PoolBinding.resource_id == resource_id))


def _add_nodes(session: Session, resource_id: int, cluster: KnownCluster, binding: Binding) -> None:
    owners = clusters.node_owners(session.connection(), cluster.id)
    for node in binding.nodes:
        if node in owners:
            raise Conflict("Node %(node)s belongs to another pool already.", {"node": node}, field="nodes")
    rows = [
        {"cluster_id": cluster.id, "name": node, "resource_id": resource_id, "usable": True} for node in binding.nodes
    ]
    session.connection().execute(insert(ClusterNode), rows)


def _stepped(policy: Mapping[str, Any], gpus_per_node: int) -> dict[str, Any]:
    """The policy of a pool that is booked in whole nodes."""
    return replace(Policy.read(policy), unit_step=gpus_per_node).as_mapping()


def _tell_of_standing(session: Session, resource_id: int, event: str, now: datetime) -> None:
    """Have the cluster of a pool told of every booking that has nodes, or may soon have some."""
    connection = session.connection()
    binding = clusters.binding_of(connection, resource_id)
    if binding is None:
        return
    pinned = session.scalars(select(PinnedNode.booking_id).distinct().where(PinnedNode.resource_id == resource_id))
    for booking_id in pinned.all():
        changes.tell_of_booking(connection, binding.cluster, booking_id, event, now)


def _note(session: Session, act: str, subject: str, details: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    audit.record(session.connection(), by=actor.email, act=act, subject=subject, details=details, now=now)
