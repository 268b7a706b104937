"""A small store that answers as S3 does, and only to addresses that were signed for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from booking.domain.presigning import Credentials, signed_query
from booking.domain.ranges import Part, asked_part

CREDENTIALS = Credentials("key", "se/cr+et", "cn-north-1")
CHANGED = datetime(2026, 1, 1, tzinfo=UTC)


class _Handler(BaseHTTPRequestHandler):
    """HEAD and GET of objects with ranges, and lists of a bucket."""

    server: "_Server"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        if not self._is_signed(unquote(parts.path), asked):
            self.send_error(403, "SignatureDoesNotMatch")
        elif parts.path.count("/") == 1:
            self._list(asked)
        else:
            self._object(unquote(parts.path).split("/", 2)[2])

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _is_signed(self, path: str, asked: dict[str, str]) -> bool:
        own = {name: value for name, value in asked.items() if not name.startswith("X-Amz-")}
        stamp = datetime.strptime(asked.get("X-Amz-Date", "20000101T000000Z"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        seconds = int(asked.get("X-Amz-Expires", "0"))
        expected = signed_query(CREDENTIALS, self.command, self.headers["Host"], path, own, now=stamp, seconds=seconds)
        return dict(parse_qsl(expected)) == asked

    def _list(self, asked: dict[str, str]) -> None:
        after, prefix = asked.get("start-after", ""), asked.get("prefix", "")
        keys = [key for key in sorted(self.server.objects) if key.startswith(prefix) and key > after]
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>{escape(_etag(self.server.objects[key]))}</ETag><Size>{len(self.server.objects[key])}</Size></Contents>"
            for key in keys[: int(asked["max-keys"])]
        )
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        self._answer(200, f'<ListBucketResult xmlns="{space}">{entries}</ListBucketResult>'.encode(), {})

    def _object(self, key: str) -> None:
        content = self.server.objects.get(key)
        if content is None:
            self.send_error(404)
            return
        part = asked_part(self.headers["Range"], len(content)) or Part(0, len(content), len(content))
        more = {"ETag": _etag(content), "Last-Modified": format_datetime(CHANGED, usegmt=True)}
        self._answer(206 if self.headers["Range"] else 200, content[part.start : part.end], more)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    """The server with what it keeps."""

    objects: dict[str, bytes]


def _etag(content: bytes) -> str:
    return f'"{md5(content, usedforsecurity=False).hexdigest()}"'


@contextmanager
def running_s3(objects: dict[str, bytes]) -> Iterator[str]:
    """Its address as a host with a port; the objects are in whatever bucket is asked for."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.objects = objects
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
