"""Activities and courses on pages: taking part, waiting, organising, and from a refusal to a completed course."""

from collections.abc import Callable

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.support.booking_form import press, typed
from tests.support.filling import fill
from tests.support.pages import text_of
from tests.support.visitors import send
from tests.support.world import World, build_world

As = Callable[[str], FlaskClient]
COURSE = {"name": "Safety", "slug": "safety", "organisation": "north", "valid_days": "30"}


def announce(operator: FlaskClient, **more: str) -> None:
    said = {
        "name": "Contest", "slug": "contest", "region": "Beijing", "place": "Hall 4", "zone": "Asia/Shanghai",
        "starts_at": "2026-03-09T10:00", "ends_at": "2026-03-09T12:00", "places": "1", **more,
    }  # fmt: skip
    assert fill(operator, "/activities/new", **said).status_code == 303


def test_the_last_place_is_taken_the_next_waits_and_the_organiser_sees_both(
    clock: time_machine.Traveller, world: World, as_: As
):
    operator, lead, rival = as_("operator"), as_("lead"), as_("rival")
    announce(operator)
    assert send(lead, "/activities/contest/enrol").status_code == 303
    full = send(rival, "/activities/contest/enrol")
    assert full.status_code == 409
    assert "All 1 places of Contest are taken. Join its wait list" in text_of(full.text)
    assert "Wait for a place" in full.text
    send(rival, "/activities/contest/enrol", {"waits": "1"})
    assert "You wait for a place, as number 1." in text_of(rival.get("/activities/contest").text)

    people = text_of(operator.get("/activities/contest/people").text)
    assert "lead@example.org" in people
    assert "rival@example.org" in people
    assert lead.get("/activities/contest/people").status_code == 404
    assert fill(operator, "/activities/contest/people", **{"places-places": "0"}).status_code == 405
    send(lead, "/activities/contest/leave")
    assert "You have a place." in text_of(rival.get("/activities/contest").text)
    assert "SUMMARY:Contest" in rival.get("/activities/contest/calendar.ics").text
    assert "a place" in text_of(rival.get("/activities/mine").text)

    assert send(operator, "/activities/contest/places", {"places-places": "0"}).status_code == 422
    send(operator, "/activities/contest/cancel", {"cancel-reason": "The hall is flooded."})
    assert "This is cancelled." in text_of(lead.get("/activities/contest").text)
    assert "STATUS:CANCELLED" in rival.get("/activities/contest/calendar.ics").text


def test_who_is_refused_for_a_course_finds_its_session_completes_it_and_books(
    app: Flask, clock: time_machine.Traveller, as_: As
):
    build_world(app, policy={"requires_course": "safety"})
    operator, lead = as_("operator"), as_("lead")
    assert fill(operator, "/courses/new", **COURSE).location == "/courses/safety"
    announce(operator, name="Safety, Monday", slug="safety-1", kind="training", course="safety")
    form = typed(starts_at="2026-03-04T10:00")
    refused = press(lead, "check", form)
    assert "requires the course “safety”, which you have not completed" in text_of(refused.text)
    assert 'href="/courses/safety"' in refused.text
    assert "Hall 4, Beijing" in text_of(lead.get("/courses/safety").text)
    assert send(lead, "/activities/safety-1/enrol").status_code == 303

    assert send(lead, "/courses/safety/completions", {"email": "lead@example.org"}).status_code == 404
    assert send(operator, "/courses/safety/completions", {"email": "nobody@example.org"}).status_code == 422
    assert send(operator, "/courses/safety/completions", {"email": "lead@example.org"}).status_code == 303
    assert "You have completed this; it counts until" in text_of(lead.get("/courses/safety").text)
    assert press(lead, "book", form).status_code == 303

    assert send(operator, "/completions/1/revoke", {"reason": ""}).status_code == 422
    send(operator, "/completions/1/revoke", {"reason": "The wrong person."})
    assert "taken back: The wrong person." in text_of(operator.get("/courses/safety").text)
