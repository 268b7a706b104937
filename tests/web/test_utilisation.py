"""The page of utilisation, and the same numbers as CSV."""

import csv
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.refusals import Refused
from booking.services import due_bookings
from booking.services.utilisation import roll_up
from tests.support.lives import at
from tests.support.statements import counted_statements
from tests.support.world import World

ADDRESS = "/utilisation?from=2026-03-02&to=2026-03-03"


@pytest.fixture
def used(app: Flask, world: World, book, clock) -> None:
    """Two hours of eight GPUs are over, and somebody asked for more than there is."""
    book(1, 3)
    with pytest.raises(Refused):
        book(24, 26, 65)
    with app.app_context():
        due_bookings.start_due(at(1))
        due_bookings.complete_due(at(3))
        roll_up(at(10))
    clock.move_to(at(11))


def lines(client: FlaskClient, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(client.get(address).text.removeprefix("\ufeff"), newline="")))


def test_a_visitor_sees_sums_and_no_team(client: FlaskClient, used):
    page = client.get(ADDRESS)
    assert page.status_code == 200
    assert "16 GPU-hours" in page.text
    assert "not enough free" in page.text
    assert "130 GPU-hours" in page.text, "two hours of 65 found no room"
    assert "Rival Team" not in page.text
    assert client.get(f"{ADDRESS}&by=team").status_code == 403


def test_the_numbers_are_the_same_as_csv(as_, used):
    client = as_("lead")
    (north, south) = lines(client, "/exports/utilisation.csv?from=2026-03-02&to=2026-03-03")
    assert (north["key"], int(north["booked"]), int(north["checked_in"])) == (World.FACILITY, 57_600, 57_600)
    assert (south["key"], south["booked"]) == (World.OTHER_FACILITY, "0")
    hours = lines(client, "/exports/utilisation-hours.csv?from=2026-03-02&to=2026-03-03")
    assert sum(int(line["booked"]) for line in hours) == 57_600
    assert [line["code"] for line in lines(client, "/exports/refusals.csv?from=2026-03-02&to=2026-03-03")] == [
        "capacity_exceeded"
    ]
    demand = lines(client, "/exports/unmet-demand.csv?from=2026-03-02&to=2026-03-03")
    assert [(line["week"], line["model"], line["unit_seconds"]) for line in demand] == [
        ("2026-03-02", "A100", "468000")
    ]


@pytest.mark.parametrize("by", ["facility", "resource", "region", "day", "week", "month", "team", "nonsense"])
def test_every_way_of_summing_up_has_its_page(as_, used, by: str):
    assert "16 GPU-hours" in as_("lead").get(f"{ADDRESS}&by={by}").text


@pytest.mark.parametrize(
    "asked",
    ["from=x", "to=2026-02-30", "from=2026-03-05&to=2026-03-04", "from=1600-01-01", "from=2020-01-01&to=2026-01-01"],
)
def test_days_that_make_no_sense_are_named(client: FlaskClient, world: World, clock, asked: str):
    assert client.get(f"/utilisation?{asked}").status_code == 422


def test_the_number_of_questions_does_not_grow(app: Flask, client: FlaskClient, used):
    with counted_statements(app) as few:
        client.get(ADDRESS)
    with counted_statements(app) as many:
        client.get("/utilisation?from=2025-06-02&to=2026-03-03&by=day")
    assert len(many) == len(few)
