"""Files are sent while they are open, in parts where wanted, and no longer."""

import os
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from booking.db import db, transaction
from booking.domain.gateway import Shut
from booking.models.bookings import Booking
from booking.models.gateway import DataAccess
from booking.models.resources import Resource
from booking.services import due_bookings, gateway
from tests.support.gateway import CONTENT, MATRIX, NAME, Cell, Gate, build_gate, enter, settings
from tests.support.lives import NOW, at, check

JSON = {"Accept": "*/*"}


@pytest.fixture
def database_url(sources: Any, tmp_path: Path) -> str:
    """What the database has to do with it is asked of both in tests/services/test_gateway.py."""
    return str(sources["sqlite"].fresh(tmp_path))


@pytest.fixture
def app_settings(tmp_path: Path) -> dict[str, Any]:
    return dict(settings(tmp_path / "files"))


@pytest.fixture
def gate(app: Flask, tmp_path: Path, clock: time_machine.Traveller) -> Gate:
    return build_gate(app, tmp_path / "files", now=NOW)


def fetch(gate: Gate, address: str = "", **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return gate.app.test_client().get(address or gate.address(), headers={**JSON, **sent}, buffered=True)


def log(gate: Gate) -> list[DataAccess]:
    with gate.app.app_context():
        return list(db.session.scalars(select(DataAccess).order_by(DataAccess.id)))


@pytest.mark.parametrize("cell", MATRIX, ids=lambda cell: cell.name)
def test_files_are_sent_exactly_while_they_are_open(gate: Gate, clock: time_machine.Traveller, cell: Cell) -> None:
    address, now = enter(gate, cell, NOW)
    clock.move_to(now)
    answer = fetch(gate, address)
    line = log(gate)[-1]
    if not cell.code:
        assert (answer.status_code, answer.data) == (200, CONTENT)
        assert (line.status, line.sent, line.ended_at) == (200, len(CONTENT), now)
        return
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert (answer.json["code"], line.why, line.status, line.sent) == (cell.code, cell.code, 403, 0)
    assert cell.code in set(Shut)


def test_a_browser_reads_the_reason_on_a_page(gate: Gate) -> None:
    answer = gate.app.test_client().get(gate.address(), headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "The window begins at 2 Mar 2026 09:00 (UTC)." in answer.text


@pytest.mark.parametrize("change", ["", "x", "."], ids=["cut", "longer", "dotted"])
def test_an_address_that_nobody_signed_opens_nothing(gate: Gate, clock: time_machine.Traveller, change: str) -> None:
    clock.move_to(at(1.5))
    _, _, token, path = gate.address().split("/", 3)
    forged = token + change if change else token[:-1]
    answer = fetch(gate, f"/files/{forged}/{path}")
    assert (answer.status_code, answer.json["code"]) == (403, "address_unknown")


PARTS = [
    ("bytes=0-99", 206, CONTENT[:100], "bytes 0-99/10240"),
    ("bytes=100-", 206, CONTENT[100:], "bytes 100-10239/10240"),
    ("bytes=-100", 206, CONTENT[-100:], "bytes 10140-10239/10240"),
    ("bytes=10200-99999", 206, CONTENT[10200:], "bytes 10200-10239/10240"),
    ("bytes=0-0,5-9", 200, CONTENT, None),
    ("items=0-1", 200, CONTENT, None),
    ("bytes=9-2", 200, CONTENT, None),
    ("bytes=10240-", 416, None, "bytes */10240"),
    ("bytes=-0", 416, None, "bytes */10240"),
]


def test_a_part_is_sent_where_one_is_asked_for(gate: Gate, clock: time_machine.Traveller) -> None:
    clock.move_to(at(1.5))
    for asked, status, content, said in PARTS:
        answer = fetch(gate, Range=asked)
        assert (answer.status_code, answer.headers.get("Content-Range")) == (status, said), asked
        if content is not None:
            assert (answer.data, answer.content_length) == (content, len(content)), asked
    assert [line.first_byte for line in log(gate)][:3] == [0, 100, 10140]


def test_a_download_goes_on_only_where_the_file_is_the_same(gate: Gate, clock: time_machine.Traveller) -> None:
    clock.move_to(at(1.5))
    whole = fetch(gate)
    etag, modified = whole.headers["ETag"], whole.headers["Last-Modified"]
    for same in (etag, modified):
        assert fetch(gate, Range="bytes=5-", If_Range=same).status_code == 206
    for other in ('"other"', f"W/{etag}", "Thu, 01 Jan 1970 00:00:00 GMT", "nonsense"):
        assert fetch(gate, Range="bytes=5-", If_Range=other).status_code == 200, other
    assert fetch(gate, If_None_Match=etag).status_code == 304
    assert fetch(gate, If_Modified_Since=modified).status_code == 304
    assert fetch(gate, If_None_Match='"other"').status_code == 200


def test_the_size_is_told_without_the_file(gate: Gate, clock: time_machine.Traveller) -> None:
    clock.move_to(at(1.5))
    answer = gate.app.test_client().head(gate.address(), headers={**JSON, "Range": "bytes=0-9"})
    assert (answer.status_code, answer.content_length, answer.data) == (200, len(CONTENT), b"")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert log(gate) == []


def plant(folder: Path) -> None:
    """What must not be handed out, in every way in which it could lie in the folder."""
    (folder.parent / "secret").write_bytes(b"secret")
    inside = folder / "radar"
    os.symlink(folder.parent / "secret", inside / "link")
    os.symlink(folder.parent, inside / "up")
    os.symlink(inside / NAME, inside / "inner")
    os.mkfifo(inside / "pipe")


NOWHERE = [
    "link", "up/secret", "inner", "pipe", "2026", "nothing", "../../secret", "2026/../../../secret",
    "..%2f..%2fsecret", "/etc/passwd", "//etc/passwd", "2026//radar%20one.bin", "./2026/radar%20one.bin",
    "2026\\radar", "%2e%2e/secret", "%EF%BC%8E%EF%BC%8E/secret", "a%EF%BC%8Fb", "\u202egnp", "%00", "a%00b", "%ff",
    "x" * 2_000, ". ./secret", "2026/radar%20one.bin/", "2026/radar%20one.bin%0a",
]  # fmt: skip


def test_no_path_leads_out_of_the_folder(gate: Gate, clock: time_machine.Traveller) -> None:
    plant(gate.folder)
    clock.move_to(at(1.5))
    for path in NOWHERE:
        answer = fetch(gate, gate.address(path=path))
        assert answer.status_code in (404, 308), path
        assert answer.is_json or b"secret" not in answer.data, path


def test_a_download_that_crosses_the_end_stops_at_it(gate: Gate, clock: time_machine.Traveller) -> None:
    large(gate, 4)
    clock.move_to(at(1.999))
    got = begun(gate)
    next(got)
    clock.move_to(at(2))
    with pytest.raises(ConnectionResetError, match="after_window"):
        list(got)
    (line,) = log(gate)
    assert (line.sent, line.promised, line.why, line.ended_at) == (2**20, 4 * 2**20, "after_window", at(2))


def test_a_download_stops_when_what_it_rests_on_goes(gate: Gate, clock: time_machine.Traveller) -> None:
    large(gate, 4)
    clock.move_to(at(1.5))
    got = begun(gate)
    next(got)
    enter(gate, next(cell for cell in MATRIX if cell.name == "permit ended"), NOW)
    clock.shift(2)
    with pytest.raises(ConnectionResetError, match="permit_missing"):
        list(got)
    assert log(gate)[-1].why == "permit_missing"


def test_who_goes_away_is_charged_for_what_was_sent_alone(gate: Gate, clock: time_machine.Traveller) -> None:
    large(gate, 4)
    clock.move_to(at(1.5))
    got = begun(gate)
    next(got)
    next(got)
    got.close()
    (line,) = log(gate)
    assert (line.sent, line.why, line.ended_at) == (2**20, "broken", at(1.5))


def large(gate: Gate, mebibytes: int) -> None:
    os.truncate(gate.folder / "radar" / NAME, mebibytes * 2**20)


def begun(gate: Gate) -> Any:
    """The chunks of a download, as far as they are asked for."""
    return iter(gate.app.test_client().get(gate.address(), headers=JSON, buffered=False).response)


def test_what_is_left_after_a_volume_is_refused(gate: Gate, clock: time_machine.Traveller) -> None:
    with gate.app.app_context(), transaction() as session:
        session.get_one(Resource, gate.world.dataset).policy = {"max_gib_per_booking": 1}
    large(gate, 700)
    clock.move_to(at(1.5))
    running = begun(gate)
    next(running)
    answer = fetch(gate)
    assert (answer.status_code, answer.json["code"], answer.json["used"]) == (403, "volume_exceeded", 700)
    running.close()
    assert fetch(gate, Range="bytes=0-9").status_code == 206


def test_the_first_download_checks_the_booking_in(app: Flask, tmp_path: Path, clock: time_machine.Traveller) -> None:
    gate = build_gate(app, tmp_path / "files", now=NOW, dataset_policy={"check_in_minutes": 15})
    clock.move_to(at(1.2))
    assert fetch(gate).status_code == 200
    with app.app_context():
        assert due_bookings.release_no_shows(at(1.3)).items == 0
        row = db.session.get_one(Booking, gate.booking)
        assert (row.state, row.checked_in_at) == ("active", at(1.2))
        check()
    clock.move_to(at(1.5))
    assert fetch(gate).status_code == 200


def test_without_a_check_in_the_files_close_with_the_grace(
    app: Flask, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    gate = build_gate(app, tmp_path / "files", now=NOW, dataset_policy={"check_in_minutes": 15})
    clock.move_to(at(1.25))
    assert fetch(gate).json["code"] == "not_checked_in"


def test_a_download_whose_process_died_counts_with_what_was_known(gate: Gate, clock: time_machine.Traveller) -> None:
    large(gate, 4)
    clock.move_to(at(1.5))
    got = begun(gate)
    next(got)
    with gate.app.app_context():
        assert gateway.close_lost_downloads(at(1.5)).items == 0
        assert gateway.close_lost_downloads(at(1.6)).items == 1
    assert (log(gate)[0].why, log(gate)[0].ended_at) == ("lost", at(1.5))
    got.close()
