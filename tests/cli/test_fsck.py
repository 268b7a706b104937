"""What operators see of fsck."""

from flask import Flask
from sqlalchemy import text

from booking.db import db
from tests.support.world import build_world


def test_fsck_prints_one_line_for_each_rule(app: Flask) -> None:
    build_world(app)
    done = app.test_cli_runner().invoke(args=["fsck"])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [line.split(maxsplit=2)[:2] for line in lines] == [["ok", str(number)] for number in range(1, 11)]


def test_fsck_ends_with_1_and_names_what_is_wrong(app: Flask) -> None:
    world = build_world(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE grants SET held = 5 WHERE id = :id"), {"id": world.rival_pool_grant})
    done = app.test_cli_runner().invoke(args=["fsck"])
    assert done.exit_code == 1
    wrong = [line for line in done.stdout.splitlines() if line.startswith("BREACH")]
    assert wrong == ["BREACH  2 never overspent: grants whose totals differ from their ledger: 3"]
