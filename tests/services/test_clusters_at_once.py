"""Two processes look after a cluster at once: no node is given twice, every job counts, every price is had once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.orders import Claim, Order
from booking.domain.permissions import Actor
from booking.domain.usage import MARGIN, UsedJob
from booking.domain.windows import Window
from booking.models.clusters import PinnedNode
from booking.queries.usage import unsettled
from booking.services import due_bookings, reservations, usage
from booking.services.bookings import request_booking
from tests.support.clusters import NODES, bind, breaches, memory
from tests.support.lives import at, entries
from tests.support.processes import application, meet, together
from tests.support.world import build_world

ROUNDS = 10
QUARTER = timedelta(minutes=15)


def look_after(database_url: str, team: int, pool: int, lead: Actor) -> tuple[list[int], list[str]]:
    """One process of two: the bookings that it has made, one in each round, and what went wrong."""
    made, wrong = [], []
    with application(database_url):
        for turn in range(ROUNDS):
            now = at(3 * turn)
            begins = now + QUARTER * (2 - meet())  # who books later may begin sooner, and chooses first
            order = Order(team, Window(begins, now + 8 * QUARTER), (Claim(pool, 16),), "race")
            made.append(request_booking(order, actor=lead, now=now).id)
            wrong += reservations.pin_due(now).errors
            meet()
            wrong += due_bookings.start_due(now + 2 * QUARTER).errors
            wrong += due_bookings.complete_due(order.window.end).errors
            wrong += _measure(order.window.end)
    return made, wrong


def _measure(ended_at: datetime) -> list[str]:
    """Both bring in one row twice, and one of their own; then one brings the last while the other settles prices."""
    number, later = meet(), ended_at + 2 * MARGIN
    with db.engine.connect() as connection:
        waiting = unsettled(connection)
    wrong = [*_bring_in(waiting, ("same", str(number)), ended_at)]
    if meet():
        wrong += _bring_in(waiting, ("last",), later)
    else:
        for _ in range(5):
            wrong += usage.settle_measured(later).errors
    meet()
    return [*wrong, *usage.settle_measured(later).errors]


def _bring_in(booking_ids: list[int], names: tuple[str, ...], now: datetime) -> Sequence[str]:
    """A quarter of an hour on a node of eight, for each name and booking."""
    main = memory()
    main.jobs = [
        UsedJob(f"{booking_id}-{name}", "bk_team", "lea", f"bk-{booking_id}", 8, now - 2 * QUARTER, 900, now, ("a1",))
        for booking_id in booking_ids
        for name in names
    ]
    return usage.import_usage(now, reachable={"main": main}).errors


def test_two_processes_give_no_node_twice_count_every_job_and_have_every_price_once(app: Flask, database_url: str):
    world = build_world(app, units=32, policy={"charge": "measured"})
    with app.app_context():
        bind(world)
        db.session.remove()

    (one, wrong), (other, also) = together(look_after, database_url, world.team, world.pool, world.lead)

    assert wrong + also == []
    with app.app_context():
        for pair in zip(one, other, strict=True):
            nodes = db.session.scalars(select(PinnedNode.node).where(PinnedNode.booking_id.in_(pair))).all()
            assert sorted(nodes) == sorted(NODES)
            for booking_id in pair:
                assert [entry for entry in entries(booking_id) if entry[0] == "charge"] == [("charge", 4 * 2)]
        assert breaches(at(3 * ROUNDS)) == []
