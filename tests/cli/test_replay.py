"""A recorded workload is decided by the ordinary admission, the same on every database and at every run."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim, History
from booking.models.outbox import OutboxItem
from booking.models.resources import Resource
from booking.models.teams import Team
from booking.models.users import User
from booking.services.bookings import request_booking
from tests.support.commands import DATA, run
from tests.support.settlements import check_settlement, set_rates
from tests.support.world import World, build_world

START = "2026-03-03T00:00:00Z"
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)
NOON_BEFORE = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def imported(app: Flask) -> None:
    """The sample's pools: 16 A10, 4 V100 M32, 2 T4."""
    with time_machine.travel(NOON_BEFORE, tick=False):
        run(app, "import", "nodes", DATA / "nodes.csv")


def replay(app: Flask, *options: Any, file: Path = DATA / "pods.csv", status: int = 0) -> dict[str, Any]:
    done = run(app, "replay", file, "--json", "--start", START, *options, status=status)
    return json.loads(done.stdout)


def decided(app: Flask) -> list[tuple[str, str, str, int, datetime, datetime]]:
    """Who was let in where, in the order of the decisions."""
    wanted = (
        select(Booking.purpose, Team.slug, Resource.slug, Claim.units, Booking.starts_at, Booking.ends_at)
        .join(Team, Team.id == Booking.team_id)
        .join(Claim, Claim.booking_id == Booking.id)
        .join(Resource, Resource.id == Claim.resource_id)
        .order_by(Booking.id)
    )
    with app.app_context():
        return [tuple(row) for row in db.session.execute(wanted)]


def at(minutes: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


def test_requests_take_the_first_pool_that_admits_them_and_teams_ask_by_turns(app: Flask) -> None:
    replay(app, "--teams", 3)
    assert decided(app) == [
        ("any-a10", "replay-1", "imported-a10", 16, at(0), at(60)),
        ("spills-to-t4", "replay-2", "imported-t4", 2, at(0), at(30)),
        ("v100-then-t4", "replay-1", "imported-v100-m32", 2, at(0), at(15)),
        ("shortest", "replay-1", "imported-a10", 1, at(120), at(135)),
    ]


def test_the_summary_counts_requests_refusals_and_the_use_of_pools(app: Flask) -> None:
    assert replay(app) == {
        "requests": 7,
        "admitted": 4,
        "refused": {"capacity_exceeded": 2, "not_eligible": 1},
        "pools": {
            "imported-a10": {"offered": 16, "peak": 16, "utilisation": 0.4514},
            "imported-t4": {"offered": 2, "peak": 2, "utilisation": 0.2222},
            "imported-v100-m32": {"offered": 4, "peak": 2, "utilisation": 0.0556},
        },
    }


def test_bookings_are_written_in_the_time_of_the_trace_with_history_and_notices(app: Flask) -> None:
    replay(app)
    with app.app_context():
        rows = db.session.execute(select(Booking.created_at, Booking.starts_at)).all()
        assert all(row.created_at == row.starts_at for row in rows)
        assert len(db.session.scalars(select(History)).all()) == 4
        assert len(db.session.scalars(select(OutboxItem).where(OutboxItem.booking_id.is_not(None))).all()) == 4
    assert "BREACH" not in run(app, "fsck").stdout


def test_a_second_replay_meets_what_the_first_one_holds(app: Flask) -> None:
    replay(app)
    again = replay(app)
    assert again["admitted"] == 2  # v100-then-t4 beside the first, and shortest
    assert again["pools"]["imported-a10"]["peak"] == 16
    with app.app_context():
        assert len(db.session.scalars(select(Team)).all()) == 8


def test_another_start_is_another_time(app: Flask) -> None:
    replay(app)
    later = json.loads(run(app, "replay", DATA / "pods.csv", "--json", "--start", "2026-06-01T08:00:00+08:00").stdout)
    assert later["admitted"] == 4
    assert decided(app)[4][4] == datetime(2026, 6, 1, tzinfo=UTC)
    assert "BREACH" not in run(app, "fsck").stdout


def test_the_trace_begins_at_the_next_midnight_unless_it_is_said(app: Flask) -> None:
    with time_machine.travel(NOON_BEFORE, tick=False):
        run(app, "replay", DATA / "pods.csv")
    assert decided(app)[0][4] == MIDNIGHT


def test_people_read_a_summary_in_words(app: Flask) -> None:
    done = run(app, "replay", DATA / "pods.csv", "--start", START)
    assert done.stdout.splitlines() == [
        "7 requests: 4 admitted",
        "  refused 2: capacity_exceeded",
        "  refused 1: not_eligible",
        "imported-a10: peak 16 of 16 GPUs, 45.1% used",
        "imported-t4: peak 2 of 2 GPUs, 22.2% used",
        "imported-v100-m32: peak 2 of 4 GPUs, 5.6% used",
    ]


def test_the_month_of_a_replay_ties_to_the_ledger_and_is_settled_once(app: Flask) -> None:
    set_rates(app)
    replay(app)
    assert check_settlement(app) == 333 * (16 + 1) + 333 // 2 + 333 // 4 + 1


def test_nobody_can_open_the_accounts_of_a_replay(app: Flask) -> None:
    replay(app)
    with app.app_context():
        leads = db.session.scalars(select(User).where(User.name.startswith("replay-"))).all()
        assert len(leads) == 8
        assert not any(user.active for user in leads)


def test_a_replay_can_ask_another_facility_and_meets_its_policies(app: Flask) -> None:
    build_world(app, units=32, policy={"max_units": 8})
    answer = replay(app, "--facility", World.FACILITY)
    assert answer["pools"].keys() == {"north-a100"}
    assert answer["refused"]["too_many_units"] == 1
    assert answer["refused"]["not_eligible"] == 4


def test_nothing_else_is_settled_in_the_time_of_the_trace(app: Flask) -> None:
    world = build_world(app, units=16, policy={"check_in_minutes": 15, "auto_approve_unit_hours": 100})
    order = world.order(Window(at(-60), at(660)), 8)
    with app.app_context():
        for _ in ("a no-show by then", "an approval that nobody gave by then"):
            request_booking(order, actor=world.member, now=NOON_BEFORE)
    answer = replay(app, "--facility", World.FACILITY)
    assert answer["refused"] == {"capacity_exceeded": 3, "not_eligible": 4}
    with app.app_context():
        states = db.session.scalars(select(Booking.state).where(Booking.team_id == world.team).order_by(Booking.id))
        assert states.all() == ["confirmed", "pending"]


def test_a_refusal_counts_by_the_first_code_of_the_last_pool_that_was_tried(app: Flask) -> None:
    with app.app_context():
        for row in db.session.scalars(select(Resource).where(Resource.slug == "imported-v100-m32")):
            row.policy = {**row.policy, "max_minutes": 1, "max_units": 1}
            row.offer_version += 1
        db.session.commit()
    assert replay(app)["refused"] == {"capacity_exceeded": 1, "not_eligible": 1, "too_long": 2}


def test_bad_rows_are_named_and_the_others_are_replayed(app: Flask, tmp_path: Path) -> None:
    lines = (DATA / "pods.csv").read_text().splitlines()
    file = tmp_path / "pods.csv"
    file.write_text("\n".join([*lines[:2], "broken,1,1,-4,1,,LS,Running,0,9,0", "short,1", *lines[2:]]))
    done = run(app, "replay", file, "--json", "--start", START, status=1)
    assert f"{file}: line 3: num_gpu is '-4'" in done.stderr
    assert f"{file}: line 4: 2 values" in done.stderr
    assert json.loads(done.stdout)["requests"] == 7


def test_a_facility_without_pools_is_named(app: Flask) -> None:
    done = run(app, "replay", DATA / "pods.csv", "--facility", "nowhere", status=1)
    assert "'nowhere'" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "wrong", [("--start", "tomorrow"), ("--start", "2026-03-03T00:00:00"), ("--start", "2350-01-01T00:00Z"),
              ("--teams", "0"), ("--teams", "x")]
)  # fmt: skip
def test_wrong_options_are_refused(app: Flask, wrong: tuple[str, str]) -> None:
    done = run(app, "replay", DATA / "pods.csv", *wrong, status=2)
    assert wrong[0] in done.stderr
    assert decided(app) == []
