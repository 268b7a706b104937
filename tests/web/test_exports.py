"""Lists that people take away: whole, and only by who may see them."""

import csv
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.http import csv_answers
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("clock")


def rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def test_bookings_are_those_that_one_may_see(as_, book, world: World):
    first, second = book(), book(30, 32, 4, seats=1)

    for name in ("lead", "operator", "admin"):
        lines = rows(as_(name), "/exports/bookings.csv")
        assert [(int(line["booking"]), line["resource"], int(line["units"])) for line in lines] == [
            (second, World.POOL, 4), (second, World.DATASET, 1), (first, World.POOL, 8),
        ]  # fmt: skip
    assert rows(as_("rival"), "/exports/bookings.csv") == []


def test_a_long_list_is_asked_for_in_parts_and_is_whole(as_, book, monkeypatch: pytest.MonkeyPatch):
    wanted = [book(24 + hour, 25 + hour, 1) for hour in range(5)]
    monkeypatch.setattr(csv_answers, "AT_ONCE", 2)
    monkeypatch.setattr("booking.web.exports.AT_ONCE", 2)

    lines = rows(as_("lead"), "/exports/bookings.csv")

    assert [int(line["booking"]) for line in lines] == wanted[::-1]


def test_the_ledger_adds_up_to_the_balance(as_, book, world: World):
    book()

    lines = rows(as_("lead"), "/exports/ledger.csv?team=team")

    held = sum(int(line["unit_seconds"]) for line in lines if line["kind"] == "hold")
    assert held == 8 * 2 * 3600
    assert as_("rival").get("/exports/ledger.csv?team=team").status_code == 404


@pytest.mark.parametrize("address", ["/exports/people.csv", "/exports/audit.csv"])
def test_accounts_and_the_log_are_for_administrators(as_, app: Flask, world: World, address: str):
    assert app.test_client().get(address).status_code == 303
    assert as_("operator").get(address).status_code == 403
    assert rows(as_("admin"), address) is not None
