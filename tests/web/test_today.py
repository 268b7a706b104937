"""Today, for who looks after resources: every number has its list behind it."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from booking.db import transaction
from booking.models.capacity import Displacement
from booking.services import due_bookings
from booking.services.booking_moves import check_in
from tests.support.lives import NOW, at
from tests.support.world import World, build_world

LISTS = {
    "displaced": "Bookings without room",
    "unchecked": "Begun, and nobody has checked in yet",
    "no-shows": "Released today: nobody checked in",
    "running": "Running now",
    "starts": "Begin today",
    "ends": "End today",
}


@pytest.fixture
def world(app) -> World:
    return build_world(app, policy={"check_in_minutes": 60, "auto_approve_unit_hours": 100})


@pytest.fixture
def lived(app, world: World, book, clock) -> dict[str, int]:
    """A day at noon: one runs, one was missed, one has not been checked in to, one is displaced, one waits."""
    running, missed = book(1, 5), book(1, 4, 2)
    unchecked, displaced, waiting = book(3.5, 6, 3), book(30, 32), book(40, 60, 16)
    with app.app_context():
        check_in(running, actor=world.lead, now=at(0.5))
        due_bookings.start_due(at(1))
        due_bookings.release_no_shows(at(2))
        with transaction() as session:
            lost = {"booking_id": displaced, "resource_id": world.pool, "created_at": NOW}
            session.execute(insert(Displacement).values(**lost))
    clock.move_to(at(4))
    return {"running": running, "missed": missed, "unchecked": unchecked, "displaced": displaced, "waiting": waiting}


def numbers(client: FlaskClient) -> dict[str, int]:
    page = client.get("/today").text
    found = re.findall(r'href="/today/([a-z-]+)" aria-label="[^"]*: (\d+)"', page)
    return {which: int(number) for which, number in found}


def test_every_number_is_the_length_of_its_list(as_, lived: dict[str, int]):
    client = as_("operator")
    shown = numbers(client)
    assert shown == {"displaced": 1, "unchecked": 1, "no-shows": 1, "running": 2, "starts": 2, "ends": 2}
    for which, title in LISTS.items():
        page = client.get(f"/today/{which}").text
        assert title in page
        assert len(re.findall(r'href="/bookings/\d+"', page)) == shown[which]
    assert f"/bookings/{lived['displaced']}" in client.get("/today/displaced").text
    assert f"/bookings/{lived['missed']}" in client.get("/today/no-shows").text


def test_what_waits_for_an_answer_is_there_with_its_age(as_, lived: dict[str, int]):
    page = as_("operator").get("/today").text
    assert 'aria-label="Approvals: 1"' in page
    assert "The oldest has waited for 4 hours" in page
    assert "none leads" in page


def test_others_see_what_is_theirs(as_, lived: dict[str, int]):
    assert set(numbers(as_("other_operator")).values()) == {0}
    assert set(numbers(as_("steward")).values()) == {0}, "none of it claims a dataset"
    assert numbers(as_("admin"))["running"] == 2
    assert as_("lead").get("/today").status_code == 403
    assert as_("operator").get("/today/nothing").status_code == 404


def test_a_rule_is_tried_on_what_was_booked(as_, lived: dict[str, int]):
    client = as_("operator")
    assert client.get("/what-if").status_code == 200
    page = client.get("/what-if?days=30&kind=pool&unit_hours=40&per=week&most_units=8").text
    made, refused = re.search(r'row">team</th>\s*<td[^>]*>(\d+)</td>\s*<td[^>]*>(\d+)</td>', page).groups()
    assert (made, refused) == ("5", "3"), "two are over the cap, one has too many units"
    assert "Say a cap" in client.get("/what-if?days=30&kind=pool&per=week").text
    assert client.get("/what-if?days=0&kind=pool&per=week&most_units=1").status_code == 422
    assert as_("lead").get("/what-if").status_code == 403
