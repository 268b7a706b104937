"""Commands of flask."""

from flask import Flask

from booking.cli import audit, bookings, clusters, database, demo, fsck, imports, replay, scheduler, searches, tokens


def register(app: Flask) -> None:
    """Bring every command into the application."""
    commands = (
        audit.group,
        bookings.command,
        clusters.group,
        database.init,
        demo.command,
        fsck.command,
        imports.group,
        replay.command,
        scheduler.command,
        searches.command,
        tokens.group,
    )
    for command in commands:
        app.cli.add_command(command)
