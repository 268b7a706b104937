"""The application served as it is in production: gunicorn with worker processes of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class WebServer:
    """A running gunicorn; `process` is its master, `workers()` are the processes that answer."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def workers(self) -> list[int]:
        """The ids of the worker processes that live now; a killed one is replaced within a second."""
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def stop(self) -> None:
        """End it at once, by force if need be, so that nothing is left even where a test killed the master."""
        self.process.send_signal(signal.SIGINT)  # what Ctrl-C sends: open connections are not waited for
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=2)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


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
        command = ["gunicorn", f"--config={config}", f"--bind=fd://{listener.fileno()}"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command, f"--workers={workers}", application],
                cwd=ROOT,
                env=environment(database_url, PUBLIC_URL=url, **settings),
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    server = WebServer(url, process, log)
    try:
        _wait(server, workers)
    except BaseException:
        server.stop()
        raise
    return server


def _wait(server: WebServer, workers: int) -> None:
    """Return once the server answers with all its workers, or say what it printed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
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
