"""Calls on scenario lists and their entries."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from booking.services.editions import keep_times
from tests.support.api import Program
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app, build_world(app))


def edition(opens: int = 0, publishes: int = 1, closes: int = 60, **more: Any) -> dict[str, Any]:
    days = {"opens_at": opens, "publishes_at": publishes, "closes_at": closes}
    times = {name: f"{NOW + day * DAY:%Y-%m-%dT%H:%M:%SZ}" for name, day in days.items()}
    return {"title": "Spring list", **times, **more}


def entry(**more: Any) -> dict[str, Any]:
    usual = {"name": "Harbour checks", "slug": "harbour", "organisation": World.NORTH, "category": "economy",
             "region": "Beijing", "description": "Containers", "gpu_hours": 500, "gpu_models": ["A100"],
             "links": ["https://example.org/plan.pdf"]}  # fmt: skip
    return {**usual, **more}


def publish(program: Program, app: Flask, number: int, **more: Any) -> None:
    slug = program.post(f"/editions/{number}/entries", entry(**more), who="owner").json["slug"]
    assert program.post(f"/scenarios/{slug}/submit", who="owner").json["state"] == "submitted"
    assert program.post(f"/scenarios/{slug}/accept", who="reviewer").json["state"] == "accepted"
    with app.app_context():
        keep_times(NOW + DAY)


def test_a_list_goes_from_its_announcement_to_what_changed_since_the_last(
    program: Program, app: Flask, traveller: time_machine.Traveller
) -> None:
    made = program.post("/editions", edition(quorum=2, vote_days=14, deputy_days=7), who="admin")
    assert made.status_code == 201
    assert made.headers["Location"].endswith("/api/v1/editions/1")
    assert (made.json["number"], made.json["state"], made.json["quorum"]) == (1, "open", 2)
    program.post("/editions", edition(), who="admin")
    traveller.move_to(NOW + DAY)
    publish(program, app, 1)
    publish(program, app, 2, slug="harbour-2", continues="harbour", gpu_hours=900)

    public = program.get("/editions/2", who="").json
    assert public["edition"]["state"] == "published"
    assert [one["slug"] for one in public["entries"]] == ["harbour-2"]
    assert public["differences"] == {
        "new": [], "changed": [{"scenario": "harbour-2", "fields": ["gpu_hours"]}], "gone": [],
    }  # fmt: skip
    assert [one["number"] for one in program.get("/editions", who="").json["items"]] == [2, 1]
    found = program.get("/scenarios?edition=1", who="").json["items"]
    assert [(one["slug"], one["edition"], one["needs"]["gpu_hours"]) for one in found] == [("harbour", "1", 500)]

    changed = program.patch("/scenarios/harbour", {"gpu_hours": 700, "reason": "more"}, who="owner")
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    told = program.get("/scenarios/harbour/versions", who="").json
    assert [(one["version"], one["changed"], one["needs"]["gpu_hours"]) for one in told["versions"]] == [
        (1, ["gpu_hours"], 500)
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (edition(closes=0), "closes_at"),
        (edition(publishes=-1), "publishes_at"),
        (edition(quorum=0), "quorum"),
        (edition(quorum=1.5), "quorum"),
        (edition(vote_days=5, deputy_days=5), "deputy_days"),
        (edition(title=" "), "title"),
        (edition(colour="red"), "colour"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused_beside_its_field(
    program: Program, body: dict[str, Any], field: str
) -> None:
    answer = program.post("/editions", body, who="admin")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == [field]


def test_an_entry_that_cannot_be_meant_is_refused_and_none_is_for_who_may_not(
    program: Program, subtests: pytest.Subtests
) -> None:
    program.post("/editions", edition(), who="admin")
    attempts = [
        (entry(links=["http://example.org/"]), "owner", 422, "links"),
        (entry(gpu_hours="5"), "owner", 422, "gpu_hours"),
        (entry(category="war"), "owner", 422, "category"),
        (entry(continues="nothing"), "owner", 422, "continues"),
        (entry(), "funder", 403, None),
        (entry(organisation=World.SOUTH), "owner", 403, None),
    ]
    for body, who, status, field in attempts:
        with subtests.test(field=field, who=who):
            answer = program.post("/editions/1/entries", body, who=who)
            assert answer.status_code == status
            assert not field or answer.json["errors"][0]["field"].startswith(field)
    assert program.post("/editions", edition(), who="owner").status_code == 403
    assert program.get("/editions/7", who="").status_code == 404
