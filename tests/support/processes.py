"""Several processes at once: what they did is what each of them answered."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from typing import Any, TypeVar

from flask import Flask

from booking import create_app
from booking.db import db

T = TypeVar("T")

PATIENCE_SECONDS = 60
_begin: Barrier


def together(do: Callable[..., T], *arguments: Any, processes: int = 2) -> list[T]:
    """Call a function of a module in several new processes; `meet()` in it waits until all of them are there."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["booking"])  # imported once for all processes of this run
    barrier = context.Barrier(processes)
    with ProcessPoolExecutor(processes, context, initializer=_agree, initargs=(barrier,)) as pool:
        begun = [pool.submit(do, *arguments) for _ in range(processes)]
        return [each.result(timeout=PATIENCE_SECONDS) for each in begun]


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
