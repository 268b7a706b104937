"""The commands on clusters, and the import of what jobs have used."""

from pathlib import Path

import pytest
from flask import Flask

from tests.support.clusters import bind
from tests.support.commands import run
from tests.support.lives import book
from tests.support.world import World, build_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HEAD = "cluster,job,account,login,reservation,gpus,started_at,seconds"


def test_a_cluster_is_named_bound_and_looked_at(app: Flask):
    build_world(app, units=32)
    run(app, "cluster", "add", "main", "--organisation", "north")
    options = ("--partition", "a", "--nodes", "a[1-4]", "--gpus", 8)
    assert "4 nodes, 32 GPUs" in run(app, "cluster", "bind", World.POOL, "main", *options).output
    run(app, "cluster", "login", "main", "lead@example.org", "lea")

    said = run(app, "cluster", "status").output
    assert "main: not in SLURM_CLUSTERS; 1 to be told, 0 astray" in said
    assert f"  {World.POOL}: a, a[1-4]" in said

    run(app, "cluster", "unbind", World.POOL)
    assert World.POOL not in run(app, "cluster", "status").output


@pytest.mark.parametrize(
    ("nodes", "gpus", "said"), [("a[1-", 8, "is no list of nodes"), ("a1", 8, "its nodes have 8"), ("a1", 0, "from 1")]
)
def test_what_cannot_be_bound_is_said(app: Flask, nodes: str, gpus: int, said: str):
    build_world(app, units=32)
    run(app, "cluster", "add", "main", "--organisation", "north")
    options = ("--partition", "a", "--nodes", nodes, "--gpus", gpus)
    assert said in run(app, "cluster", "bind", World.POOL, "main", *options, status=1).output


def test_rows_from_a_file_count_once_and_bad_ones_are_named(app: Flask, tmp_path: Path):
    world = build_world(app, units=32)
    with app.app_context():
        bind(world)
        booking = book(world, 0, 2, 16)
    file = tmp_path / "usage.csv"
    rows = [
        HEAD,
        f"main,1,bk_team,lea,bk-{booking.id},8,2026-03-02T08:00:00Z,3600",
        f"main,2,bk_nobody,lea,bk-{booking.id},8,2026-03-02T08:00:00Z,3600",
        "main,3,bk_team,lea,,-8,2026-03-02T08:00:00Z,3600",
        "nowhere,4,bk_team,lea,,8,2026-03-02T08:00:00Z,3600",
    ]
    file.write_text("\n".join(rows), encoding="utf-8")
    for _ in range(2):
        said = run(app, "import", "usage", file, status=1).output
        assert "1 rows" in said
        assert "line 4: gpus is '-8'" in said
        assert "job 2: no team has the account 'bk_nobody'" in said
        assert "nowhere: There is no such cluster here." in said
