"""Calls that add organisations and facilities."""

from typing import Any

import pytest

from tests.support.api import Program
from tests.support.bodies import FACILITY, fields, without


def test_an_administrator_adds_an_organisation(program: Program) -> None:
    body = {"name": "西部大学", "slug": "west", "kind": "university", "region": "Sichuan"}
    answer = program.post("/organisations", body, who="admin")
    assert (answer.status_code, answer.get_json()) == (201, {**body, "id": "west"})
    assert answer.headers["Location"].endswith("/api/v1/organisations/west")
    assert program.get("/organisations/west", who="").get_json() == answer.get_json()

    assert program.post("/organisations", body, who="operator").status_code == 403
    assert program.post("/organisations", body, who="admin").status_code == 409
    assert fields(program.post("/organisations", {**body, "kind": "club"}, who="admin")) == ["kind"]


def test_an_operator_opens_a_facility(program: Program) -> None:
    answer = program.post("/facilities", FACILITY, who="operator")
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith("/api/v1/facilities/east-centre")
    assert answer.get_json() == {
        **FACILITY,
        "id": "east-centre",
        "name": "东部 Centre",
        "place": "",
        "description": "",
    }
    assert program.get("/facilities/east-centre", who="").get_json() == answer.get_json()
    assert program.post("/facilities", FACILITY, who="operator").get_json()["code"] == "slug_taken"


@pytest.mark.parametrize("person", ["other_operator", "steward", "lead", "stranger", "funder"])
def test_nobody_else_opens_a_facility_there(program: Program, person: str) -> None:
    assert program.post("/facilities", FACILITY, who=person).status_code == 403
    assert program.get("/facilities/east-centre").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("timezone", "../etc/passwd"),
        ("slug", "East"),
        ("slug", "42"),
        ("slug", "a" * 81),
        ("name", " "),
        ("name", "a" * 201),
        ("name", 7),
        ("region", ""),
        ("region", "r" * 81),
        ("region", "\u202eevil"),
        ("place", "p" * 201),
        ("description", "d" * 20_001),
        ("description", "\x07"),
        ("owner", "north"),
    ],
)
def test_a_facility_that_cannot_be_meant_is_refused_by_its_field(program: Program, name: str, value: Any) -> None:
    answer = program.post("/facilities", {**FACILITY, name: value}, who="operator")
    assert (answer.status_code, fields(answer)) == (422, [name])
    assert program.get("/facilities/east-centre").status_code == 404


def test_a_nul_byte_is_refused_wherever_it_is(program: Program) -> None:
    for body in ({**FACILITY, "name": "a\0b"}, {**FACILITY, "a\0b": "name"}, {**FACILITY, "slug": "\0"}):
        assert program.post("/facilities", body, who="operator").status_code == 422


def test_what_a_facility_belongs_to_must_exist(program: Program) -> None:
    assert program.post("/facilities", {**FACILITY, "organisation": "nobody"}, who="operator").status_code == 404
    assert fields(program.post("/facilities", without(FACILITY, "timezone"), who="operator")) == ["timezone"]


def test_the_words_of_a_facility_can_be_changed_one_by_one(program: Program) -> None:
    before = program.get("/facilities/north-centre").get_json()
    answer = program.patch("/facilities/north-centre", {"place": "Haidian"}, who="operator")
    assert answer.get_json() == {**before, "place": "Haidian"}
    assert program.patch("/facilities/north-centre", {"place": "x"}, who="other_operator").status_code == 403
    assert fields(program.patch("/facilities/north-centre", {"slug": "new"}, who="operator")) == ["slug"]
