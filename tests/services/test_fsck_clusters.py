"""Each rule about clusters is broken in turn behind the product's back, and fsck has to name it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from booking.db import db
from booking.services.fsck import findings
from tests.support.clusters import bind, memory, pass_by
from tests.support.lives import NOW, at, book
from tests.support.world import build_world

BREAKS = [
    ("nodes that two bookings are to have at one time (booking/booking/node): 1/2/a1",
     "UPDATE pinned_nodes SET node = 'a1' WHERE booking_id = 2"),
    ("bookings with more nodes than they hold units (booking/resource): 1/1",
     "INSERT INTO pinned_nodes (booking_id, cluster_id, node, resource_id) VALUES (1, 1, 'a4', 1)"),
    ("bookings that hold a part of a node (booking/resource): 1/1, 2/1",
     "UPDATE pool_bindings SET gpus_per_node = 5"),
    ("claims whose measure is not the sum of what jobs used (booking/resource): 1/1",
     "INSERT INTO usage_rows (cluster_id, job, account, login, booking_id, resource_id, gpus, started_at, seconds,"
     " imported_at)"
     " VALUES (1, '1', 'bk_team', 'lea', 1, 1, 8, '2026-03-02 08:00:00+00', 60, '2026-03-02 09:00:00+00')"),
    ("claims that wait for a measure before their booking is over (booking/resource): 2/1",
     "UPDATE claims SET settle_by = '2026-03-03 00:00:00+00' WHERE booking_id = 2"),
]  # fmt: skip


@pytest.fixture
def _lived_in(app: Flask) -> Iterator[None]:
    world = build_world(app, units=32)
    with app.app_context():
        bind(world)
        book(world, 0, 2, 8)
        book(world, 0.5, 2, 8)
        pass_by(NOW, main=memory())
        db.session.rollback()
        yield


@pytest.mark.usefixtures("_lived_in")
def test_every_breach_is_named() -> None:
    with db.engine.connect() as connection:
        assert all(finding.is_kept for finding in findings(connection, at(0.1)))
        connection.rollback()
        for said, statement in BREAKS:
            connection.execute(text(statement))
            assert said in " ".join(str(finding) for finding in findings(connection, at(0.1)))
            connection.rollback()
