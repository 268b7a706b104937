"""Many clients at once over HTTP, on plain sockets, so that the measuring costs little beside what is measured."""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection that is kept open, as a program of a team keeps it."""

    def __init__(self, url: str, token: str = "") -> None:
        parts = urlsplit(url)
        self.address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        self._socket: socket.socket | None = None
        self._rest = b""

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        """Send JSON; ConnectionError where the server goes away before it has answered."""
        return self.send(self.prepared("POST", path, body, **headers))

    def get(self, path: str) -> Answer:
        return self.send(self.prepared("GET", path))

    def prepared(self, method: str, path: str, body: Any = None, **headers: str) -> bytes:
        """The bytes of a request, to be made before the clock runs."""
        content = b"" if body is None else json.dumps(body).encode()
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        if content:
            more += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        return f"{method} {path} HTTP/1.1\r\n{self.head}{more}\r\n".encode() + content

    def send(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(self.address, PATIENCE_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(request)
            return self._answer()
        except OSError as error:
            self.close()
            raise ConnectionError(f"no answer from {self.address}") from error

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._rest = None, b""

    def _answer(self) -> Answer:
        head, _, rest = self._until(lambda seen: b"\r\n\r\n" in seen).partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in lines[1:])
        length = int(fields.get(b"content-length", b"0"))
        self._rest = rest
        body = self._until(lambda seen: len(seen) >= length)
        self._rest = body[length:]
        if fields.get(b"connection") == b"close":
            self.close()
        return Answer(int(lines[0].split()[1]), body[:length])

    def _until(self, enough: Callable[[bytes], bool]) -> bytes:
        seen, self._rest = self._rest, b""
        while not enough(seen):
            assert self._socket is not None
            more = self._socket.recv(65536)
            if not more:
                raise ConnectionResetError("the server closed the connection")
            seen += more
        return seen


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer | ConnectionError]:
    """Make all calls at the same moment, each in a thread of its own; a lost connection is an answer too."""
    answers: list[Answer | ConnectionError] = [ConnectionError("not asked")] * len(calls)
    gate = threading.Barrier(len(calls))

    def ask(index: int) -> None:
        gate.wait()
        try:
            answers[index] = calls[index]()
        except ConnectionError as error:
            answers[index] = error

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@dataclass(frozen=True, slots=True)
class Run:
    """How many requests were answered in how many seconds, by status."""

    seconds: float
    statuses: Counter[int]

    def rate(self, status: int) -> float:
        """Answers of this status a second."""
        return self.statuses[status] / self.seconds


def sustained(clients: Sequence[Client], requests: Sequence[Iterable[bytes]], seconds: float) -> Run:
    """Let each client send its own requests one after the other for a time."""
    statuses: Counter[int] = Counter()
    end = time.monotonic() + seconds

    def work(client: Client, own: Iterator[bytes]) -> None:
        seen = [client.send(request).status for request in _until(own, end)]
        statuses.update(seen)

    threads = [
        threading.Thread(target=work, args=(client, iter(own))) for client, own in zip(clients, requests, strict=True)
    ]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Run(time.monotonic() - begun, statuses)


def _until(requests: Iterator[bytes], end: float) -> Iterator[bytes]:
    while time.monotonic() < end:
        yield next(requests)
