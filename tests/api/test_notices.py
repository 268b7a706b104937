"""Notices for programs."""

from flask import Flask

from booking.services.outbox import address_notices
from tests.support.api import NOW, Program, body, fields


def test_what_one_was_told_is_listed_and_read(app: Flask, program: Program) -> None:
    for start in (1, 2):
        assert program.post("/bookings", body(("north-a100", start))).status_code == 201
    with app.app_context():
        address_notices(NOW)
    page = program.get("/notices?limit=1").json
    assert page["items"][0]["event"] == "confirmed"
    assert program.get(page["next"]).json["next"] is None

    assert program.post("/notices/read", {"notices": [page["items"][0]["id"]]}).json == {"unread": 1}
    assert len(program.get("/notices?unread=true").json["items"]) == 1
    assert program.post("/notices/read").json == {"unread": 0}
    assert program.get("/notices", who="rival").json["items"] == []


def test_how_to_be_told_is_chosen(program: Program) -> None:
    assert program.get("/notices/preferences").json["ways"]["confirmed"] == "mail"
    changed = program.patch("/notices/preferences", {"hour": 20, "ways": {"confirmed": "digest"}}).json
    assert (changed["hour"], changed["ways"]["confirmed"]) == (20, "digest")
    assert changed["ways"]["reminder"] == "mail"
    for wrong, field in (
        ({"hour": 24}, "hour"),
        ({"ways": {"confirmed": "pigeon"}}, "ways.confirmed"),
        ({"ways": {"nothing": "mail"}}, "ways.nothing"),
        ({"timezone": "Mars"}, "timezone"),
    ):
        answer = program.patch("/notices/preferences", wrong)
        assert answer.status_code == 422
        assert field in fields(answer)
