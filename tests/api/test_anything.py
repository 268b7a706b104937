"""Whatever a program sends, the answer says what is wrong with it; the server never fails by itself."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.api.document import PREFIX, describe
from tests.support.api import NOW, START, Program, body, series, text
from tests.support.world import World, build_world

JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([0, -1, 1.5, 2**31, 2**63, 10**400, 1e308]),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(["", "\x00", "\ud800", "closed", "later", "x" * 5_000, "=1+1", "<script>", "1.5", "\u202e"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
SENSIBLE = st.sampled_from(
    [
        World.TEAM, World.RIVAL_TEAM, World.POOL, World.DATASET, World.FACILITY, World.NORTH, World.SCENARIO,
        text(NOW), text(START), text(START.replace(hour=12)), "1970-01-01T00:00:00Z", "2499-12-31T23:59:59+14:00",
        "pool", "dataset", "week", "UTC", "lead@example.org", 1, 8, 0.5, True,
        "2026-03-03", "2026-03-03T10:00", ["2026-03-04"], "FREQ=DAILY;COUNT=2", "FREQ=MONTHLY;UNTIL=99991231",
        {"resource": World.POOL, "units": 1}, [{"resource": World.POOL, "units": 1}], {"unit_hours": 1, "per": "week"},
    ]
)  # fmt: skip
WHOLE: dict[str, dict[str, Any]] = {
    f"{PREFIX}/bookings": body(),
    f"{PREFIX}/series": series(),
    f"{PREFIX}/searches": {
        "kind": "pool", "units": 1, "hours": 1, "earliest": text(NOW), "latest": text(START.replace(day=9)),
    },
}  # fmt: skip
"""What is sent otherwise, so that what is wrong in one field gets past the others."""

VALUES = st.one_of(SENSIBLE, SENSIBLE, JUNK)


def calls_that_take_a_body(app: Flask) -> Iterator[tuple[str, str, list[str]]]:
    """Method, path and the names of the fields of each."""
    with app.app_context():
        document = describe(app)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if "requestBody" in operation:
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                fields = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
                yield method.upper(), PREFIX + path, sorted(fields)


def test_no_body_makes_a_call_fail(program: Program) -> None:
    booking = program.post("/bookings", body()).json["id"]
    program.post("/series", series())
    for method, path, fields in calls_that_take_a_body(program.app):
        fuzz(program, method, path, fields, booking)


def fuzz(program: Program, method: str, path: str, fields: list[str], booking: str) -> None:
    changed = st.fixed_dictionaries({}, optional=dict.fromkeys([*fields, "extra"], VALUES))
    sent_bodies = st.one_of(JUNK, changed, changed.map(lambda some: {**WHOLE.get(path, {}), **some}))
    places = st.sampled_from([booking, World.POOL, World.TEAM, World.DATASET, "1", "0", "x", "9" * 30, "%00", "%FF"])

    @settings(max_examples=settings.default.max_examples // 5, suppress_health_check=list(HealthCheck))
    @given(sent=sent_bodies, place=places, who=st.sampled_from(["lead", "admin", "operator", "funder"]))
    def send(sent: Any, place: str, who: str) -> None:
        address = "/".join(place if part.startswith("{") else part for part in path.split("/"))
        answer = program.app.test_client().open(
            address,
            method=method,
            data=json.dumps(sent).encode("utf-8", "surrogatepass"),
            content_type="application/json",
            headers={**program.world.bearer(who), "If-Match": '"1"'},
        )
        assert answer.status_code < 500, f"{method} {address} {sent!r}: {answer.text}"
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json"

    send()


def test_no_parameters_make_a_list_fail(program: Program) -> None:
    program.post("/bookings", body())
    with program.app.app_context():
        document = describe(program.app)
    lists = {
        path: [one["name"] for one in item["get"]["parameters"] if one["in"] == "query"]
        for path, item in document["paths"].items()
        if "get" in item and "{" not in path
    }
    words = st.one_of(SENSIBLE.map(str), st.text(max_size=10), st.sampled_from(["\x00", "%", "-1", "W10=", "WzFd"]))
    for path, names in lists.items():
        if names:
            fuzz_parameters(program, PREFIX + path, names, words)


def fuzz_parameters(program: Program, path: str, names: list[str], words: st.SearchStrategy[str]) -> None:
    @settings(max_examples=settings.default.max_examples // 5, suppress_health_check=list(HealthCheck))
    @given(sent=st.dictionaries(st.sampled_from([*names, "extra"]), words, max_size=4))
    def send(sent: dict[str, str]) -> None:
        answer = program.app.test_client().get(path, query_string=sent, headers=program.world.bearer("admin"))
        assert answer.status_code < 500, f"{path} {sent!r}: {answer.text}"

    send()


def test_a_token_is_any_text(app: Flask) -> None:
    world = build_world(app)
    for header in (
        "",
        "Bearer",
        "Bearer ",
        "Basic x",
        "Bearer \x7f",
        "Bearer ü",
        "bearer " + "x" * 5_000,
        "Bearer a b",
    ):
        answer = app.test_client().get("/api/v1/bookings", headers={"Authorization": header})
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), header
    lower = world.bearer()["Authorization"].replace("Bearer", "bearer")
    assert app.test_client().get("/api/v1/bookings", headers={"Authorization": lower}).status_code == 200
