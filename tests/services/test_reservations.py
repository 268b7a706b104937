"""From bookings to a cluster: whatever becomes of a booking, the cluster follows; told twice it does no harm."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from booking.changes.clusters import pin
from booking.connectors.cluster import MemoryCluster
from booking.db import db, transaction
from booking.domain.clusters import Account, Reservation
from booking.domain.orders import Claim
from booking.domain.windows import Window
from booking.models.bookings import Booking
from booking.models.clusters import ClusterNode, PinnedNode
from booking.models.teams import Membership
from booking.services import booking_moves, memberships, reservations, teams
from booking.services.booking_edits import change_booking
from booking.services.clusters import unbind_pool
from tests.support.clusters import bind, breaches, memory, pass_by, tell
from tests.support.lives import NOW, at, book, window
from tests.support.outbox import items
from tests.support.world import World, build_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """The small world with its pool of 32 GPUs bound to four nodes of eight."""
    world = build_world(app, units=32)
    with app.app_context():
        bind(world)
        yield world


@pytest.fixture
def main() -> MemoryCluster:
    return memory()


def edit(world: World, booking_id: int, window: Window | None = None, units: int = 0, *, hours: float = 0) -> None:
    claims = (Claim(world.pool, units),) if units else None
    version = db.session.scalar(select(Booking.version).where(Booking.id == booking_id))
    db.session.rollback()
    change_booking(booking_id, window=window, claims=claims, actor=world.lead, now=at(hours), version=version or 0)


def test_a_booking_that_begins_soon_becomes_a_reservation_of_whole_nodes(world: World, main: MemoryCluster):
    booking = book(world, 0.5, 2, 16)

    tell(NOW, main=main)

    reserved = main.reserved[f"bk-{booking.id}"]
    assert (reserved.nodes, reserved.window, reserved.accounts) == (("a1", "a2"), window(0.5, 2), ("bk_team",))
    assert main.known["bk_team"] == Account("bk_team", frozenset({"lea", "mem"}), 16 * 90)
    assert breaches(NOW) == []


def test_nodes_are_chosen_an_hour_before_the_start_and_no_sooner(world: World, main: MemoryCluster):
    book(world, 3, 5, 8)
    tell(NOW, main=main)
    assert main.reserved == {}

    for hours, reserved in ((1.9, 0), (2, 1)):
        reservations.pin_due(at(hours))
        tell(at(hours), main=main)
        assert len(main.reserved) == reserved


def test_extending_shrinking_moving_and_cancelling_are_followed(world: World, main: MemoryCluster):
    booking = book(world, 0.5, 2, 16)
    name = f"bk-{booking.id}"
    tell(NOW, main=main)

    edit(world, booking.id, window(0.5, 3))
    tell(NOW, main=main)
    assert main.reserved[name].window == window(0.5, 3)
    edit(world, booking.id, units=8)
    tell(NOW, main=main)
    assert main.reserved[name].nodes == ("a1",)
    assert main.known["bk_team"].gpu_minutes == 8 * 150

    edit(world, booking.id, window(0.75, 3.25))
    tell(NOW, main=main)
    assert main.reserved[name].window == window(0.75, 3.25)

    edit(world, booking.id, window(30, 32))
    tell(NOW, main=main)
    assert main.reserved == {}, "nodes are chosen anew before the new start"

    edit(world, booking.id, window(0.5, 1))
    tell(NOW, main=main)
    booking_moves.cancel_booking(booking.id, actor=world.lead, now=NOW)
    tell(NOW, main=main)
    assert main.reserved == {}
    assert main.known["bk_team"].gpu_minutes == 0
    assert db.session.scalars(select(PinnedNode)).all() == []
    assert breaches(NOW) == []


@pytest.mark.parametrize("verb", [booking_moves.finish_booking, booking_moves.revoke_booking])
def test_what_ends_early_leaves_the_cluster_at_once(world: World, main: MemoryCluster, verb):
    booking = book(world, 0, 2, 16)
    pass_by(NOW, main=main)
    assert main.reserved

    verb(booking.id, actor=world.admin, now=at(1), reason="enough")
    tell(at(1), main=main)

    assert main.reserved == {}
    assert main.known["bk_team"].gpu_minutes == 16 * 60, "what was charged stays used"


def test_an_extension_drives_the_next_booking_to_other_nodes(world: World, main: MemoryCluster):
    running = book(world, 0, 1, 16)
    following = book(world, 1, 2, 16)
    with transaction() as session:  # touching it, the next booking was to have the nodes of the first
        nodes = {running.id: ("a1", "a2"), following.id: ("a1", "a2")}
        pin(session.connection(), 1, world.pool, nodes)
    pass_by(at(0.5), main=main)
    assert main.reserved[f"bk-{following.id}"].nodes == ("a1", "a2")

    edit(world, running.id, window(0, 1.5), hours=0.5)
    for _ in range(3):
        tell(at(0.6), main=main)
        tell(at(0.8), main=main)

    first, second = (main.reserved[f"bk-{each.id}"] for each in (running, following))
    assert first.window == window(0, 1.5)
    assert not set(first.nodes) & set(second.nodes)


def test_a_pending_booking_reserves_nothing(app: Flask, main: MemoryCluster):
    world = build_world(app, units=32, policy={"auto_approve_unit_hours": 0})
    with app.app_context():
        bind(world)
        booking = book(world, 0.5, 2, 16)
        tell(NOW, main=main)
        assert main.reserved == {}
        assert main.known["bk_team"].gpu_minutes == 0

        booking_moves.approve_booking(booking.id, actor=world.operator, now=NOW)
        tell(NOW, main=main)
        assert list(main.reserved) == [f"bk-{booking.id}"]


def test_a_cluster_that_is_down_for_an_hour_hears_everything_in_order_afterwards(world: World, main: MemoryCluster):
    main.down = True
    kept, gone = book(world, 0.5, 3, 8), book(world, 0.5, 3, 8)
    assert tell(NOW, main=main).errors
    booking_moves.cancel_booking(gone.id, actor=world.lead, now=NOW)
    edit(world, kept.id, window(0.5, 4))
    tell(NOW, main=main)
    waiting = [item for item in items(destination="cluster:main") if item.state == "waiting"]
    assert {item.booking_id for item in waiting} >= {kept.id, gone.id}

    main.down = False
    tell(at(1), main=main)

    assert list(main.reserved) == [f"bk-{kept.id}"]
    assert main.reserved[f"bk-{kept.id}"].window == window(0.5, 4)
    assert {item.state for item in items(destination="cluster:main")} == {"delivered"}
    assert breaches(at(1)) == []


def test_a_member_who_leaves_and_a_team_that_is_suspended_lose_the_machines(world: World, main: MemoryCluster):
    tell(NOW, main=main)
    member = world.member.user_id
    memberships.remove_member(world.team, member, actor=world.lead, now=NOW)
    tell(NOW, main=main)
    assert main.known["bk_team"].members == {"lea"}

    teams.suspend_team(world.team, actor=world.admin, now=NOW)
    tell(NOW, main=main)
    assert main.known["bk_team"].members == frozenset()


def test_one_grant_on_two_clusters_is_not_spent_twice(app: Flask, main: MemoryCluster):
    world = build_world(app, units=32, other_units=8, pool_hours=20)
    other = memory(("b1", "b2"), 4)
    with app.app_context():
        bind(world)
        bind(world, pool=World.OTHER_POOL, name="other", nodes=("b1", "b2"), gpus=4)
        book(world, 0.5, 2, 8)  # 12 hours of 20
        tell(NOW, main=main, other=other)

        assert main.known["bk_team"].gpu_minutes == 12 * 60
        assert other.known["bk_team"].gpu_minutes == 0, "nothing is held there"


def test_an_unbound_pool_lets_go_of_what_its_cluster_kept(world: World, main: MemoryCluster):
    book(world, 0.5, 2, 16)
    tell(NOW, main=main)

    unbind_pool(World.POOL, actor=world.admin, now=NOW)
    tell(NOW, main=main)

    assert main.reserved == {}


def test_nodes_out_of_service_are_taken_last(world: World, main: MemoryCluster):
    with transaction() as session:
        session.execute(update(ClusterNode).where(ClusterNode.name.in_(("a1", "a3"))).values(usable=False))

    booking = book(world, 0.5, 2, 24)
    tell(NOW, main=main)

    assert main.reserved[f"bk-{booking.id}"].nodes == ("a1", "a2", "a4")


def test_an_item_that_is_delivered_again_changes_nothing(world: World, main: MemoryCluster):
    book(world, 0.5, 2, 16)
    tell(NOW, main=main)
    before = dict(main.reserved)
    with transaction() as session:
        for item in items(destination="cluster:main"):
            item.state, item.delivered_at = "waiting", None
            session.add(item)

    tell(at(0.1), main=main)

    assert main.reserved == before


def test_a_failure_is_the_deliverys_and_stands_in_sight(world: World, main: MemoryCluster):
    with transaction() as session:
        session.execute(delete(Membership))
    booking = book(world, 0.5, 2, 16)
    main.reserved["maintenance"] = main.reserved.get("maintenance", _stranger(window(0, 5)))

    result = tell(NOW, main=main)

    assert "nodes are in maintenance" in result.errors[-1]
    item = items(destination="cluster:main", booking_id=booking.id)[-1]
    assert (item.state, item.attempts) == ("waiting", 1)
    assert item.due_at == pytest.approx(NOW + timedelta(seconds=30), abs=timedelta(seconds=5))


def _stranger(during: Window) -> Reservation:
    return Reservation("maintenance", ("a1", "a2", "a3", "a4"), during, ("root",))
