"""Months are settled from the ledger, closed in their order, and unchangeable: what is late is in the open month."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from booking.db import db, transaction
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.grants import NewGrant, Scope
from booking.domain.notices import Audience
from booking.domain.settlements import CLOSED_AFTER, Rate, month_named
from booking.domain.windows import Window
from booking.models.grants import LedgerEntry
from booking.models.settlements import SettlementLine
from booking.queries import settlements as questions
from booking.services import due_bookings, settlements
from booking.services.fsck import check_rules
from booking.services.grants import create_grant
from booking.services.outbox import address_notices
from booking.services.refunds import refund_booking
from booking.services.resources import change_resource
from tests.support.lives import HOURS, NOW, at, book
from tests.support.outbox import items
from tests.support.processes import application, meet, together
from tests.support.world import World, build_world

MARCH, APRIL = month_named("2026-03"), month_named("2026-04")


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """A pool that is open to vouchers at 10.00 an hour, of which 40 per cent are paid by the funder."""
    with app.app_context():
        world = build_world(app, policy={"opening": "voucher"})
        settlements.set_rate(World.POOL, Rate(NOW, 1000), actor=world.operator, now=NOW)
        new = NewGrant(world.team, Scope("pool"), 1000 * HOURS, Window(NOW, at(2000)), reason="aid", subsidy_percent=40)
        create_grant(new, actor=world.people["funder"], now=NOW)
        yield world


def used(world: World, start: float, end: float) -> int:
    """A booking of eight GPUs that was served from its start to its end."""
    booking = book(world, start, end, now=NOW)
    due_bookings.start_due(at(start))
    due_bookings.complete_due(at(end))
    return booking.id


def lines(month: Window) -> list[tuple[int, int, int, int, int, int]]:
    """Hours booked, measured and refunded, and cents with their shares, as the month stands."""
    with db.engine.connect() as connection:
        _, found = questions.find_month(connection, month.start)
    return [
        (one.sum.booked // HOURS, one.sum.measured // HOURS, one.sum.refunded // HOURS, one.cents, one.subsidy_cents,
         one.own_cents)
        for one in found
    ]  # fmt: skip


def told(event: str) -> dict[str, Audience]:
    """Whom an event is told, and why, each once."""
    address_notices(at(3000))
    mail = [(row.destination, row.payload) for row in items(event=event) if row.destination != "notices"]
    readers = {to.removeprefix("mail:").partition("@")[0]: Audience(said["audience"]) for to, said in mail}
    assert len(readers) == len(mail)
    return readers


def broken() -> list[str]:
    return [str(finding) for finding in check_rules(at(3000)) if not finding.is_kept]


def test_a_closed_month_ties_to_the_ledger_and_never_changes(world: World) -> None:
    booking_id = used(world, 24, 26)
    assert lines(MARCH) == [(16, 0, 0, 16_000, 6_400, 9_600)]

    assert told("rate_set") == {"lead": Audience.MEMBER, "funder": Audience.SETTLED}, "who pays for it"
    assert lines(APRIL) == [], "while March is open, what was charged in it is in March alone"

    closing = MARCH.end + CLOSED_AFTER
    assert settlements.close_due(closing - timedelta(seconds=1)).items == 0
    assert settlements.close_due(closing).items == 1
    assert settlements.close_due(closing).items == 0, "a second run changes nothing"
    assert told("month_closed") == {
        "lead": Audience.MEMBER, "funder": Audience.SETTLED, "operator": Audience.SETTLED, "steward": Audience.SETTLED,
    }  # fmt: skip

    late = MARCH.end - timedelta(hours=1)  # dated into March, written after that was closed
    for now, hours in ((late, 3), (closing, 2)):
        refund_booking(booking_id, hours * HOURS, actor=world.operator, now=now, reason="half the nodes were down")
    settlements.set_rate(World.POOL, Rate(closing, 5000), actor=world.operator, now=closing)
    assert lines(MARCH) == [(16, 0, 0, 16_000, 6_400, 9_600)]
    assert lines(APRIL) == [(0, 0, 5, -5_000, -2_000, -3_000)], "at the rate that stood when it was booked"
    assert settlements.close_due(APRIL.end + CLOSED_AFTER).items == 1

    signed = func.sum(LedgerEntry.unit_seconds).filter(LedgerEntry.kind == "charge")
    back = func.sum(LedgerEntry.unit_seconds).filter(LedgerEntry.kind == "refund")
    with db.engine.connect() as connection:
        ledger = connection.execute(select(signed, back)).one()
        stored = connection.execute(
            select(
                func.sum(SettlementLine.booked + SettlementLine.measured),
                func.sum(SettlementLine.refunded),
                func.sum(SettlementLine.cents),
            )
        ).one()
    assert [int(one) for one in stored] == [*map(int, ledger), (16 - 5) * 1000]
    assert broken() == []

    with transaction() as session:
        session.execute(update(SettlementLine).values(booked=SettlementLine.booked + 1))
    assert len(broken()) == 1
    assert "do not tie to the ledger: 2026-02-28T16:00:00Z" in broken()[0]


def close(database_url: str, now: datetime) -> int:
    with application(database_url):
        meet()
        return settlements.close_due(now).items


def test_two_schedulers_close_a_month_once(world: World, database_url: str) -> None:
    used(world, 24, 26)
    db.session.remove()
    assert sorted(together(close, database_url, MARCH.end + CLOSED_AFTER)) == [0, 1]
    assert broken() == []


def test_months_are_closed_by_hand_in_their_order_and_after_their_end(world: World) -> None:
    used(world, 24, 26)
    for month, now in ((MARCH, MARCH.end - timedelta(seconds=1)), (APRIL, APRIL.end)):
        with pytest.raises(Conflict):
            settlements.close_month(month, actor=world.admin, now=now)
    with pytest.raises(Forbidden):
        settlements.close_month(MARCH, actor=world.people["funder"], now=MARCH.end)
    settlements.close_month(MARCH, actor=world.admin, now=MARCH.end)
    with pytest.raises(Conflict):
        settlements.close_month(MARCH, actor=world.admin, now=MARCH.end)


def test_each_sees_its_own_lines_and_no_others(world: World) -> None:
    used(world, 24, 26)
    with db.engine.connect() as connection:
        _, found = questions.find_month(connection, MARCH.start)
        seen = {name: len(questions.visible(connection, found, who)) for name, who in world.people.items()}
    assert {name for name, number in seen.items() if number} == {
        "admin", "operator", "steward", "funder", "lead", "member",
    }  # fmt: skip


def test_owners_say_what_their_pools_cost_and_never_for_the_past(world: World) -> None:
    for who, rate, error in (
        ("other_operator", Rate(NOW, 1), Forbidden),
        ("operator", Rate(NOW - timedelta(seconds=1), 1), Invalid),
        ("operator", Rate(at(1), -1), Invalid),
        ("operator", Rate(NOW, 2000), Conflict),
    ):
        with pytest.raises(error):
            settlements.set_rate(World.POOL, rate, actor=world.people[who], now=NOW)
    with db.engine.connect() as connection:
        assert questions.rates_of(connection, world.pool) == (Rate(NOW, 1000),)


def test_a_pool_is_free_again_once_its_rates_are_nought_the_coming_ones_too(world: World) -> None:
    free = {"policy": {"opening": "free"}}
    for rate in (Rate(at(24), 2000), Rate(at(24), 0), Rate(at(1), 0)):
        with pytest.raises(Invalid):
            change_resource(World.POOL, free, actor=world.operator, now=at(2))
        settlements.set_rate(World.POOL, rate, actor=world.operator, now=NOW)
    assert change_resource(World.POOL, free, actor=world.operator, now=at(2)).policy.opening == "free"
    with db.engine.connect() as connection:
        assert questions.rates_of(connection, world.pool) == (Rate(NOW, 1000), Rate(at(1), 0), Rate(at(24), 0))
