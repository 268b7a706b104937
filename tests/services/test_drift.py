"""Reconciliation: what is astray is shown and mended, strangers are never touched, silence is seen at once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from booking.connectors.cluster import MemoryCluster
from booking.db import db
from booking.domain.clusters import Account, Reservation
from booking.queries.clusters import bound_pools, find_cluster
from booking.services.drift import reconcile
from tests.support.clusters import astray, bind, memory, pass_by, tell
from tests.support.lives import NOW, at, book, window
from tests.support.outbox import items
from tests.support.world import World, build_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    world = build_world(app, units=32)
    with app.app_context():
        bind(world)
        yield world


@pytest.fixture
def main() -> MemoryCluster:
    return memory()


def test_what_was_deleted_or_changed_by_hand_is_shown_and_mended(world: World, main: MemoryCluster):
    first, second = book(world, 0.25, 2, 8), book(world, 0.25, 2, 8)
    pass_by(NOW, main=main)
    assert astray() == []
    before = dict(main.reserved)
    del main.reserved[f"bk-{first.id}"]
    main.reserved[f"bk-{second.id}"] = replace(before[f"bk-{second.id}"], window=window(0.25, 1))
    main.known["bk_team"] = Account("bk_team", frozenset({"mallory"}), 1)

    reconcile(at(0.1), reachable={"main": main})
    assert {(kind, mended) for kind, _, mended in astray()} == {
        ("missing", False), ("different", False), ("account", False),
    }  # fmt: skip
    tell(at(0.1), main=main)
    reconcile(at(0.2), reachable={"main": main})

    assert main.reserved == before
    assert main.known["bk_team"].members == {"lea", "mem"}
    assert all(mended for _, _, mended in astray())


def test_what_is_left_over_of_ours_is_taken_away(world: World, main: MemoryCluster):
    booking = book(world, 5, 6, 8)
    main.reserved[f"bk-{booking.id}"] = Reservation(f"bk-{booking.id}", ("a1",), window(0, 9), ("bk_team",))
    for hours in (0.1, 0.2):
        pass_by(at(hours), main=main)
    assert main.reserved == {}


def test_a_stranger_on_our_nodes_is_reported_and_left_alone(world: World, main: MemoryCluster):
    stranger = Reservation("maintenance", ("a1",), window(0, 9), ("root",))
    main.reserved["maintenance"] = stranger
    main.reserved["bk-77"] = Reservation("bk-77", ("a2",), window(0, 9), ("physics",))
    for hours in (0.1, 0.2, 0.3):
        pass_by(at(hours), main=main)
    assert main.reserved["maintenance"] == stranger
    booking = book(world, 1, 2, 8)
    pass_by(at(0.4), main=main)
    assert main.reserved[f"bk-{booking.id}"].nodes == ("a3",), "the nodes of strangers are taken last"
    assert sorted(astray()) == [("stranger", "bk-77", False), ("stranger", "maintenance", False)]


def test_nodes_that_go_out_of_service_are_known_and_shown(world: World, main: MemoryCluster):
    main.nodes = (*main.nodes[:2], replace(main.nodes[2], usable=False))
    reconcile(NOW, reachable={"main": main})
    (pool,) = bound_pools(db.session().connection())
    assert pool.unusable == ("a3", "a4")
    assert astray() == [("node", "a3", False), ("node", "a4", False)]


def test_silence_is_seen_at_once_and_since_when(world: World, main: MemoryCluster):
    pass_by(NOW, main=main)
    main.down = True
    for hours in (1, 2):
        reconcile(at(hours), reachable={"main": main})
    cluster = find_cluster(db.session(), "main")
    assert (cluster.seen_at, cluster.silent_since, cluster.last_error) == (NOW, at(1), "the memory is down")
    main.down = False
    db.session.rollback()
    reconcile(at(3), reachable={"main": main})
    assert find_cluster(db.session(), "main").silent_since is None


def test_what_is_on_its_way_is_not_astray(world: World, main: MemoryCluster):
    pass_by(NOW, main=main)
    book(world, 0.25, 2, 8)
    main.down = True
    tell(at(0.1), main=main)
    main.down = False
    reconcile(at(0.1), reachable={"main": main})
    assert astray() == []
    assert [item.state for item in items(destination="cluster:main")][-1] == "waiting"
