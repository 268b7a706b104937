"""Calendars: stable, anonymous to others, dead once their owner may not see them."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.errors import NotFound
from booking.services.booking_moves import cancel_booking
from booking.services.feeds import create_feed
from booking.services.memberships import remove_member
from tests.support.lives import NOW, at
from tests.support.visitors import send
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("clock")


def made(client: FlaskClient, subject: str) -> str:
    """The path of a new calendar."""
    assert send(client, "/feeds", {"subject": subject}).status_code == 303
    return re.search(r"http://localhost(/feeds/[^<]+\.ics)", client.get("/feeds").text)[1]


def values(text: str, name: str) -> list[str]:
    return re.findall(rf"^{name}:(.*)\r$", text.replace("\r\n ", ""), re.MULTILINE)


def test_a_teams_calendar_keeps_identities_and_raises_revisions(app: Flask, as_, book, world: World):
    number = book()
    path = made(as_("lead"), "team:team")
    before = app.test_client().get(path)
    assert before.content_type == "text/calendar; charset=utf-8"
    with app.app_context():
        cancel_booking(number, actor=world.lead, now=at(1))
    after = app.test_client().get(path).text

    assert values(before.text, "UID") == values(after, "UID") == [f"booking-{number}@localhost"]
    assert values(before.text, "STATUS") + values(after, "STATUS") == ["CONFIRMED", "CANCELLED"]
    assert int(values(after, "SEQUENCE")[0]) > int(values(before.text, "SEQUENCE")[0])


def test_a_pools_calendar_tells_strangers_nothing_but_what_is_taken(app: Flask, as_, book):
    book()
    text = app.test_client().get(made(as_("rival"), "resource:north-a100")).text
    assert values(text, "SUMMARY") == ["8 GPUs taken"]
    assert "Team" not in text
    assert "booking" not in "".join(values(text, "UID"))
    assert "Team: 8 GPUs of NORTH-A100" in app.test_client().get(made(as_("operator"), "resource:north-a100")).text


def test_an_address_is_dead_once_it_was_ended_or_its_owner_left(app: Flask, as_, world: World):
    client, visitor = as_("member"), app.test_client()
    path = made(client, "team:team")
    pool = made(client, "resource:north-a100")
    assert visitor.get(path).status_code == 200
    assert visitor.get(path.replace(".ics", "0.ics")).status_code == 404
    assert visitor.get("/feeds/1-forged.ics").status_code == 404
    with app.app_context():
        remove_member(world.team, world.member.user_id, actor=world.lead, now=NOW)
    assert visitor.get(path).status_code == 404

    assert visitor.get(pool).status_code == 200
    number = re.search(r"/feeds/(\d+)/revoke", client.get("/feeds").text)[1]
    assert send(as_("lead"), f"/feeds/{number}/revoke").status_code == 404
    assert send(client, f"/feeds/{number}/revoke").status_code == 303
    assert visitor.get(pool).status_code == 404


def test_a_calendar_of_another_team_is_not_to_be_had(app: Flask, as_, world: World):
    assert send(as_("rival"), "/feeds", {"subject": "team:team"}).status_code == 422
    with app.app_context(), pytest.raises(NotFound):
        create_feed(team="team", actor=world.rival, now=NOW)
