"""The pages of the wait list: joining from a refusal, one's place, answering, and the owner's list."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.waitlist import EntryState
from booking.services.booking_moves import cancel_booking
from booking.services.waitlist import serve_due
from tests.support import waiting
from tests.support.filling import fields_of, fill
from tests.support.lives import NOW
from tests.support.pages import buttons_of, said_of, text_of
from tests.support.visitors import send
from tests.support.world import World

As = Callable[[str], FlaskClient]
ORDER = {
    "claims-0-resource": "north-a100", "claims-0-units": "8", "zone": "Asia/Shanghai", "starts_at": "2026-03-03T16:00",
    "hours": "2", "purpose": "Train the crossing model", "check": "1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _stopped(clock: time_machine.Traveller) -> Iterator[None]:
    return None


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, sources, tmp_path) -> str:
    """What these pages ask is asked of both databases in the tests of services."""
    return sources[request.param].fresh(tmp_path)


@pytest.fixture
def full(app: Flask, world: World) -> World:
    """The rival has booked the whole pool from the 24th to the 26th hour."""
    with app.app_context():
        waiting.take(world, units=64, rival=True)
    return world


def joined(app: Flask, world: World, **more: object) -> int:
    with app.app_context():
        return waiting.join(world, **more).id


def state_of(app: Flask, entry_id: int) -> EntryState:
    with app.app_context():
        return waiting.entry(entry_id).state


def test_a_refused_order_leads_to_the_filled_form_and_onto_the_list(app: Flask, full: World, as_: As):
    lead = as_("lead")
    refused = fill(lead, "/bookings/new", **ORDER)
    assert refused.status_code == 422
    address = (
        refused.text.split("Join the wait list")[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    )
    assert address.startswith("/waitlist/new?team=team&resource=north-a100")
    begins = fields_of(lead.get(address).text)
    assert (begins["units"], begins["hours"], begins["earliest"], begins["latest"]) == (
        "8", "2", "2026-03-03T16:00", "2026-03-03T18:00",
    )  # fmt: skip

    answer = fill(lead, address)
    assert answer.status_code == 303
    page = text_of(lead.get(answer.location).text)
    assert "Your team is on the wait list." in page
    assert "1 of 1 Number 1 of 1." in page
    assert "1 of 1" in text_of(lead.get("/waitlist").text)


def test_who_joins_while_there_is_room_is_led_to_his_offer(app: Flask, world: World, as_: As):
    lead = as_("lead")
    answer = fill(lead, "/waitlist/new", resource="north-a100", purpose="training")
    page = lead.get(answer.location).text
    assert "It was free, and your team was first in line." in page
    assert {"Accept the offer", "Decline it"} <= set(buttons_of(page))
    assert "Wait-list entry 1" in text_of(page)


def test_what_cannot_be_meant_is_said_beside_its_field_and_what_was_typed_stays(app: Flask, world: World, as_: As):
    lead = as_("lead")
    asked = {"resource": "north-a100", "purpose": "training", "hours": "4"}
    for typed, field, said in (
        ({"latest": "2020-01-01T00:00"}, "latest", "The end lies before the start."),
        ({"hours": "x"}, "hours", "Say hours as a number, such as 4 or 1.5."),
        ({"max_hours": "1"}, "max_hours", "The longest time is shorter than the shortest."),
        ({"resource": ""}, "resource", "Wait for one thing: a pool or dataset, or a GPU model."),
        ({"region": "Beijing"}, "region", "A region goes with a GPU model; a resource has its place already."),
        ({"purpose": ""}, "purpose", "This field is required."),
    ):
        answer = fill(lead, "/waitlist/new", **{**asked, **typed})
        assert (answer.status_code, said_of(answer.text, field)) == (422, said), field
        assert fields_of(answer.text)["hours"] == {**asked, **typed}["hours"]


def test_an_offer_is_answered_from_the_list_and_a_lapsed_one_joined_again_with_one_click(
    app: Flask, full: World, as_: As, clock: time_machine.Traveller
):
    entry_id, lead = joined(app, full), as_("lead")
    with app.app_context():
        cancel_booking(1, actor=full.rival, now=NOW)
        serve_due(NOW)
    page = lead.get("/waitlist").text
    assert "Answer the offer" in page
    assert send(lead, "/bookings/2/decline").status_code == 303
    assert state_of(app, entry_id) is EntryState.WITHDRAWN
    ended = lead.get(f"/waitlist/{entry_id}").text
    assert "Join again" in buttons_of(ended)
    again = send(lead, f"/waitlist/{entry_id}/rejoin")
    assert again.location == "/bookings/3"


def test_a_team_waits_no_longer_once_it_says_so(app: Flask, full: World, as_: As):
    entry_id, lead = joined(app, full), as_("lead")
    assert send(lead, f"/waitlist/{entry_id}/withdraw").location == "/waitlist"
    assert state_of(app, entry_id) is EntryState.WITHDRAWN
    assert send(lead, f"/waitlist/{entry_id}/withdraw").status_code == 409
    assert f"/waitlist/{entry_id}" in lead.get("/waitlist?show=over").text


def test_an_owner_sees_who_waits_and_gives_a_class(app: Flask, full: World, as_: As):
    joined(app, full)
    second = joined(app, full, team_id=full.rival_team)
    operator = as_("operator")
    assert "Wait list: 2" in text_of(operator.get("/operate").text)
    page = text_of(operator.get("/waitlist/resources/north-a100").text)
    assert page.index("Team") < page.index("Rival Team")
    assert "normal · 1" in page
    assert send(operator, f"/waitlist/{second}/priority", {"priority": "high"}).status_code == 303
    assert "high · 2" in text_of(operator.get("/waitlist/resources/north-a100").text)
    assert send(operator, f"/waitlist/{second}/priority", {"priority": "x"}).status_code == 422


def test_others_hear_that_there_is_no_such_entry_and_no_such_list(app: Flask, full: World, as_: As):
    entry_id = joined(app, full)
    rival = as_("rival")
    assert rival.get(f"/waitlist/{entry_id}").status_code == 404
    for verb in ("withdraw", "rejoin", "priority"):
        assert send(rival, f"/waitlist/{entry_id}/{verb}", {"priority": "high"}).status_code == 404
    assert rival.get("/waitlist/resources/north-a100").status_code == 403
    assert "Train" not in rival.get("/waitlist").text
    assert app.test_client().get("/waitlist").status_code == 303
