"""A grant asked, cut and expired by several processes at once: what is there once is had once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from booking.db import db
from booking.domain.errors import Conflict
from booking.domain.grants import NewGrant, Scope
from booking.domain.ledger import Entry
from booking.domain.orders import Claim, Order
from booking.domain.permissions import Actor
from booking.domain.refusals import Refused
from booking.domain.windows import Window
from booking.queries.balances import balances_of, ledger_of
from booking.services.bookings import request_booking
from booking.services.grants import create_grant, cut_grant, expire_grants
from tests.support.processes import application, meet, together
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROCESSES = 4
ROUNDS = 10


def hour(turn: int) -> Window:
    return Window(NOW + turn * HOUR, NOW + (turn + 1) * HOUR)


def hour_by_hour(world: World, subsidy_percent: int | None = None) -> list[int]:
    """A grant of one hour for each round, valid in that hour only; a voucher where somebody pays a share."""
    new = [
        NewGrant(world.team, Scope("pool"), 3600, hour(turn), subsidy_percent=subsidy_percent) for turn in range(ROUNDS)
    ]
    return [create_grant(each, actor=world.people["funder"], now=NOW).id for each in new]


def book(team_id: int, pool: int, turn: int, actor: Actor) -> str:
    try:
        request_booking(Order(team_id, hour(turn), (Claim(pool, 1),)), actor=actor, now=NOW)
    except Refused as refused:
        return ",".join(refusal.code for refusal in refused.refusals)
    except IntegrityError:
        return "the database had to stop it"
    return "booked"


def ask_for_the_last_hour(database_url: str, team_id: int, pools: list[int], actor: Actor) -> list[str]:
    """What became of one ask in each round, on a pool that this process takes by turns."""
    with application(database_url):
        return [book(team_id, pools[meet() % len(pools)], turn, actor) for turn in range(ROUNDS)]


@pytest.mark.parametrize(("opening", "other_hours", "subsidy_percent"), [("free", 0, None), ("voucher", 1000, 40)])
def test_the_last_hour_of_a_grant_or_voucher_asked_on_two_pools_is_had_once(
    app: Flask, database_url: str, opening: str, other_hours: int, subsidy_percent: int | None
) -> None:
    world = build_world(app, pool_hours=other_hours, policy={"opening": opening})
    with app.app_context():
        granted = hour_by_hour(world, subsidy_percent)
        db.session.remove()

    answers = together(
        ask_for_the_last_hour, database_url, world.team, [world.pool, world.other_pool], world.lead, processes=PROCESSES
    )

    for turn, said in enumerate(zip(*answers, strict=True)):
        assert Counter(said) == {"booked": 1, "quota_exceeded": PROCESSES - 1}, f"round {turn}"
    with app.app_context():
        held = {balance.id: balance.grant.held for balance in balances_of(db.session(), world.team)}
        assert {held.pop(grant_id) for grant_id in granted} == {3600}
        assert set(held.values()) == {0}


def cut_or_book(database_url: str, world_team: int, pool: int, granted: list[int], people: list[Actor]) -> list[str]:
    """By turns: one process cuts what the other books."""
    done = []
    with application(database_url):
        for turn, grant_id in enumerate(granted):
            if meet() == 0:
                try:
                    cut_grant(grant_id, 3600, actor=people[0], now=NOW)
                    done.append("cut")
                except (Conflict, IntegrityError) as error:
                    done.append(type(error).__name__)
            else:
                done.append(book(world_team, pool, turn, people[1]))
    return done


def test_a_grant_is_cut_or_booked_but_not_both(app: Flask, database_url: str) -> None:
    world = build_world(app, pool_hours=0)
    with app.app_context():
        granted = hour_by_hour(world)
        db.session.remove()

    people = [world.people["funder"], world.lead]
    answers = together(cut_or_book, database_url, world.team, world.pool, granted, people)

    for turn, said in enumerate(zip(*answers, strict=True)):
        assert set(said) in ({"cut", "quota_exceeded"}, {"booked", "Conflict"}), f"round {turn}"


def expire(database_url: str, now: datetime) -> int:
    with application(database_url):
        meet()
        return expire_grants(now).items


def test_two_schedulers_take_the_rest_of_a_grant_once(app: Flask, database_url: str) -> None:
    world = build_world(app, pool_hours=0)
    with app.app_context():
        granted = hour_by_hour(world)
        db.session.remove()

    shares = together(expire, database_url, NOW + ROUNDS * HOUR)

    assert sum(shares) == ROUNDS
    with app.app_context():
        kinds = Counter(line.kind for line in ledger_of(db.session(), granted, limit=1000))
        assert kinds == {Entry.GRANT: ROUNDS, Entry.EXPIRE: ROUNDS}
