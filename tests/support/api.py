"""A program that calls the API, and checks of each answer what holds for all of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from booking.api.document import PREFIX
from tests.support.world import World

NOW = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)
START = datetime(2026, 3, 3, 10, tzinfo=UTC)


class Program:
    """Calls in the name of the people of a world; `who` is one of them, or nobody."""

    def __init__(self, app: Flask, world: World | None = None) -> None:
        self.app = app
        self.world = world

    def get(self, path: str, who: str = "lead", **headers: str) -> TestResponse:
        return self.call("GET", path, who=who, headers=headers)

    def post(self, path: str, json: Any = None, who: str = "lead", **headers: str) -> TestResponse:
        return self.call("POST", path, json=json, who=who, headers=headers)

    def patch(self, path: str, json: Any = None, who: str = "lead", **headers: str) -> TestResponse:
        return self.call("PATCH", path, json=json, who=who, headers=headers)

    def put(self, path: str, json: Any, who: str = "lead", **headers: str) -> TestResponse:
        return self.call("PUT", path, json=json, who=who, headers=headers)

    def delete(self, path: str, who: str = "lead", **headers: str) -> TestResponse:
        return self.call("DELETE", path, who=who, headers=headers)

    def call(self, method: str, path: str, *, who: str = "", headers: Mapping[str, str], **more: Any) -> TestResponse:
        """The answer, of which it is checked that it is described and, where it is no success, a problem."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who and self.world is not None:
            sent |= self.world.bearer(who)
        if more.get("json") is None:
            more.pop("json", None)
        address = path if path.startswith(("/api/", "http")) else PREFIX + path
        answer = self.app.test_client().open(address, method=method, headers=sent, **more)
        check(self.app, answer)
        return answer


def check(app: Flask, answer: TestResponse) -> None:
    """Every answer is of a status that the document knows; failures are problem+json that says what is wrong."""
    method, path = answer.request.method, answer.request.path
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json", answer.text
        problem = answer.get_json()
        assert {"type", "title", "status", "detail", "request_id"} <= problem.keys()
        assert problem["status"] == answer.status_code
        assert problem["detail"].strip()
    endpoint, _ = app.url_map.bind("localhost").match(path, method)
    call = app.view_functions[endpoint].call
    described = {200} if call.lists else set(call.gives)
    described |= call.fails | {429} | (set() if call.public else {401})
    described |= {413, 415, 422} if call.body else set()
    described |= {422} if call.query else set()
    if not call.public and method != "GET":
        described |= {403}  # a token that may only read
    assert answer.status_code in described, f"{method} {path} answered {answer.status_code}: {answer.text}"


def text(instant: datetime) -> str:
    """An instant as programs write it."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def body(*claims: tuple[str, int], hours: int = 2, start: datetime = START, **changed: Any) -> dict[str, Any]:
    """What a program sends to book; 8 units of the pool where nothing else is claimed."""
    wanted = claims or ((World.POOL, 8),)
    usual = {
        "team": World.TEAM,
        "starts_at": text(start),
        "ends_at": text(start + timedelta(hours=hours)),
        "claims": [{"resource": resource, "units": units} for resource, units in wanted],
        "purpose": "training",
    }
    return {**usual, **changed}


def series(*claims: tuple[str, int], rule: str = "FREQ=DAILY;COUNT=3", **changed: Any) -> dict[str, Any]:
    """What a program sends to book on many dates, from ten to twelve by the clocks of Paris."""
    usual = {
        **body(*claims),
        "timezone": "Europe/Paris",
        "starts_at": "2026-03-03T10:00",
        "ends_at": "2026-03-03T12:00",
        "rule": rule,
    }
    return {**usual, **changed}


def codes(answer: TestResponse) -> list[str]:
    """The codes of the refusals that were told."""
    return [refusal["code"] for refusal in answer.json["refusals"]]


def fields(answer: TestResponse) -> list[str]:
    """The fields that were named as wrong."""
    return [error["field"] for error in answer.json["errors"]]
