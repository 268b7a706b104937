"""Ask, approve, decline, withdraw, edit, cut and let time pass in any order: only a yes changes a booking."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from booking.db import Base, db
from booking.domain.bookings import Booking
from booking.domain.capacity_changes import NewChange
from booking.domain.displacements import Resolution, Resolutions
from booking.domain.errors import Problem
from booking.domain.ledger import Entry, Line, still_held
from booking.domain.orders import Claim
from booking.domain.refusals import Refused
from booking.models.grants import LedgerEntry
from booking.services import booking_moves, capacity
from booking.services.booking_edits import change_booking
from booking.services.change_requests import approve_request, decline_request, expire_due, withdraw_request
from tests.support.lives import at, book, check, found, levels, window
from tests.support.world import World, build_world

POLICY = {"auto_approve_unit_hours": 20, "hold_minutes": 90, "weight_percent": 300}
steps = st.tuples(
    st.sampled_from(["ask", "ask", "ask", "approve", "decline", "withdraw", "pass", "cut", "supply", "cancel"]),
    st.integers(0, 3),
    st.integers(0, 4),
    st.integers(0, 8),
)


class Life:
    """One booking of two rivals' pool, and what it was before its open request."""

    def __init__(self, world: World) -> None:
        self.world, self.hour = world, 0.0
        self.booking = book(world)
        self.before = self.picture()

    def picture(self) -> tuple[Booking, list[tuple[Any, ...]]]:
        """The booking without its request, and every line that it holds itself, to the unit-second."""
        entries = select(LedgerEntry).where(
            LedgerEntry.booking_id == self.booking.id, LedgerEntry.change_request_id.is_(None)
        )
        rows = db.session.scalars(entries.order_by(LedgerEntry.id)).all()
        lines = [(row.kind, row.grant_id, row.unit_seconds) for row in rows]
        db.session.rollback()
        return found(self.booking.id), lines

    def do(self, verb: str, earlier: int, later: int, more: int) -> None:
        standing = found(self.booking.id)
        request = standing.change_request
        lead, operator, now = self.world.lead, self.world.operator, at(self.hour)
        answers: dict[str, Callable[..., Any]] = {
            "approve": approve_request, "decline": decline_request, "withdraw": withdraw_request,
        }  # fmt: skip
        if verb == "ask":
            claims = (Claim(self.world.pool, 8 + more),)
            new = window(24 - earlier, 26 + later)
            change_booking(standing.id, window=new, claims=claims, actor=lead, now=now, version=standing.version)
        elif verb in answers and request is not None:
            answers[verb](request.id, actor=lead if verb == "withdraw" else operator, now=now)
        elif verb == "pass":
            self.hour += 0.75
            expire_due(at(self.hour))
        elif verb in ("cut", "supply"):
            new_change = NewChange(-(more + 1) if verb == "cut" else more + 1, at(22), at(32), "a fan")
            later_all = Resolutions(otherwise=Resolution.LATER)
            capacity.add_capacity(World.POOL, new_change, actor=operator, now=now, resolutions=later_all)
        elif verb == "cancel":
            booking_moves.cancel_booking(standing.id, actor=lead, now=now)


def lived(app: Flask, done: list[tuple[str, int, int, int]]) -> None:
    with app.app_context():
        empty()
        life = Life(build_world(app, units=24, policy=POLICY))
        for verb, earlier, later, more in done:
            before = life.picture()
            with suppress(Problem, Refused):
                life.do(verb, earlier, later, more)
            after = life.picture()
            if after[0].version == before[0].version:
                assert bare(after[0]) == bare(before[0])
                assert after[1] == before[1]
            nothing_else_is_held(life)
        check()


def bare(booking: Booking) -> tuple[Any, ...]:
    return (booking.state, booking.window, booking.claims, booking.history, booking.unit_seconds, booking.hold_until)


def nothing_else_is_held(life: Life) -> None:
    """The steps and the ledger hold the booking and its open request, and nothing of any that has ended."""
    booking = found(life.booking.id)
    blocks = booking.own_blocks
    assert max((level for _, level in levels(life.world.pool, window(0, 48)).changes), default=0) <= sum(
        block.units for block in blocks
    )
    entries = db.session.scalars(select(LedgerEntry).where(LedgerEntry.booking_id == booking.id)).all()
    lines = [(Entry(row.kind), Line(row.grant_id, row.period_start, row.unit_seconds)) for row in entries]
    db.session.rollback()
    seconds = sum(block.units * block.window.seconds for block in blocks)
    assert sum(line.unit_seconds for line in still_held(lines)) == (
        seconds * 3 if booking.state in ("confirmed",) else 0
    )


def empty() -> None:
    """A database like a new one, for the next example."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            names = ", ".join(table.name for table in Base.metadata.sorted_tables)
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
            return
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.mark.parametrize("examples", [6, pytest.param(200, marks=pytest.mark.prove)])
def test_only_a_yes_changes_a_booking_and_every_end_leaves_it_to_the_unit_second(app: Flask, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, min_size=4, max_size=8))
    def lives_keep_the_rules(done: list[tuple[str, int, int, int]]) -> None:
        lived(app, done)

    lives_keep_the_rules()
