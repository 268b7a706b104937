"""The same matrix behind the real nginx, which sends slices by itself and asks again before each of them."""

import http.client
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db, transaction
from booking.domain.gateway import LAST_MINUTES, SLICE_BYTES
from booking.domain.windows import floor_to_grid
from booking.models.bookings import Booking
from booking.models.gateway import DataAccess
from booking.services import booking_moves
from tests.support.front import NGINX, nginx_before
from tests.support.gateway import CONTENT, MATRIX, NAME, Gate, book_seat, build_gate, enter, settings
from tests.support.web_server import WebServer
from tests.support.world import World

MORE_MIB = 32

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture
def database_url(sources: Any, tmp_path: Path) -> str:
    return str(sources["sqlite"].fresh(tmp_path))


@pytest.fixture
def app_settings(tmp_path: Path) -> dict[str, Any]:
    return dict(settings(tmp_path / "files"))


@pytest.fixture
def server(live_server: Callable[..., WebServer], tmp_path: Path) -> WebServer:
    """The application, told of a server in front."""
    (tmp_path / "files").mkdir(exist_ok=True)
    return live_server(GATEWAY_FRONT="/in-front", **settings(tmp_path / "files"))


@pytest.fixture
def front(server: WebServer, tmp_path: Path) -> Iterator[str]:
    """The address of nginx before the application."""
    with nginx_before(server.url, tmp_path / "files", tmp_path / "nginx", root=World.NORTH) as (address, _plain):
        yield address


def fetch(front: str, address: str, **headers: str) -> tuple[int, bytes, Any]:
    """Status, body as far as it came, and the headers."""
    connection = http.client.HTTPConnection(urlsplit(front).netloc, timeout=30)
    try:
        connection.request("GET", address.replace(" ", "%20"), headers=headers)
        answer = connection.getresponse()
        try:
            return answer.status, answer.read(), answer.headers
        except http.client.IncompleteRead as cut:
            return answer.status, cut.partial, answer.headers
    finally:
        connection.close()


def log(gate: Gate) -> list[DataAccess]:
    with gate.app.app_context():
        return list(db.session.scalars(select(DataAccess).order_by(DataAccess.id)))


@pytest.fixture
def gate(app: Flask, tmp_path: Path) -> Gate:
    """A window that runs: it began an hour ago and lasts for two."""
    return build_gate(app, tmp_path / "files", now=quarter(-3), start=2, end=5, seats=3)


def quarter(hours: float) -> datetime:
    """The quarter of an hour that runs now, and so many hours from it."""
    return floor_to_grid(datetime.now(UTC), 15) + timedelta(hours=hours)


# Each is told before what went wrong earlier, so that one world does for all.
ORDER = (
    "inside the window", "new terms in the middle", "never in the team", "terms not accepted", "address too old",
    "permit ended", "urgent new terms in the middle", "team suspended", "left the team", "revoked", "dataset withdrawn",
)  # fmt: skip

AT_AN_HOUR = {"before the window", "at its first instant", "at its end", "after the window"}
"""The clock of a real server does not stand still: it is before the window of one booking and after another's."""


def test_files_are_sent_in_front_exactly_while_they_are_open(gate: Gate, front: str, subtests: pytest.Subtests) -> None:
    with subtests.test("parts"):
        _parts_are_sent_as_without_it(gate, front)
    with subtests.test("paths"):
        _no_path_leads_out_of_the_folder(gate, front)
    with gate.app.app_context():
        windows = {"before_window": (4, 5), "after_window": (1, 2)}
        bookings = {code: book_seat(gate.world, quarter(-3), *hours) for code, hours in windows.items()}
    for code, booking in bookings.items():
        with subtests.test(code):
            status, body, _ = fetch(front, replace(gate, booking=booking).address(until=quarter(9)))
            assert (status, json.loads(body)["code"]) == (403, code)

    cells = {cell.name: cell for cell in MATRIX}
    assert {*cells} - {*ORDER} == AT_AN_HOUR
    for name in ORDER:
        with subtests.test(name):
            cell = replace(cells[name], hours=0, good_for=-cells[name].good_for if "old" in name else timedelta(9))
            address, _ = enter(gate, cell, datetime.now(UTC))
            status, body, _ = fetch(front, address)
            if cell.code:
                assert (status, json.loads(body)["code"]) == (403, cell.code)
            else:
                assert (status, body) == (200, CONTENT)
                assert (log(gate)[-1].why, log(gate)[-1].sent) == ("in_front", len(CONTENT))


def _parts_are_sent_as_without_it(gate: Gate, front: str) -> None:
    address = gate.address(until=quarter(9))
    status, body, headers = fetch(front, address, Range="bytes=100-199")
    assert (status, body, headers["Content-Range"]) == (206, CONTENT[100:200], "bytes 100-199/10240")
    etag = headers["ETag"]
    assert fetch(front, address, Range="bytes=9-", **{"If-Range": etag})[:2] == (206, CONTENT[9:])
    assert fetch(front, address, Range="bytes=9-", **{"If-Range": '"other"'})[:2] == (200, CONTENT)
    assert fetch(front, address, Range="bytes=10240-")[0] == 416


def _no_path_leads_out_of_the_folder(gate: Gate, front: str) -> None:
    (gate.folder.parent / "secret").write_bytes(b"secret")
    os.symlink(gate.folder.parent / "secret", gate.folder / "radar" / "link")
    for path in ("link", "../../secret", "..%2f..%2fsecret", "%2e%2e/%2e%2e/secret"):
        status, body, _ = fetch(front, gate.address(path=path, until=quarter(9)))
        assert status in (400, 403, 404), path
        assert b"secret" not in body or body.startswith(b"{"), path
    assert fetch(front, "/in-front/north/radar/2026/radar%20one.bin")[0] == 404


def test_a_large_file_comes_in_slices_and_stops_at_the_end_or_when_it_is_revoked(
    gate: Gate, server: WebServer, front: str
) -> None:
    file, size = gate.folder / "radar" / NAME, SLICE_BYTES + 1024
    os.truncate(file, size)
    address = gate.address(until=quarter(9))
    assert len(fetch(front, address)[1]) == size
    (line,) = log(gate)
    assert (line.promised, line.sent, line.first_byte) == (size, size, 0)

    # In its last minutes the application sends it by itself, and never holds more of it than a few chunks.
    with gate.app.app_context():
        other = replace(gate, booking=book_seat(gate.world, quarter(-3), 2, 5))
    set_end(other, datetime.now(UTC) + LAST_MINUTES / 2)
    before = [most_memory_mib(worker) for worker in server.workers()]
    assert len(fetch(front, other.address(until=quarter(9)))[1]) == size
    assert [(line.sent, line.why) for line in log(gate)[1:]] == [(SLICE_BYTES, ""), (1024, "")]
    assert sum(map(most_memory_mib, server.workers())) - sum(before) < MORE_MIB

    os.truncate(file, 5 * SLICE_BYTES)
    got = read_until(front, address, SLICE_BYTES // 2, lambda: revoke(gate))
    assert got <= 3 * SLICE_BYTES

    set_end(other, datetime.now(UTC) + timedelta(seconds=2))
    got = read_until(front, other.address(until=quarter(9)), SLICE_BYTES // 2, lambda: time.sleep(2))
    assert got < 2 * SLICE_BYTES
    # What was on its way in buffers may be the rest of the slice that ran; the next one is refused.
    assert log(gate)[-1].why == "after_window"


def read_until(front: str, address: str, first: int, happens: Callable[[], object]) -> int:
    """How much comes of a download after whose first bytes something happens; it has to break off."""
    connection = http.client.HTTPConnection(urlsplit(front).netloc, timeout=30)
    connection.connect()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    connection.request("GET", address.replace(" ", "%20"))
    answer = connection.getresponse()
    got = len(answer.read(first))
    happens()
    try:
        while chunk := answer.read(65_536):
            got += len(chunk)
    except (http.client.IncompleteRead, ConnectionError):
        pass
    connection.close()
    return got


def most_memory_mib(process: int) -> int:
    """The most that a process has ever held."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def revoke(gate: Gate) -> None:
    with gate.app.app_context():
        booking_moves.revoke_booking(gate.booking, actor=gate.world.steward, now=datetime.now(UTC), reason="needed")


def set_end(gate: Gate, ends: datetime) -> None:
    with gate.app.app_context(), transaction() as session:
        session.get_one(Booking, gate.booking).ends_at = ends
