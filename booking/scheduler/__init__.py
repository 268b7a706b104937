"""Jobs as a table, and the one process that leads them."""

import signal
import threading
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from booking.scheduler.jobs import table
from booking.scheduler.process import Process
from booking.scheduler.runs import Run, run

__all__ = ["Run", "run_forever", "run_once", "start", "stop"]


@dataclass
class _Started:
    process: Process
    thread: threading.Thread

    def end(self) -> None:
        self.process.stopping.set()
        self.thread.join()


_started: list[_Started] = []


def start(app: Flask) -> None:
    """Take part from a thread of this web process: say that it is alive, and contend to lead where SCHEDULER allows."""
    if _started:
        return
    process = Process(app, serves=True, leads=app.config["SCHEDULER"])
    process.greet()
    _started.append(_begin(process))


def stop() -> None:
    """End what `start` began: jobs that run come to their end, then others may lead."""
    while _started:
        _started.pop().end()


def run_once(app: Flask, now: datetime) -> list[Run]:
    """Run every job once, in the order of the table, whoever leads; each does only what is due and not done yet."""
    return [run(app, job, now) for job in table(app.extensions["booking.connectors"])]


def run_forever(app: Flask) -> None:
    """Contend to lead, and run the jobs while leading, until the process is told to end."""
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # no thread is interrupted: this one waits for them
    started = _begin(Process(app, serves=False, leads=True))
    signal.sigwait(ends)
    started.end()


def _begin(process: Process) -> _Started:
    thread = threading.Thread(target=process.run, name="scheduler", daemon=True)
    thread.start()
    return _Started(process, thread)
