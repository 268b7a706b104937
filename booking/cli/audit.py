"""The command that verifies the audit log."""

import sys

import click
from flask.cli import with_appcontext

from booking.services.audit import verify_log


@click.group("audit")
def group():
    """Look after the audit log."""


@group.command("verify")
@click.option("--kept", default="", help="A hash that was noted before: the log must still hold its entry.")
@with_appcontext
def verify(kept):
    """Check that every entry is as it was written; prints the number of entries and the last hash, to be noted."""
    found = verify_log(kept.strip().lower())
    click.echo(f"{found.head.entries} {found.head.hash}")
    if found.broken is not None:
        click.echo(f"BREACH entry {found.broken} is not as it was written", err=True)
    elif found.cut:
        click.echo("BREACH entries at the end are missing, or the record of the end was changed", err=True)
    if not found.knows_kept:
        click.echo("BREACH no entry before that has the hash that was noted", err=True)
    if not found.is_whole:
        sys.exit(1)
