"""The application served as it is in production: gunicorn with worker processes of its own."""

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from gunicorn.app.wsgiapp import WSGIApplication

from tests.support import processes

PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class WebServer:
    """A running gunicorn; `process` is its master, `workers()` are the processes that answer."""

    url: str
    process: BaseProcess
    log: Path

    def workers(self) -> list[int]:
        """The ids of the worker processes that live now; a killed one is replaced within a second."""
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def stop(self) -> None:
        """End it at once, by force if need be, so that nothing is left even where a test killed the master."""
        leader = self.process.pid
        assert leader is not None
        with suppress(ProcessLookupError):
            os.kill(leader, signal.SIGINT)  # what Ctrl-C sends: open connections are not waited for
            self.process.join(timeout=2)
            os.killpg(leader, signal.SIGKILL)
        self.process.join()


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """What a process of the application needs to work on `database_url`; `settings` override the rest."""
    ours = {"DATABASE_URL": database_url, "SECRET_KEY": "secret of the tests", "SCHEDULER": "0"}
    return {**os.environ, **ours, **settings}


def start(
    database_url: str,
    log: Path,
    *,
    workers: int,
    settings: dict[str, str],
    application: str = "wsgi:app",
    config: str = "booking/gunicorn.conf.py",
) -> WebServer:
    """Serve on a free port; the server answers when this returns."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        told = environment(database_url, PUBLIC_URL=url, **settings)
        arguments = (f"--config={config}", f"--workers={workers}", application)
        process = processes.program(_gunicorn, listener, *arguments, told=told, log=str(log))

    server = WebServer(url, process, log)
    try:
        _wait(server, workers)
    except BaseException:
        server.stop()
        raise
    return server


def _gunicorn(listener: socket.socket, *arguments: str) -> None:
    sys.argv = ["gunicorn", f"--bind=fd://{listener.fileno()}", *arguments]
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()


def _wait(server: WebServer, workers: int) -> None:
    """Return once the server answers with all its workers, or say what it printed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.process.is_alive():
        if _healthy(server.url) and len(server.workers()) >= workers:
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not come up:\n{server.log.read_text()}")


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=PATIENCE_SECONDS) as answer:
            return answer.status == 200
    except (urllib.error.HTTPError, OSError):
        return False
