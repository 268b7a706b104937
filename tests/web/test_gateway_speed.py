"""How fast a large file is sent, beside the same nginx that serves it plain, and what memory that takes."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.support.front import NGINX, nginx_before
from tests.support.gateway import NAME, build_gate, settings
from tests.support.web_server import WebServer
from tests.support.world import World

GIB = 1024**3
SIZE = 2 * GIB
ROUNDS = 5
RATIO = 0.8
MORE_MIB = 32

pytestmark = [pytest.mark.prove, pytest.mark.skipif(NGINX is None, reason="nginx is not installed")]


@pytest.fixture
def database_url(sources: Any, tmp_path: Path) -> str:
    return str(sources["sqlite"].fresh(tmp_path))


@pytest.fixture
def app_settings(tmp_path: Path) -> dict[str, Any]:
    return dict(settings(tmp_path / "files"))


def test_a_large_file_is_sent_nearly_as_fast_as_nginx_sends_it_plain_in_flat_memory(
    app: Flask, live_server: Callable[..., WebServer], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    gate = build_gate(app, tmp_path / "files", now=hour - timedelta(hours=2), start=2, end=6)
    with (gate.folder / "radar" / NAME).open("r+b") as file:
        file.truncate(SIZE)
    server = live_server(GATEWAY_FRONT="/in-front", **settings(gate.folder))
    alone = live_server(**settings(gate.folder))
    address = gate.address(until=hour + timedelta(hours=9)).replace(" ", "%20")
    path = f"/radar/{NAME}".replace(" ", "%20")
    with nginx_before(server.url, gate.folder, tmp_path / "nginx", root=World.NORTH) as (front, plain):
        ways = {"plain": (plain, path), "in front": (front, address), "alone": (alone.url, address)}
        for url, asked in ways.values():
            seconds_for(url, asked)
        before = {worker: memory_mib(worker) for one in (server, alone) for worker in one.workers()}
        rounds = [{name: seconds_for(*way) for name, way in ways.items()} for _ in range(ROUNDS)]
        best = {name: min(each[name] for each in rounds) for name in ways}
        grown = max(memory_mib(worker) - was for worker, was in before.items())
    ratios = {name: best["plain"] / best[name] for name in ("in front", "alone")}
    with capsys.disabled():
        print(f"\n2 GiB: plain {2 / best['plain']:.2f} GiB/s, {ratios}, memory +{grown} MiB")
    assert grown < MORE_MIB
    assert min(ratios.values()) >= RATIO


def seconds_for(url: str, path: str) -> float:
    """How long the whole file takes to come."""
    parts = urlsplit(url)
    buffer = bytearray(1024**2)
    began = time.perf_counter()
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\nAccept: */*\r\n\r\n"
        connection.sendall(request.encode())
        got = 0
        while count := connection.recv_into(buffer):
            got += count
    assert got > SIZE, f"{url} sent {got} bytes"
    return time.perf_counter() - began


def memory_mib(process: int) -> int:
    """What a process holds of its own; pages of files that others share do not count."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) // 1024
