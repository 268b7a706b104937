"""Counter-offers and approvals in part by program."""

import pytest
import time_machine
from flask import Flask

from tests.support.api import START, Program, body, fields, text
from tests.support.world import World, build_world


@pytest.fixture
def program(app: Flask, traveller: time_machine.Traveller) -> Program:
    """A world in which every booking waits for its owner."""
    return Program(app, build_world(app, policy={"auto_approve_unit_hours": 0}))


def test_an_owner_offers_something_else_and_the_team_takes_it(program: Program) -> None:
    asked = program.post("/bookings", body()).json["id"]
    said = {"claims": [{"resource": World.POOL, "units": 4}], "reason": "only four are cool"}
    answer = program.post(f"/bookings/{asked}/counter-offer", said, who="operator")
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/bookings/{answer.json['id']}")
    assert (answer.json["state"], answer.json["counter_of"]) == ("offered", asked)
    assert program.get(f"/bookings/{asked}").json["state"] == "declined"
    taken = program.post(f"/bookings/{answer.json['id']}/accept")
    assert (taken.json["state"], taken.json["claims"][0]["units"]) == ("confirmed", 4)
    again = program.post(f"/bookings/{asked}/counter-offer", said, who="operator")
    assert (again.status_code, again.json["code"]) == (409, "illegal_move")


def test_an_offer_that_cannot_be_meant_is_named(program: Program) -> None:
    asked = program.post("/bookings", body()).json["id"]
    for said, field in (
        ({"starts_at": text(START.replace(hour=11))}, "reason"),
        (
            {"reason": "x", "hold_until": text(START.replace(hour=11)), "ends_at": text(START.replace(hour=13))},
            "hold_until",
        ),
        ({"reason": "x"}, "starts_at"),
    ):
        answer = program.post(f"/bookings/{asked}/counter-offer", said, who="operator")
        assert (answer.status_code, fields(answer)) == (422, [field])
    said = {"starts_at": text(START.replace(hour=11)), "reason": "x"}
    assert program.post(f"/bookings/{asked}/counter-offer", said, who="rival").status_code == 404
    assert program.post(f"/bookings/{asked}/counter-offer", said).status_code == 403


def test_fewer_units_are_approved_where_the_team_named_a_least_quantity(program: Program) -> None:
    claims = [{"resource": World.POOL, "units": 8, "least_units": 4}]
    asked = program.post("/bookings", body(claims=claims)).json
    assert asked["claims"] == claims
    few = {"claims": [{"resource": World.POOL, "units": 3}]}
    assert fields(program.post(f"/bookings/{asked['id']}/approve", few, who="operator")) == ["claims.0.units"]
    some = {"claims": [{"resource": World.POOL, "units": 4}]}
    done = program.post(f"/bookings/{asked['id']}/approve", some, who="operator")
    assert (done.json["state"], done.json["claims"][0]["units"]) == ("confirmed", 4)
    more = body(claims=[{"resource": World.POOL, "units": 3, "least_units": 4}])
    assert fields(program.post("/bookings", more)) == ["claims.0.least_units"]
