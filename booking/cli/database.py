"""The command that makes a database ready."""

from pathlib import Path

import click
import flask_migrate
from flask.cli import with_appcontext

from booking.db import db


@click.command("init")
@with_appcontext
def init():
    """Create the database or bring it up to date; may be run at any time."""
    url = db.engine.url
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    flask_migrate.upgrade()
    click.echo("The database is up to date.")
