"""The command that checks the data against the rules."""

import sys

import click
from flask.cli import with_appcontext

from booking import clock
from booking.services.fsck import check_rules


@click.command("fsck")
@with_appcontext
def command():
    """Check every rule; one line for each, exit status 1 on any breach."""
    kept = True
    for finding in check_rules(clock.now()):
        click.echo(finding)
        kept = kept and finding.is_kept
    if not kept:
        sys.exit(1)
