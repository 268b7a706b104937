"""What the tests on a real cluster share: the product set up for it, with its pool bound to four nodes of eight.

Each runs on one database, because a cluster takes its time: what either database has to do with clusters is tested
without one, and with two processes at once in tests/services/test_clusters_at_once.py.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from booking import clock
from tests.support.clusters import bind
from tests.support.databases import PostgresqlDatabases, SqliteFiles
from tests.support.slurm import SlurmCluster
from tests.support.world import World, build_world

NAME = "tests"
DATABASES = {"test_from_booking_to_machine": "postgresql", "test_faults": "sqlite"}


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, sources: dict[str, SqliteFiles | PostgresqlDatabases], tmp_path: Path
) -> str:
    """A database of the one kind that is the module's."""
    return sources[DATABASES[request.path.stem]].fresh(tmp_path)


@pytest.fixture
def app_settings(slurm: SlurmCluster) -> dict[str, Any]:
    """The server knows how to reach the cluster, as an Operator of it who is nobody else."""
    return {
        "SLURM_CLUSTERS": f"{NAME}={slurm.configuration}",
        "SLURM_COMMAND": shlex.join(slurm.prefix("operator")),
    }


@pytest.fixture
def world(app: Flask, slurm: SlurmCluster) -> Iterator[World]:
    """The small world on a grid of minutes, charged as measured, its people with their logins."""
    world = build_world(app, units=32, grid_minutes=1, policy={"charge": "measured"})
    with app.app_context():
        logins = {who: slurm.login(who) for who in ("lead", "member", "rival")}
        bind(world, name=NAME, logins=logins, now=clock.now())
        yield world
