"""The scheduler's own command: run due work for ever, or once."""

import click
from flask import current_app
from flask.cli import with_appcontext

from booking import clock, scheduler


@click.command("scheduler")
@click.option("--once", is_flag=True, help="Run every job once, say what each did, and end.")
@with_appcontext
def command(once):
    """Run due work for ever, or once."""
    app = current_app._get_current_object()
    if not once:
        scheduler.run_forever(app)
        return
    for run in scheduler.run_once(app, clock.now()):
        click.echo(f"{run.name}: {run.items} items, {len(run.errors)} errors, {run.milliseconds} ms")
        for error in run.errors:
            click.echo(f"  {error}", err=True)
