"""Commands of flask."""

from flask import Flask

from booking.cli import audit, database, demo, fsck, imports, replay, scheduler, tokens


def register(app: Flask) -> None:
    """Bring every command into the application."""
    commands = (
        audit.group,
        database.init,
        demo.command,
        fsck.command,
        imports.group,
        replay.command,
        scheduler.command,
        tokens.group,
    )
    for command in commands:
        app.cli.add_command(command)
