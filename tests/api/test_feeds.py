"""Feeds for programs."""

from flask import Flask

from tests.support.api import Program, fields


def test_a_calendar_is_made_listed_and_ended(app: Flask, program: Program) -> None:
    made = program.post("/feeds", {"team": "team"})
    assert made.status_code == 201
    assert program.get(made.headers["Location"]).json == made.json
    assert [one["slug"] for one in program.get("/feeds").json["items"]] == ["team"]
    path = made.json["address"].removeprefix("http://localhost")
    assert app.test_client().get(path).status_code == 200

    assert program.post(f"/feeds/{made.json['id']}/revoke", who="rival").status_code == 404
    assert program.post(f"/feeds/{made.json['id']}/revoke").status_code == 200
    assert app.test_client().get(path).status_code == 404
    assert program.get("/feeds").json["items"] == []


def test_what_cannot_have_a_calendar_is_named(program: Program) -> None:
    assert program.post("/feeds", {"team": "rival-team"}).status_code == 404
    assert program.post("/feeds", {"resource": "nothing"}).status_code == 404
    assert fields(program.post("/feeds", {})) == ["team"]
    assert fields(program.post("/feeds", {"team": "team", "resource": "north-a100"})) == ["team"]
