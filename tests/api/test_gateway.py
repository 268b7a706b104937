"""Calls of the gateway: open files with their addresses, and the log."""

from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.support.api import Program
from tests.support.gateway import CONTENT, NAME, build_gate, settings
from tests.support.lives import NOW, at
from tests.support.world import World


@pytest.fixture
def app_settings(tmp_path: Path) -> dict[str, Any]:
    return dict(settings(tmp_path / "files"))


@pytest.fixture
def program(app: Flask, tmp_path: Path, traveller: time_machine.Traveller) -> Program:
    traveller.move_to(NOW)
    return Program(app, build_gate(app, tmp_path / "files", now=NOW).world)


def test_a_member_is_given_addresses_that_work_and_what_is_fetched_is_seen(
    program: Program, traveller: time_machine.Traveller, tmp_path: Path
) -> None:
    (tmp_path / "files" / "radar" / "a").write_bytes(b"a")
    assert program.get("/bookings/1/files", who="member").json["code"] == "before_window"
    traveller.move_to(at(1.9))
    first = program.get("/bookings/1/files?limit=1", who="member").json
    assert (first["items"][0]["path"], first["items"][0]["good_until"]) == (NAME, "2026-03-02T10:00:00Z")
    second = program.get(first["next"], who="member").json
    assert ([one["path"] for one in second["items"]], second["next"]) == (["a"], None)

    client = program.app.test_client()
    assert client.get(first["items"][0]["address"], buffered=True).data == CONTENT
    traveller.move_to(at(2))
    assert client.get(first["items"][0]["address"]).status_code == 403

    seen = program.get("/bookings/1/accesses", who="lead").json["items"]
    assert [(one["status"], one["sent"], one["by"]) for one in seen] == [
        (403, 0, "member@example.org"),
        (200, len(CONTENT), "member@example.org"),
    ]
    assert program.get(f"/datasets/{World.DATASET}/accesses", who="steward").json["items"] == seen


def test_nobody_else_is_given_any(program: Program, traveller: time_machine.Traveller) -> None:
    traveller.move_to(at(1.5))
    assert program.get("/bookings/1/files", who="rival").status_code == 404
    assert program.get("/bookings/1/files", who="steward").json["code"] == "not_a_member"
    assert program.get("/bookings/1/files?dataset=other").status_code == 404
    assert program.get("/bookings/1/accesses", who="rival").status_code == 404
    assert program.get(f"/datasets/{World.DATASET}/accesses").status_code == 403
    assert program.get(f"/datasets/{World.DATASET}/files").json["code"] == "needs_booking"


def test_open_data_is_fetched_without_a_booking(program: Program) -> None:
    body = {
        "name": "Open", "slug": "north-open", "description": "", "seats": None, "licence": "CC0", "access": "open",
        "files_root": "north", "files_folder": "radar",
    }  # fmt: skip
    assert program.post("/datasets", body, who="steward").status_code == 201
    (item,) = program.get("/datasets/north-open/files", who="").json["items"]
    assert program.app.test_client().get(item["address"], buffered=True).data == CONTENT
    assert program.get("/datasets/north-open/accesses", who="steward").json["items"][0]["by"] is None

    program.post("/datasets/north-open/terms", {"text": "Cite us."}, who="steward")
    assert program.get("/datasets/north-open/files", who="").json["code"] == "not_signed_in"
    assert program.get("/datasets/north-open/files").json["code"] == "terms_not_accepted"
    program.post("/datasets/north-open/terms/1/accept")
    assert len(program.get("/datasets/north-open/files").json["items"]) == 1
