"""Booking for a team that one is not in: owners may, what is theirs, with a reason."""

from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.support.booking_form import bookings, press, typed
from tests.support.pages import said_of
from tests.support.world import World

Clients = Callable[[str], FlaskClient]


@pytest.fixture(autouse=True)
def _at_nine_in_shanghai():
    with time_machine.travel("2026-03-02T01:00:00Z", tick=False):
        yield


def test_an_owner_books_what_is_his_for_a_team_with_a_reason(app: Flask, world: World, as_: Clients):
    owner = as_("operator")
    assert "Book for a team that you are not in" in owner.get("/bookings/new").text
    form = typed(team="", other_team="team", reason="Repeats the run that our outage ended")
    checked = press(owner, "check", form)
    assert checked.status_code == 200
    assert "→" not in checked.text  # the balance of a team is not its owner's to read
    assert press(owner, "book", form).status_code == 303
    assert bookings(app)[0].team_id == world.team


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "Say the reason"),
        ({"claims__0__resource": "south-h100"}, "You are not a member"),
        ({"other_team": "nobody"}, "There is no team of this name."),
    ],
)
def test_without_a_reason_or_for_what_is_not_his_he_does_not(
    app: Flask, world: World, as_: Clients, fields: dict[str, str], sentence: str
):
    owner = as_("operator")
    answer = press(owner, "book", typed(**{"team": "", "other_team": "team", "reason": "because", **fields}))
    assert answer.status_code == 422
    assert sentence in said_of(answer.text, "other_team")
    assert bookings(app) == []


def test_a_member_is_not_shown_that_way(world: World, as_: Clients):
    assert "Book for a team that you are not in" not in as_("lead").get("/bookings/new").text
