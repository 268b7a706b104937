"""Today and what-if for programs."""

import pytest

from tests.support.api import Program, body, fields


def test_an_operator_hears_how_today_stands(program: Program) -> None:
    assert program.post("/bookings", body()).status_code == 201
    answer = program.get("/today", who="operator").json
    assert (answer["starts"], answer["displaced"], answer["approvals"]) == (0, 0, 0)
    assert program.get("/today", who="lead").status_code == 403


def test_a_rule_is_tried_on_what_was_booked(program: Program) -> None:
    program.post("/bookings", body(("north-a100", 8)))
    found = program.get("/what-if?most_units=4", who="operator").json
    assert found["items"] == [
        {"team": "team", "made": 1, "refused": 1, "unit_seconds": 57_600, "refused_unit_seconds": 57_600}
    ]
    assert program.get("/what-if?unit_hours=16", who="operator").json["total"]["refused"] == 0
    assert program.get("/what-if?unit_hours=15.5", who="operator").json["total"]["refused"] == 1
    assert program.get("/what-if?most_units=4", who="lead").status_code == 403


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("", "unit_hours"),
        ("unit_hours=x", "unit_hours"),
        ("most_units=1.5", "most_units"),
        ("days=0&most_units=1", "days"),
    ],
)
def test_a_rule_that_says_nothing_is_named(program: Program, asked: str, field: str) -> None:
    answer = program.get(f"/what-if?{asked}", who="operator")
    assert answer.status_code == 422
    assert field in fields(answer)
