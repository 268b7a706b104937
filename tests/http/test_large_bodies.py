"""Bodies that are too large, sent to a real server."""

import http.client
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.support.web_server import WebServer

TEN_MEGABYTES = b"x" * 10_000_000


@pytest.mark.parametrize("path", ["/api/v1/bookings", "/sign-in"])
def test_ten_megabytes_are_answered_413(live_server: Callable[..., WebServer], path: str):
    address = urlsplit(live_server().url)
    with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)) as connection:
        for body in (TEN_MEGABYTES, [TEN_MEGABYTES]):  # of a length that is said, and in chunks
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            with connection.getresponse() as answer:
                assert answer.status == 413
                assert b"larger than this site takes" in answer.read()
