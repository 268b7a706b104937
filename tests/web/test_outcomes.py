"""The pages of outcomes: a report is asked for, written, decided on, and read on the pages of what it is about."""

from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.support.filling import fields_of, fill
from tests.support.lives import NOW
from tests.support.outcomes import asked, submitted
from tests.support.pages import text_of
from tests.support.visitors import send
from tests.support.world import World

As = Callable[[str], FlaskClient]

pytestmark = pytest.mark.usefixtures("clock")


def test_a_report_becomes_a_case_and_its_words_stay_words(
    app: Flask, world: World, as_: As, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    with app.app_context():
        asked(world, NOW)
    assert "What came of a booking" not in client.get("/outcomes").text
    assert "/outcomes/1/report" in as_("member").get("/outcomes").text
    form = fields_of(as_("member").get("/outcomes/1/report").text)
    assert form["hours_used"] == "16"
    typed = {"title": "<script>alert(1)</script>", "results": "=1+1 <img src=x onerror=alert(2)>", "hours_used": "16.1",
             "links": "https://example.org/a\njavascript:alert(3)"}  # fmt: skip
    wrong = fill(as_("member"), "/outcomes/1/report", **typed)
    assert wrong.status_code == 422
    assert "no more can have been used" in text_of(wrong.text)
    assert "javascript:alert(3)" in fields_of(wrong.text)["links"]
    wrong = fill(as_("member"), "/outcomes/1/report", **{**typed, "hours_used": "16"})
    assert "“javascript:alert(3)” is no address" in text_of(wrong.text)
    done = fill(as_("member"), "/outcomes/1/report", **{**typed, "hours_used": "1.5", "links": "https://example.org/a"})
    assert (done.status_code, done.headers["Location"]) == (303, "/outcomes/1")
    assert as_("rival").get("/outcomes/1").status_code == client.get("/outcomes/1").status_code == 404

    page = as_("reviewer").get("/outcomes/1").text
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    version = fields_of(page)["version"]
    missing = send(as_("reviewer"), "/outcomes/1/return", {"version": version})
    assert missing.status_code == 422
    assert "Say why" in text_of(missing.text)
    stale = send(as_("reviewer"), "/outcomes/1/publish", {"version": "1"})
    assert (stale.status_code, "It was changed meanwhile" in text_of(stale.text)) == (409, True)
    assert send(as_("reviewer"), "/outcomes/1/publish", {"version": version}).status_code == 303

    case = client.get("/outcomes/1").text
    assert "1.5 GPU-hours" in text_of(case)
    assert '<a href="https://example.org/a" rel="nofollow noopener ugc">' in case
    for visitor, path in ((client, "/scenarios/traffic"), (client, "/facilities/north-centre"), (client, "/outcomes"),
                          (as_("lead"), "/teams/team")):  # fmt: skip
        shown = visitor.get(path).text
        assert '<a href="/outcomes/1">&lt;script&gt;' in shown, path
        assert "<script>alert(1)" not in shown, path
    assert "/outcomes/1" not in client.get("/facilities/south-centre").text


def test_a_report_is_decided_on_once_and_by_who_may(app: Flask, world: World, as_: As) -> None:
    with app.app_context():
        submitted(world, NOW)
    assert send(as_("member"), "/outcomes/1/publish").status_code == 403
    assert send(as_("rival"), "/outcomes/1/publish").status_code == 404
    assert as_("member").get("/outcomes/1/report").headers["Location"] == "/outcomes/1"
    assert send(as_("owner"), "/outcomes/1/decline", {"reason": "Too thin"}).status_code == 303
    assert send(as_("reviewer"), "/outcomes/1/publish").status_code == 409
    assert "Too thin" in as_("lead").get("/outcomes/1").text
