"""How gunicorn serves the application; the values come from the settings in config.py."""

import os
import sys
from typing import Any

from booking import scheduler
from config import load

settings = load(os.environ)

# SQLite has one writer at a time, so a second process would only wait for the first.
_default_workers = 1 if settings["DATABASE_URL"].startswith("sqlite") else 2

bind = f"{settings['HOST']}:{settings['PORT']}"
worker_class = "gthread"
# The application is loaded once and shared by the processes that answer; none of them has a connection before it forks.
preload_app = True
workers = settings["WEB_CONCURRENCY"] or _default_workers
threads = settings["WEB_THREADS"]
keepalive = 15
graceful_timeout = 20
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Say from now on that this process is alive, and let it lead the scheduler where SCHEDULER allows.

    Threads take turns ten times as often as they would: whoever holds locks in the database waits for each of its
    answers, and must not wait another five milliseconds for its turn after every one of them.
    """
    sys.setswitchinterval(0.0005)
    scheduler.start(worker.wsgi)


def worker_exit(server: Any, worker: Any) -> None:
    """Give up the lead at once, so that another process takes over without a gap."""
    scheduler.stop()
