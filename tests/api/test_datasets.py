"""Calls that publish datasets."""

from typing import Any

import pytest

from tests.support.api import Program
from tests.support.bodies import DATASET, DEFAULTS, fields, without


def test_a_steward_publishes_a_dataset_whose_seats_are_offered_from_the_start(program: Program) -> None:
    answer = program.post("/datasets", DATASET, who="steward")
    assert answer.status_code == 201
    assert answer.get_json() == {
        **DATASET,
        "id": "north-lidar",
        "kind": "dataset",
        "state": "published",
        "organisation": "north",
        "region": "Beijing",
        "timezone": "Asia/Shanghai",
        "how_to_use": "",
        "grid_minutes": 15,
        "policy": DEFAULTS,
        "version": 1,
        "url": None,
        "data_version": None,
        "sensitivity": "public",
        "withdrawn_at": None,
        "deletion_days": None,
        "files_root": None,
        "files_folder": "",
    }
    steps = program.get("/resources/north-lidar/availability").get_json()["steps"]
    assert [(step["offered"], step["free"]) for step in steps] == [(3, 3)]
    assert program.get("/pools/north-lidar").status_code == 404


def test_without_a_facility_a_dataset_belongs_to_the_stewards_only_organisation(program: Program) -> None:
    body = {**without(DATASET, "facility"), "access": "open", "seats": None, "url": "https://example.org/lidar"}
    answer = program.post("/datasets", body, who="steward").get_json()
    assert (answer["organisation"], answer["facility"], answer["timezone"]) == ("north", None, "UTC")
    assert (answer["seats"], answer["region"]) == (None, "Beijing")

    answer = program.post("/datasets", {**body, "slug": "more"}, who="admin")
    assert fields(answer) == ["organisation"]
    answer = program.post("/datasets", {**body, "slug": "more", "organisation": "south"}, who="admin")
    assert answer.get_json()["organisation"] == "south"
    assert program.post("/datasets", {**body, "slug": "x", "organisation": "south"}, who="steward").status_code == 403
    both = {**DATASET, "slug": "x", "organisation": "south"}
    assert fields(program.post("/datasets", both, who="admin")) == ["organisation"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seats", -1),
        ("seats", 2.5),
        ("seats", "False"),
        ("seats", False),
        ("seats", 2_147_483_648),
        ("access", "secret"),
        ("licence", ""),
        ("url", "javascript:alert(1)"),
        ("url", "https://"),
        ("sensitivity", "secret"),
        ("deletion_days", 0),
        ("deletion_days", 366),
        ("deletion_days", True),
        ("files_root", "south"),
        ("files_root", "../north"),
        ("files_folder", "radar/../../etc"),
        ("files_folder", "a\\b"),
        ("description", "\x01"),
    ],
)
def test_a_dataset_that_cannot_be_meant_is_refused_by_its_field(program: Program, name: str, value: Any) -> None:
    answer = program.post("/datasets", {**DATASET, name: value}, who="steward")
    assert (answer.status_code, fields(answer)) == (422, [name])


def test_data_that_is_used_on_site_needs_a_place(program: Program) -> None:
    body = {**without(DATASET, "facility"), "access": "onsite"}
    assert fields(program.post("/datasets", body, who="steward")) == ["facility"]


def test_restricted_data_is_not_open_to_everybody(program: Program) -> None:
    body = {**DATASET, "access": "open", "sensitivity": "restricted"}
    assert fields(program.post("/datasets", body, who="steward")) == ["sensitivity"]
    program.post("/datasets", {**DATASET, "access": "open"}, who="steward")
    answer = program.patch("/datasets/north-lidar", {"sensitivity": "restricted"}, who="steward")
    assert fields(answer) == ["sensitivity"]


def test_a_withdrawn_dataset_is_retired_and_stays_so(program: Program) -> None:
    answer = program.post("/datasets/north-radar/withdraw", {"reason": "wrong"}, who="steward")
    assert (answer.json["state"], answer.json["withdrawn_at"]) == ("retired", "2026-03-02T08:05:00Z")
    assert program.post("/datasets/north-radar/withdraw", who="steward").status_code == 409
    assert program.post("/datasets/north-radar/withdraw", who="lead").status_code == 403
