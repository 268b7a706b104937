"""The time zone that the machine is set to, which must not matter."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

ZONES = ["UTC", "Asia/Shanghai", "Europe/Paris", "America/Havana"]


@contextmanager
def server_in(zone: str) -> Iterator[None]:
    """The zone of this process."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        del os.environ["TZ"]
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()
