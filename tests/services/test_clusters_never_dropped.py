"""The outbox never drops: whatever a cluster does to what it is told, everything arrives in order in the end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from booking.connectors.cluster import MemoryCluster
from booking.db import db
from booking.domain.clusters import Account, Reservation
from booking.domain.errors import Problem
from booking.domain.outbox import Temporary, Unreachable
from booking.domain.refusals import Refused
from booking.domain.windows import Window
from booking.models.bookings import Booking
from booking.services import reservations
from booking.services.booking_edits import change_booking
from booking.services.booking_moves import cancel_booking
from booking.services.bookings import request_booking
from tests.support.clusters import bind, breaches, memory, tell
from tests.support.lives import at
from tests.support.outbox import items
from tests.support.world import World, build_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FATES = ("does", "fails", "is silent", "is slow", "does and loses the answer")


@dataclass
class Unreliable:
    """A cluster that does what it is told, or not, or late, or does it and says that it did not."""

    inner: MemoryCluster
    fates: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def put(self, reservation: Reservation, now: datetime) -> None:
        self._fated(self.inner.put, reservation, now)

    def remove(self, name: str) -> None:
        self._fated(self.inner.remove, name)

    def settle(self, account: Account) -> None:
        self._fated(self.inner.settle, account)

    def _fated(self, do: Any, *arguments: Any) -> None:
        fate = self.fates.pop(0) if self.fates else "does"
        if fate == "fails":
            raise Temporary("not now")
        if fate == "is silent":
            raise Unreachable("no answer")
        if fate == "is slow":
            self.meanwhile()  # what it was told is out of date before it does it
        do(*arguments)
        if fate == "does and loses the answer":
            raise Temporary("the answer was lost")


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    world = build_world(app, units=32)
    with app.app_context():
        bind(world)
        yield world


days = iter(range(1, 10_000))

ACTS = st.lists(
    st.tuples(st.sampled_from(["book", "extend", "shrink", "fewer", "cancel", "deliver"]), st.integers(0, 3)),
    min_size=2,
    max_size=12,
)


def _all_arrives_in_order(world: World, acts: list[tuple[str, int]], fates: list[str]) -> None:
    now = at(24 * next(days))
    cluster = Unreliable(memory(), list(fates))
    last = max((item.id for item in items()), default=0)
    made: list[int] = []
    for number, (act, which) in enumerate(acts):
        moment = now + timedelta(seconds=20 * number)
        cluster.meanwhile = partial(_try, world, ("cancel", "extend")[number % 2], made, which, now, moment)
        if act == "deliver":
            tell(moment, main=cluster)  # type: ignore[arg-type]
        else:
            _try(world, act, made, which, now, moment)

    moment, cluster.meanwhile = now + timedelta(minutes=10), lambda: None
    for _ in range(10):
        cluster.fates.clear()
        reservations.pin_due(moment)
        tell(moment, main=cluster)  # type: ignore[arg-type]
        moment += timedelta(minutes=5)

    told = [item for item in items(destination="cluster:main") if item.id > last]
    assert {item.state for item in told} <= {"delivered"}
    assert {item.booking_id for item in told if item.booking_id} >= set(made), "nothing is dropped"
    for booking_id in made:
        arrived = [item.delivered_at for item in told if item.booking_id == booking_id]
        assert arrived == sorted(arrived), "the order of each booking is kept"
    standing = db.session.scalars(select(Booking).where(Booking.id.in_(made), Booking.state == "confirmed")).all()
    assert {f"bk-{one.id}": one.ends_at for one in standing} == {
        name: one.window.end for name, one in cluster.inner.reserved.items()
    }
    assert breaches(moment) == []
    for one in standing:
        cancel_booking(one.id, actor=world.lead, now=moment)
    tell(moment, main=cluster)  # type: ignore[arg-type]
    assert cluster.inner.reserved == {}


def _try(world: World, act: str, made: list[int], which: int, now: datetime, moment: datetime) -> None:
    try:
        if act == "book":
            window = Window(now + timedelta(minutes=30), now + timedelta(minutes=90))
            made.append(request_booking(world.order(window, 8), actor=world.lead, now=moment).id)
        elif made:
            _change(world, act, made[which % len(made)], moment)
    except (Refused, Problem):
        pass  # a refused change is told to nobody
    db.session.rollback()


def _change(world: World, act: str, booking_id: int, moment: datetime) -> None:
    row = db.session.get_one(Booking, booking_id, populate_existing=True)
    window, version = Window(row.starts_at, row.ends_at), row.version
    db.session.rollback()
    if act == "cancel":
        cancel_booking(booking_id, actor=world.lead, now=moment)
        return
    quarter = timedelta(minutes=15)
    end = window.end + quarter if act == "extend" else max(window.end - quarter, window.start + quarter)
    changed = Window(window.start, end)
    change_booking(booking_id, window=changed, claims=None, actor=world.lead, now=moment, version=version)


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(acts=ACTS, fates=st.lists(st.sampled_from(FATES), max_size=20))
def test_all_arrives_in_order_whatever_the_cluster_does(world: World, acts: list[tuple[str, int]], fates: list[str]):
    _all_arrives_in_order(world, [("book", 0), *acts], fates)


@pytest.mark.prove
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(acts=ACTS, fates=st.lists(st.sampled_from(FATES), max_size=40))
def test_all_arrives_in_order_however_long_one_tries(world: World, acts: list[tuple[str, int]], fates: list[str]):
    _all_arrives_in_order(world, [("book", 0), *acts], fates)
