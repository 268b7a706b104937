"""Outcomes by the API: reports and reviews, the cases for everybody, and input that cannot be meant."""

from typing import Any

import pytest

from tests.support.api import NOW, Program, fields
from tests.support.outcomes import asked

BODY: dict[str, Any] = {"title": "Lights that see", "results": "Delays fell.", "hours_used": 1.5, "links": []}


@pytest.fixture
def outcome(program: Program) -> str:
    assert program.world
    with program.app.app_context():
        return str(asked(program.world, NOW))


def test_a_report_is_written_reviewed_and_read_by_everybody(program: Program, outcome: str) -> None:
    (owed,) = program.get("/outcomes?state=asked,returned").json["items"]
    assert (owed["id"], owed["booking"], owed["used_unit_seconds"]) == (outcome, "1", 57_600)
    for who in ("", "rival", "reviewer"):
        assert program.get("/outcomes", who=who).json["items"] == []
        assert program.get(f"/outcomes/{outcome}", who=who).status_code == 404
    assert program.post(f"/outcomes/{outcome}/submit", BODY, who="rival").status_code == 404
    assert program.post(f"/outcomes/{outcome}/submit", {**BODY, "version": 2}).status_code == 412
    done = program.post(f"/outcomes/{outcome}/submit", {**BODY, "version": 1})
    assert (done.json["state"], done.json["used_unit_seconds"], done.json["version"]) == ("submitted", 5_400, 2)
    assert program.post(f"/outcomes/{outcome}/submit", BODY).status_code == 409

    assert program.post(f"/outcomes/{outcome}/publish").status_code == 403
    assert fields(program.post(f"/outcomes/{outcome}/return", who="reviewer")) == ["reason"]
    assert program.post(f"/outcomes/{outcome}/publish", {"version": 1}, who="owner").status_code == 412
    assert program.post(f"/outcomes/{outcome}/publish", {"version": 2}, who="owner").json["state"] == "published"
    assert program.post(f"/outcomes/{outcome}/return", {"reason": "x"}, who="owner").status_code == 409
    for narrowed in ("scenario=traffic", "team=team", "facility=north-centre", "region=Beijing", "state=published"):
        (case,) = program.get(f"/outcomes?{narrowed}", who="").json["items"]
        assert (case["booking"], case["reason"], case["title"]) == (None, "", "Lights that see")
    assert program.get("/outcomes?region=Mars", who="").json["items"] == []


def test_what_cannot_be_meant_is_named_and_nothing_is_kept(program: Program, outcome: str) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"hours_used": 16.01}, "hours_used"),
        ({"hours_used": -1}, "hours_used"),
        ({"hours_used": True}, "hours_used"),
        ({"links": ["http://example.org"]}, "links.0"),
        ({"links": "https://example.org"}, "links"),
        ({"links": ["https://example.org/"] * 11}, "links"),
        ({"title": ""}, "title"),
        ({"title": 7}, "title"),
        ({"results": " "}, "results"),
        ({"published": True}, "published"),
    ]
    for changed, field in wrong:
        answer = program.post(f"/outcomes/{outcome}/submit", {**BODY, **changed})
        assert (answer.status_code, fields(answer)) == (422, [field])
    assert program.get(f"/outcomes/{outcome}").json["state"] == "asked"
