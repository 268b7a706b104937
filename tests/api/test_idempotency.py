"""A request that is sent twice books once."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.api import NOW, Program, body, fields
from tests.support.load import Answer, Client, at_once
from tests.support.web_server import WebServer
from tests.support.world import World, build_world


def send(program: Program, key: str = "first", who: str = "lead", **changed: object) -> TestResponse:
    return program.post("/bookings", body(**changed), who=who, Idempotency_Key=key)


def booked(program: Program) -> int:
    return len(program.get("/bookings", "admin").json["items"])


def test_the_same_key_and_body_are_answered_alike(program: Program) -> None:
    first, again = send(program), send(program)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Location"] == first.headers["Location"]
    assert booked(program) == 1


def test_the_order_and_the_spaces_of_a_body_do_not_count(program: Program) -> None:
    first = send(program).json["id"]
    turned = dict(reversed(body().items()))
    sent = program.app.json.dumps(turned, indent=4)
    again = program.call(
        "POST", "/bookings", who="lead", headers={"Idempotency-Key": "first"}, data=sent,
        content_type="application/json",
    )  # fmt: skip
    assert again.json["id"] == first


def test_the_same_key_for_another_body_is_refused(program: Program) -> None:
    send(program)
    answer = send(program, purpose="something else")
    assert (answer.status_code, fields(answer)) == (422, ["Idempotency-Key"])
    assert booked(program) == 1


def test_each_person_has_keys_of_their_own(program: Program) -> None:
    first = send(program).json["id"]
    assert send(program, who="member").json["id"] != first
    assert send(program, key="second").json["id"] != first


def test_a_refused_request_is_not_kept(program: Program) -> None:
    everything = [{"resource": World.POOL, "units": 64}]
    there = program.post("/bookings", body((World.POOL, 1), team=World.RIVAL_TEAM), who="rival")
    assert send(program, claims=everything).status_code == 409
    program.post(f"{there.headers['Location']}/cancel", who="rival")
    assert send(program, claims=everything).status_code == 201


def test_a_key_is_kept_for_a_day(program: Program, traveller: time_machine.Traveller) -> None:
    first = send(program).json["id"]
    traveller.move_to(NOW + timedelta(hours=23, minutes=59, seconds=59))
    assert send(program).json["id"] == first
    assert send(program, purpose="something else").status_code == 422
    traveller.move_to(NOW + timedelta(hours=24))
    later = send(program, purpose="something else")
    assert later.status_code == 201
    assert later.json["id"] != first


def test_the_answer_shows_what_became_of_the_booking(program: Program) -> None:
    first = send(program)
    program.post(f"{first.headers['Location']}/cancel")
    again = send(program)
    assert (again.json["id"], again.json["state"]) == (first.json["id"], "cancelled")


def test_a_dry_run_leaves_the_key_free(program: Program) -> None:
    assert send(program, dry_run=True).status_code == 200
    assert send(program).status_code == 201


def test_a_key_is_short_and_printable(program: Program) -> None:
    for key in ("", "x" * 201, "a\tb", "käse"):
        answer = send(program, key=key)
        assert (answer.status_code, fields(answer)) == (422, ["Idempotency-Key"]), key
    assert send(program, key="x" * 200).status_code == 201
    assert send(program, key=' ~!"#').status_code == 201


@pytest.mark.parametrize("workers", [1, 2])
def test_a_request_sent_many_times_at_once_books_once(
    app: Flask, live_server: Callable[..., WebServer], workers: int
) -> None:
    """By threads of one process, and by two processes."""
    world = build_world(app, policy={"horizon_days": None})
    server = live_server(workers=workers)
    with ExitStack() as open_clients:
        clients = [open_clients.enter_context(closing(Client(server.url, world.tokens["lead"]))) for _ in range(8)]
        for turn in range(5):
            request = clients[0].prepared("POST", "/api/v1/bookings", soon(), Idempotency_Key=f"turn {turn}")
            answers = at_once([partial(client.send, request) for client in clients])
            assert all(isinstance(answer, Answer) and answer.status == 201 for answer in answers), answers
            assert len({answer.json()["id"] for answer in answers}) == 1
        assert len(clients[0].get("/api/v1/bookings").json()["items"]) == 5


def soon() -> dict[str, object]:
    """A body for a server whose clock cannot be stopped."""
    return body((World.POOL, 1), starts_at="2039-01-03T10:00:00Z", ends_at="2039-01-03T12:00:00Z")
