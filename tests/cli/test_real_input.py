"""The workload of a real cluster and descriptions of real datasets, where they lie beside the checkout.

What every request was answered is compared with a plain count of GPUs in steps of a quarter of an hour, so that the
decisions are the same on both databases because they are the right ones.
"""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from booking.cli import replay
from booking.db import db
from booking.domain.orders import Claim as OrderedClaim
from booking.domain.orders import Order
from booking.domain.permissions import Actor
from booking.domain.replay import Pod, Pool, widened
from booking.domain.search import Offer
from booking.models.bookings import Booking, Claim
from booking.models.resources import Resource
from booking.services.bookings import preview_booking
from booking.services.searches import suggest
from tests.support.commands import run
from tests.support.croissant import validated
from tests.support.settlements import check_settlement, set_rates

REAL = Path(__file__).parents[3] / "shared" / "data"
START = datetime(2026, 3, 3, tzinfo=UTC)
STEP_SECONDS = 900

pytestmark = pytest.mark.skipif(not REAL.exists(), reason="the real input is not beside the checkout (../shared/data)")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counted(nodes: Path, pods: Path) -> tuple[dict[str, str], dict[str, int], dict[str, int]]:
    """In which pool each request is let in, what each pool offers, and its peak."""
    offered = Counter[str]()
    for node in rows_of(nodes):
        offered[f"imported-{node['model'].lower()}"] += int(node["gpu"])
    requests = [row for row in rows_of(pods) if row["num_gpu"] != "0"]
    steps = max(int(row["deletion_time"]) for row in requests) // STEP_SECONDS + 2
    held = {slug: np.zeros(steps, dtype=np.int64) for slug in sorted(offered)}
    let_in = {}
    for row in requests:
        assert not row["gpu_spec"]
        first = int(row["creation_time"]) // STEP_SECONDS
        last = max(-(-int(row["deletion_time"]) // STEP_SECONDS), first + 1)
        gpus = int(row["num_gpu"])
        for slug, level in held.items():
            if level[first:last].max() + gpus <= offered[slug]:
                level[first:last] += gpus
                let_in[row["name"]] = slug
                break
    return let_in, dict(offered), {slug: int(level.max()) for slug, level in held.items()}


def replayed(app: Flask, nodes: Path, pods: Path) -> None:
    """Import, replay, and compare everything with the plain count."""
    let_in, offered, peaks = counted(nodes, pods)
    with time_machine.travel(START - timedelta(hours=12), tick=True):
        run(app, "import", "nodes", nodes)
        set_rates(app)
        answer = json.loads(run(app, "replay", pods, "--json").stdout)
        findings = run(app, "fsck").stdout
    assert "BREACH" not in findings

    requests = sum(row["num_gpu"] != "0" for row in rows_of(pods))
    refused = requests - len(let_in)
    assert answer["requests"] == requests
    assert answer["admitted"] == len(let_in)
    assert answer["refused"] == ({"capacity_exceeded": refused} if refused else {})
    assert {slug: pool["offered"] for slug, pool in answer["pools"].items()} == offered
    assert {slug: pool["peak"] for slug, pool in answer["pools"].items()} == peaks
    with app.app_context():
        booked = select(Booking.purpose, Resource.slug).join(Claim, Claim.booking_id == Booking.id)
        found = db.session.execute(booked.join(Resource, Resource.id == Claim.resource_id)).all()
    assert dict(map(tuple, found)) == let_in


def test_the_first_requests_of_a_real_cluster_are_decided_rightly(app: Flask, tmp_path: Path) -> None:
    replayed(app, REAL / "nodes_small.csv", first_lines("pods.csv", 300, tmp_path))


def first_lines(name: str, number: int, directory: Path) -> Path:
    """The first so many lines of a real list, and its heading."""
    short = directory / name
    with (REAL / name).open(encoding="utf-8") as file:
        short.write_text("".join(line for _, line in zip(range(number + 1), file, strict=False)), encoding="utf-8")
    return short


@pytest.mark.prove
@pytest.mark.parametrize("nodes", ["nodes_small.csv", "nodes.csv"])
def test_every_request_of_a_real_cluster_is_decided_rightly_and_settled(app: Flask, nodes: str) -> None:
    replayed(app, REAL / nodes, REAL / "pods.csv")
    assert check_settlement(app) > 0


def test_the_whole_real_cluster_becomes_pools(app: Flask) -> None:
    done = run(app, "import", "nodes", REAL / "nodes.csv")
    assert done.stdout.splitlines()[-1] == "6212 GPUs of 7 models"


def test_descriptions_of_real_datasets_go_in_again_and_again_and_come_out_whole(app: Flask, tmp_path: Path) -> None:
    files = sorted((REAL / "croissant").glob("*.json"))
    assert len(files) == 10
    for _ in range(2):
        run(app, "import", "croissant", *files)
        with app.app_context():
            datasets = db.session.scalars(select(Resource).order_by(Resource.id)).all()
            assert len(datasets) == 10
            assert all(row.croissant["name"] == row.name for row in datasets)
            licences = {row.slug: row.licence for row in datasets}
    assert licences["fashion-mnist"] == "mit"
    assert licences["coco"] == "cc-by-4.0"
    assert licences["movielens-25m"] is None

    client, written = app.test_client(), []
    for file, slug in zip(files, licences, strict=True):
        out, came = client.get(f"/datasets/{slug}/croissant.json").json, json.loads(file.read_text(encoding="utf-8"))
        assert {**out, "@context": None} == {**came, "@context": None}
        assert out["@context"].items() >= came["@context"].items()
        written.append(tmp_path / file.name)
        written[-1].write_text(json.dumps(out), encoding="utf-8")
    validated(*written)


def instead_of_refusals(app: Flask, nodes: Path, pods: Path) -> Counter[str]:
    """Replay, and ask for each refused request, as of the trace's time, what is possible instead of the last pool.

    How the first alternative fares: `admitted`, `refused` by the evaluator, or `none` where nothing was offered.
    """
    fares = Counter[str]()
    decide = replay._refusal

    def decided(pod: Pod, start: datetime, pools: list[Pool], team_id: int, actor: Actor) -> str | None:
        code = decide(pod, start, pools, team_id, actor)
        if code == "capacity_exceeded":
            window = widened(pod, start, pools[-1].grid_minutes)
            order = Order(team_id, window, (OrderedClaim(pools[-1].id, pod.gpus),), pod.name)
            fares[_fare(order, suggest(order, now=window.start, by=actor.user_id), actor, window.start)] += 1
        return code

    with time_machine.travel(START - timedelta(hours=12), tick=True), pytest.MonkeyPatch.context() as patch:
        run(app, "import", "nodes", nodes)
        patch.setattr(replay, "_refusal", decided)
        run(app, "replay", pods, "--json")
    return fares


def _fare(order: Order, offers: Sequence[Offer], actor: Actor, now: datetime) -> str:
    if not offers:
        return "none"
    first = Order(order.team_id, offers[0].window, offers[0].claims, order.purpose)
    return "refused" if preview_booking(first, actor=actor, now=now).refusals else "admitted"


def test_the_first_refusals_of_a_real_cluster_say_what_is_possible_instead(app: Flask, tmp_path: Path) -> None:
    fares = instead_of_refusals(
        app, first_lines("nodes_small.csv", 6, tmp_path), first_lines("pods.csv", 150, tmp_path)
    )
    assert fares["admitted"] > 0
    assert fares["admitted"] == fares.total()


@pytest.mark.prove
def test_of_all_refusals_of_a_real_cluster_the_first_alternative_is_admitted(app: Flask) -> None:
    fares = instead_of_refusals(app, REAL / "nodes_small.csv", REAL / "pods.csv")
    assert fares["none"] == 0
    assert fares["admitted"] >= 0.99 * fares.total()
