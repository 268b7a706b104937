"""How far a long command is: a bar where people watch, plain lines where the output goes to a file."""

import sys
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

STEPS = 10
FEW = 100
"""So many items say how far it is by what is printed for each of them."""


@contextmanager
def progress(what, total):
    """Gives a function to call after each of `total` items; everything is shown on stderr."""
    if not sys.stderr.isatty():
        yield _plain(what, total) if total > FEW else lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def _plain(what, total):
    """A line after each tenth."""
    done = 0

    def advance():
        nonlocal done
        done += 1
        if done * STEPS // total > (done - 1) * STEPS // total:
            click.echo(f"{what}: {done} of {total}", err=True)

    return advance
