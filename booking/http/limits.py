"""Rates: how often a token may call the API."""

import re
import threading
from collections import Counter
from datetime import datetime

from flask import Flask, request

from booking import clock
from booking.domain.errors import TooMany
from booking.http.actor import digest
from booking.http.paths import is_api

RATE = re.compile(r"(\d+)/(second|minute|hour|day)")
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


class Rate:
    """Counts by key in windows that begin together, so that nothing is kept of a window that is over."""

    def __init__(self, limit: int, seconds: int) -> None:
        self.limit = limit
        self.seconds = seconds
        self._window = 0
        self._counts: Counter[str] = Counter()
        self._guard = threading.Lock()

    def count(self, key: str, now: datetime) -> None:
        """Count one call of `key`, or raise when it has had its share of this window."""
        window, passed = divmod(int(now.timestamp()), self.seconds)
        with self._guard:
            if window != self._window:
                self._window = window
                self._counts.clear()
            self._counts[key] += 1
            calls = self._counts[key]
        if calls > self.limit:
            raise self._too_many(self.seconds - passed)

    def _too_many(self, retry_after: int) -> TooMany:
        return TooMany(
            "More than %(limit)s requests in %(seconds)s seconds. Try again in %(retry_after)s seconds.",
            retry_after=retry_after,
            numbers={"limit": self.limit, "seconds": self.seconds, "retry_after": retry_after},
        )


def init_app(app: Flask) -> None:
    """Limit calls of the API where the setting says so; each process counts for itself."""
    if not app.config["API_RATE_LIMIT"]:
        return
    rate = parse(app.config["API_RATE_LIMIT"])

    @app.before_request
    def count_call() -> None:
        if is_api():
            token = request.headers.get("Authorization")
            rate.count(digest(token) if token else request.remote_addr or "", clock.now())


def parse(text: str) -> Rate:
    """The rate that a setting such as `6000/minute` means."""
    read = RATE.fullmatch(text.replace(" ", ""))
    if read is None:
        raise ValueError(f"API_RATE_LIMIT is {text!r}: say 6000/minute, or nothing")
    return Rate(int(read[1]), SECONDS[read[2]])
