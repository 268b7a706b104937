"""Whatever is booked, released and answered, and however long no scheduler runs: a plain count offers the same.

The count knows hours, units and lists alone. After everything that happens it looks at what is free and at who waits:
nobody may be left waiting for what he could have, and offers are made to the first in order who can have any.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from booking import create_app
from booking.db import db
from booking.domain.errors import Conflict, Invalid
from booking.domain.queues import Priority
from booking.domain.refusals import Refused
from booking.models.bookings import Booking, Claim, History
from booking.models.outbox import OutboxItem
from booking.models.resources import Resource
from booking.models.waitlist import WaitlistEntry, WaitlistPriority
from booking.services import due_bookings, waitlist
from booking.services.booking_moves import accept_booking, cancel_booking, decline_booking
from booking.services.fsck import check_rules
from tests.support.lives import NOW, at
from tests.support.waiting import join, take
from tests.support.world import World, build_world

UNITS = 4
LAST = 400
HEAD_START = {"high": 2, "normal": 1, "low": 0}
Offer = tuple[int, int, int]
"""An entry, and the hours in which what it is offered begins and ends."""


def hour_of(instant: datetime) -> float:
    return (instant - NOW) / timedelta(hours=1)


@dataclass
class Picture:
    """What is booked by hour, what each team has used, and who waits, as rows say it."""

    free: list[int]
    used: Counter[int]
    waiting: list[WaitlistEntry]
    classes: dict[int, str]

    @staticmethod
    def taken() -> "Picture":
        session = db.session()
        session.rollback()
        free, used = [UNITS] * LAST, Counter[int]()
        rows = session.execute(select(Claim, Booking.team_id).join(Booking, Booking.id == Claim.booking_id))
        for claim, team_id in rows:
            start, end = int(hour_of(claim.starts_at)), int(hour_of(claim.ends_at))
            used[team_id] += claim.units * (end - start)
            for hour in range(start, end):
                free[hour] -= claim.units
        waiting = session.scalars(
            select(WaitlistEntry).where(WaitlistEntry.state == "waiting").execution_options(populate_existing=True)
        )
        classes = {row.entry_id: row.priority for row in session.scalars(select(WaitlistPriority))}
        return Picture(free, used, list(waiting), classes)

    def offers(self, now: float) -> list[Offer]:
        """What is offered now, one after the other."""
        found = []
        while (offer := self._next(now)) is not None:
            found.append(offer)
        return found

    def _next(self, now: float) -> Offer | None:
        for entry in sorted(self.waiting, key=lambda one: self._rank(one, now)):
            window = self._window(entry, now)
            if window is not None:
                for hour in range(*window):
                    self.free[hour] -= entry.units
                self.used[entry.team_id] += entry.units * (window[1] - window[0])
                self.waiting.remove(entry)
                return (entry.id, *window)
        return None

    def _rank(self, entry: WaitlistEntry, now: float) -> Any:
        waited = now - hour_of(entry.created_at)
        level = HEAD_START[self.classes.get(entry.id, "normal")] + int(waited // 72)
        return (-level, self.used[entry.team_id], entry.created_at, entry.id)

    def _window(self, entry: WaitlistEntry, now: float) -> tuple[int, int] | None:
        soonest = now if entry.take_automatically else now + 0.5
        least, most = entry.min_seconds // 3600, entry.max_seconds // 3600
        latest = int(hour_of(entry.latest))
        for start in range(int(hour_of(entry.earliest)), latest - least + 1):
            begins = start + 1 > now if entry.take_automatically else start >= soonest
            if begins and all(self.free[hour] >= entry.units for hour in range(start, start + least)):
                end = start + least
                while end < min(start + most, latest) and self.free[end] >= entry.units:
                    end += 1
                return start, end
        return None


@dataclass
class Life:
    """One world in which things happen; `now` is counted in hours."""

    world: World
    now: float = 0
    seen: set[int] = field(default_factory=set)

    def does(self, what: tuple[Any, ...]) -> None:
        getattr(self, what[0])(*what[1:])
        self.check()

    def joins(self, rival: bool, units: int, least: int, more: int, earliest: int, room: int, takes: bool) -> None:
        start = int(self.now) + earliest
        team = self.world.rival_team if rival else self.world.team
        with suppress(Conflict, Invalid):
            join(
                self.world, units, least, (start, start + least + more + room), most_hours=least + more,
                team_id=team, take_automatically=takes, now=at(self.now),
            )  # fmt: skip

    def contests(self, rival: bool, hours: int, first: int) -> None:
        """Both teams wait for what one of them has booked whole, and gives up."""
        begins = int(self.now) + 26 + first
        with suppress(Refused, Conflict):
            booked = take(self.world, begins, begins + hours, UNITS, rival=rival, now=at(self.now))
            for team in (self.world.team, self.world.rival_team):
                join(self.world, UNITS, hours, (begins, begins + hours), team_id=team, now=at(self.now))
                self.now += 1 / 64
            cancel_booking(booked.id, actor=self.world.admin, now=at(self.now))

    def books(self, rival: bool, units: int, hours: int, start: int) -> None:
        begins = int(self.now) + 1 + start
        before = None if self._something_lapsed() else self._expected()
        with suppress(Refused):
            take(self.world, begins, begins + hours, units, rival=rival, now=at(self.now))
        if before is not None:
            assert self._made() == before, "who waits comes before who asks"

    def cancels(self, number: int) -> None:
        ids = self._ids(Booking.state == "confirmed", Booking.starts_at > at(self.now))
        if ids:
            cancel_booking(ids[number % len(ids)], actor=self.world.admin, now=at(self.now))

    def answers(self, number: int, yes: bool) -> None:
        ids = self._ids(Booking.state == "offered")
        if ids:
            with suppress(Conflict):
                answer = accept_booking if yes else decline_booking
                answer(ids[number % len(ids)], actor=self.world.admin, now=at(self.now))

    def prioritises(self, number: int, priority: Priority) -> None:
        entries = list(db.session.scalars(select(WaitlistEntry.id).where(WaitlistEntry.state == "waiting")))
        if entries:
            entry_id = entries[number % len(entries)]
            waitlist.set_priority(entry_id, priority, actor=self.world.operator, now=at(self.now))

    def waits(self, hours: float) -> None:
        self.now += hours

    def runs_the_scheduler(self) -> None:
        for job in (due_bookings.expire_due, due_bookings.start_due, due_bookings.complete_due, waitlist.close_ended):
            assert not job(at(self.now)).errors
        before = self._expected()
        assert not waitlist.serve_due(at(self.now)).errors
        assert self._made() == before, "the list is served in its order"

    def check(self) -> None:
        """Nothing is promised twice, and nobody waits for what he could have unless that is marked."""
        picture = Picture.taken()
        assert min(picture.free) >= 0
        db.session.rollback()
        if not db.session.scalar(select(Resource.owes_look).where(Resource.id == self.world.pool)):
            assert picture.offers(self.now) == []
        self._made()

    def ends(self) -> None:
        """After everything everybody has been answered, once."""
        self.now += LAST - 100 - self.now
        self.runs_the_scheduler()
        self.runs_the_scheduler()
        assert self._ids(Booking.state.in_(("offered", "confirmed", "active"))) == []
        left = db.session.scalars(select(WaitlistEntry.state).where(WaitlistEntry.closed_at.is_(None)))
        assert list(left) == []
        lapses = Counter(db.session.scalars(select(History.booking_id).where(History.to_state == "expired")))
        told = Counter(db.session.scalars(select(OutboxItem.booking_id).where(OutboxItem.event == "offer_lapsed")))
        assert lapses == told
        assert set(lapses.values()) <= {1}
        assert [str(one) for one in check_rules(at(self.now)) if not one.is_kept] == []

    def _expected(self) -> list[Offer]:
        db.session.rollback()
        owes = db.session.scalar(select(Resource.owes_look).where(Resource.id == self.world.pool))
        return Picture.taken().offers(self.now) if owes else []

    def _made(self) -> list[Offer]:
        """The offers made since this was asked last, in the order in which they were made."""
        db.session.rollback()
        rows = db.session.execute(
            select(WaitlistEntry.id, WaitlistEntry.booking_id, Claim.starts_at, Claim.ends_at)
            .join(Claim, Claim.booking_id == WaitlistEntry.booking_id)
            .order_by(WaitlistEntry.booking_id)
        ).all()
        new = [row for row in rows if row.booking_id not in self.seen]
        self.seen |= {row.booking_id for row in new}
        return [(row.id, int(hour_of(row.starts_at)), int(hour_of(row.ends_at))) for row in new]

    def _something_lapsed(self) -> bool:
        return bool(self._ids(Booking.state == "offered", Booking.hold_until <= at(self.now)))

    def _ids(self, *where: Any) -> list[int]:
        db.session.rollback()
        return list(db.session.scalars(select(Booking.id).where(*where).order_by(Booking.id)))


small = st.integers(0, 9)
events = st.one_of(
    st.tuples(st.just("joins"), st.booleans(), st.integers(1, UNITS), st.integers(1, 3), st.integers(0, 3),
              st.integers(0, 40), st.integers(0, 4), st.booleans()),
    st.tuples(st.just("joins"), st.booleans(), st.integers(2, UNITS), st.just(2), st.just(0), st.integers(20, 30),
              st.just(1), st.just(False)),
    st.tuples(st.just("books"), st.booleans(), st.integers(1, UNITS), st.integers(1, 30), st.integers(0, 30)),
    st.tuples(st.just("books"), st.booleans(), st.just(UNITS), st.just(40), st.just(0)),
    st.tuples(st.just("cancels"), small),
    st.tuples(st.just("contests"), st.booleans(), st.integers(1, 6), small),
    st.tuples(st.just("answers"), small, st.booleans()),
    st.tuples(st.just("prioritises"), small, st.sampled_from(Priority)),
    st.tuples(st.just("waits"), st.sampled_from([0.25, 1, 3, 24, 30])),
    st.tuples(st.just("runs_the_scheduler")),
)  # fmt: skip
Happen = Callable[[list[tuple[Any, ...]]], None]


@pytest.fixture
def happen(sources: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Happen:
    """Let things happen in a world of their own, and see how it ends."""

    def live(things: list[tuple[Any, ...]]) -> None:
        url = sources["sqlite"].fresh(tmp_path_factory.mktemp("life"))
        app = create_app({"DATABASE_URL": url, "SECRET_KEY": "x", "TESTING": True})
        with app.app_context():
            life = Life(build_world(app, units=UNITS, grid_minutes=60))
            for what in things:
                life.does(what)
            life.ends()
            db.session.remove()
            db.engine.dispose()

    return live


def lives(most: int) -> Any:
    """Without looking for the shortest story of a failure: each takes seconds, and tells enough."""
    return settings(max_examples=most, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


@lives(12)
@given(things=st.lists(events, min_size=15, max_size=25))
def test_a_plain_count_makes_the_same_offers_in_the_same_order(happen: Happen, things: list[tuple[Any, ...]]) -> None:
    happen(things)


@pytest.mark.prove
@lives(1_000)
@given(things=st.lists(events, min_size=10, max_size=60))
def test_a_plain_count_makes_the_same_offers_a_thousand_times(happen: Happen, things: list[tuple[Any, ...]]) -> None:
    happen(things)
