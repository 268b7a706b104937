"""Several processes at once: what they did is what each of them answered."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask

from booking import create_app
from booking.db import db

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["booking", "gunicorn.workers.gthread"])  # imported once for all processes of this run

PATIENCE_SECONDS = 60
_begin: Barrier


def together(do: Callable[..., T], *arguments: Any, processes: int = 2) -> list[T]:
    """Call a function of a module in several new processes; `meet()` in it waits until all of them are there."""
    barrier = CONTEXT.Barrier(processes)
    with ProcessPoolExecutor(processes, CONTEXT, initializer=_agree, initargs=(barrier,)) as pool:
        begun = [pool.submit(do, *arguments) for _ in range(processes)]
        return [each.result(timeout=PATIENCE_SECONDS) for each in begun]


def program(main: Callable[..., Any], *arguments: Any, told: Mapping[str, str], log: str = os.devnull) -> BaseProcess:
    """Begin a program of ours in a session of its own: what an interpreter would do that had imported everything.

    `told` is all of its environment; what it prints goes to the file `log`.
    """
    begun = CONTEXT.Process(target=_be, args=(main, arguments, told, log), daemon=True)
    begun.start()
    return begun


def _be(main: Callable[..., Any], arguments: Sequence[Any], told: Mapping[str, str], log: str) -> None:
    os.setsid()
    os.chdir(ROOT)
    with open(log, "wb") as output, open(os.devnull, "rb") as nothing:
        for ours, standard in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(ours.fileno(), standard)
    os.environ.clear()
    os.environ.update(told)
    main(*arguments)


def meet() -> int:
    """Wait for the other processes, so that all do what follows at once; each gets a number of its own, from 0."""
    return _begin.wait(PATIENCE_SECONDS)


def _agree(barrier: Barrier) -> None:
    global _begin  # noqa: PLW0603 (a barrier can only be handed over while a process is made)
    _begin = barrier


@contextmanager
def application(database_url: str, smtp_url: str = "") -> Iterator[Flask]:
    """The application in a process of its own, connected to its database."""
    app = create_app({"DATABASE_URL": database_url, "SECRET_KEY": "secret of the tests", "SMTP_URL": smtp_url})
    with app.app_context():
        db.session.connection()
        yield app
        db.session.remove()
        db.engine.dispose()
