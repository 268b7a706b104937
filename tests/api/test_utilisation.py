"""Utilisation for programs."""

import pytest

from tests.support.api import Program, body, fields

ADDRESS = "/utilisation?from=2026-03-02&to=2026-03-03"


def test_sums_are_public_and_whole(program: Program) -> None:
    assert program.post("/bookings", body(("north-a100", 65))).status_code == 409
    answer = program.get(ADDRESS, who="")
    assert answer.status_code == 200
    assert [item["key"] for item in answer.json["items"]] == ["north-centre", "south-centre"]
    assert answer.json["total"]["published"] == sum(item["published"] for item in answer.json["items"])
    assert answer.json["refusals"] == [
        {"code": "capacity_exceeded", "wishes": 1, "times": 1, "unit_seconds": 65 * 7200}
    ]
    assert answer.json["unmet"][0]["model"] == "A100"
    assert len(answer.json["hours"]) == 7


def test_teams_are_named_to_those_who_may_see_them(program: Program) -> None:
    assert program.get(f"{ADDRESS}&by=team", who="").status_code == 403
    assert program.get(f"{ADDRESS}&by=team", who="stranger").status_code == 403
    assert program.get(f"{ADDRESS}&by=team", who="lead").json["items"] == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("to=2026-03-03", "from"),
        ("from=x&to=2026-03-03", "from"),
        ("from=2026-03-04&to=2026-03-03", "to"),
        ("from=2020-03-04&to=2026-03-03", "to"),
        ("from=2026-03-02&to=2026-03-03&by=colour", "by"),
        ("from=2026-03-02&to=2026-03-03&since=2026-03-02", "since"),
    ],
)
def test_what_cannot_be_meant_is_named(program: Program, asked: str, field: str) -> None:
    answer = program.get(f"/utilisation?{asked}")
    assert answer.status_code == 422
    assert field in fields(answer)
