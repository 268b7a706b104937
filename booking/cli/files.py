"""Files that commands are given, and what is said of those that cannot be used."""

import sys

import click

from booking.domain.csv_lines import LARGEST_FILE, Unreadable

MOST_SAID = 1_000
"""How many bad lines are named; whoever has more has the wrong file."""


def content_of(path):
    """The bytes of a file; Unreadable where it cannot be opened or is larger than any list that people keep."""
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    if len(content) > LARGEST_FILE:
        raise Unreadable(f"larger than {LARGEST_FILE // 1_000_000} MB")
    return content


def read(path, parse):
    """What `parse` makes of a file; the command ends with status 1 where nothing of it can be used."""
    try:
        return parse(content_of(path))
    except Unreadable as error:
        say_bad(path, error)
        sys.exit(1)


def say_bad_lines(path, bad):
    """Name each line that was left out, with the reason."""
    for line in bad[:MOST_SAID]:
        say_bad(path, line)
    if len(bad) > MOST_SAID:
        click.echo(f"{path}: {len(bad) - MOST_SAID} more lines left out", err=True)


def say_bad(path, reason):
    """Name a file, or a place in it, and what is wrong."""
    click.echo(f"{path}: {reason}", err=True)
