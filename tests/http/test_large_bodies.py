"""Bodies that are too large, sent to a real server."""

import http.client
from collections.abc import Callable
from contextlib import closing
from itertools import product
from urllib.parse import urlsplit

from tests.support.web_server import WebServer

TEN_MEGABYTES = b"x" * 10_000_000


def test_ten_megabytes_are_answered_413(live_server: Callable[..., WebServer]):
    address = urlsplit(live_server().url)
    lengths_said_and_in_chunks = (TEN_MEGABYTES, [TEN_MEGABYTES])
    with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)) as connection:
        for path, body in product(("/api/v1/bookings", "/sign-in"), lengths_said_and_in_chunks):
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            with connection.getresponse() as answer:
                assert answer.status == 413
                assert b"larger than this site takes" in answer.read()
