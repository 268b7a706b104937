"""Commands on clusters: name one, bind a pool, set a login, and see how each is."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from booking import clock
from booking.db import db
from booking.domain.clusters import Binding, nodes_listed, nodes_said
from booking.domain.errors import Problem
from booking.queries import clusters as questions
from booking.services import clusters
from booking.services.server import server_actor


@click.group("cluster")
def group():
    """Clusters that run what is booked."""


@group.command("add")
@click.argument("name")
@click.option("--organisation", required=True, help="Who operates it (its short name).")
@click.option("--prefix", default="bk_", show_default=True, help="What our accounts begin with there.")
@with_appcontext
def add(name, organisation, prefix):
    """Make a cluster known; SLURM_CLUSTERS says how it is reached."""
    _do(clusters.create_cluster, name, organisation, prefix)
    click.echo(name)


@group.command("bind")
@click.argument("pool")
@click.argument("cluster")
@click.option("--partition", required=True)
@click.option("--nodes", required=True, help="Such as a[1-4],b1.")
@click.option("--gpus", required=True, type=int, help="GPUs of a node.")
@with_appcontext
def bind(pool, cluster, partition, nodes, gpus):
    """Let a pool stand for equal nodes of a cluster; it is booked in whole nodes from then on."""
    try:
        binding = Binding(cluster, partition, gpus, nodes_listed(nodes))
    except ValueError as error:
        _refuse(error)
    _do(clusters.bind_pool, pool, binding)
    click.echo(f"{pool}: {len(binding.nodes)} nodes, {binding.units} GPUs")


@group.command("unbind")
@click.argument("pool")
@with_appcontext
def unbind(pool):
    """Let a pool stand for no machines any more."""
    _do(clusters.unbind_pool, pool)


@group.command("login")
@click.argument("cluster")
@click.argument("email")
@click.argument("login", default="")
@with_appcontext
def login(cluster, email, login):
    """Say which account of the machines a person uses; without LOGIN, none any more."""
    _do(clusters.set_login, cluster, email, login)


@group.command("status")
@with_appcontext
def status():
    """One line for each cluster, and one for each pool; ends with 1 where one is silent or astray."""
    session, well = db.session(), True
    reachable = current_app.extensions["booking.connectors"]["clusters"]
    counts = questions.drift_counts(session)
    for cluster in questions.clusters(session):
        waiting = questions.waiting(session, cluster.name)
        state = "not in SLURM_CLUSTERS" if cluster.name not in reachable else "answers"
        if cluster.silent_since:
            state = f"silent since {cluster.silent_since:%Y-%m-%d %H:%M} UTC: {cluster.last_error}"
        click.echo(f"{cluster.name}: {state}; {waiting.items} to be told, {counts.get(cluster.name, 0)} astray")
        for pool in questions.bound_pools(session.connection(), cluster_id=cluster.id):
            unusable = f", out of service: {nodes_said(pool.unusable)}" if pool.unusable else ""
            click.echo(f"  {pool.slug}: {pool.binding.partition}, {nodes_said(pool.binding.nodes)}{unusable}")
        well = well and not cluster.silent_since and not counts.get(cluster.name)
    if not well:
        sys.exit(1)


def _do(service, *arguments):
    now = clock.now()
    try:
        return service(*arguments, actor=server_actor(now=now), now=now)
    except Problem as problem:
        return _refuse(problem)


def _refuse(reason):
    click.echo(str(reason), err=True)
    sys.exit(1)
