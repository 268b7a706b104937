"""The pages of attestations, and the same by the API."""

from collections.abc import Callable
from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.services.attestations import ask_due
from booking.services.resources import change_resource
from tests.support.api import Program
from tests.support.filling import fill
from tests.support.lives import NOW
from tests.support.outcomes import used
from tests.support.pages import text_of
from tests.support.world import World


def test_a_team_attests_by_a_form_and_the_steward_sees_what_is_outstanding(
    app: Flask, world: World, as_: Callable[[str], FlaskClient], clock: time_machine.Traveller
) -> None:
    edited = fill(as_("steward"), "/operate/datasets/north-radar/edit", deletion_days="3")
    assert edited.status_code == 303
    assert "Within 3 days after a window" in text_of(as_("rival").get("/datasets/north-radar").text)
    with app.app_context():
        used(world, NOW, seats=1)
        ask_due(NOW)
    clock.move_to(NOW + timedelta(days=3))
    for who in ("steward", "lead"):
        assert "overdue" in text_of(as_(who).get("/attestations").text)
    assert "north-radar" not in as_("rival").get("/attestations").text
    assert (as_("rival").get("/attestations/1").status_code, as_("steward").get("/attestations/1").status_code) == (
        404, 403,
    )  # fmt: skip
    assert fill(as_("lead"), "/attestations/1", statement=" ").status_code == 422
    done = fill(as_("lead"), "/attestations/1", statement="<b>all</b> of it")
    assert (done.status_code, done.headers["Location"]) == (303, "/attestations")
    assert "&lt;b&gt;all&lt;/b&gt;" in as_("steward").get("/attestations?given=1").text
    assert "overdue" not in text_of(as_("steward").get("/attestations").text)


def test_the_same_by_the_api(app: Flask, world: World, clock: time_machine.Traveller) -> None:
    with app.app_context():
        change_resource(World.DATASET, {"deletion_days": 3}, actor=world.steward, now=NOW)
        used(world, NOW, seats=1)
        ask_due(NOW)
    program = Program(app, world)
    assert [one["id"] for one in program.get("/attestations?given=false", who="steward").json["items"]] == ["1"]
    assert program.get("/attestations", who="rival").json["items"] == []
    assert program.get("/attestations/1", who="rival").status_code == 404
    assert program.post("/attestations/1/attest", {"statement": " "}).status_code == 422
    assert program.post("/attestations/1/attest", {"statement": "All."}, who="steward").status_code == 403
    assert program.post("/attestations/1/attest", {"statement": "All."}).json["attested_by"] == "lead@example.org"
    assert program.post("/attestations/1/attest", {"statement": "All."}).status_code == 409
