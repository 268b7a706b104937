"""The commands that make API tokens."""

import sys

import click
from flask.cli import with_appcontext

from booking import clock
from booking.db import db
from booking.domain.errors import Problem
from booking.queries.users import actor_by_email
from booking.services.tokens import DAYS, SCOPES, create_token

NAME = "made on the server"


@click.group("token")
def group():
    """Make API tokens."""


@group.command("create")
@click.argument("email")
@click.option("--scope", type=click.Choice(SCOPES), default="write", show_default=True, help="What it may do.")
@click.option("--days", type=click.IntRange(DAYS[0], DAYS[-1]), default=30, show_default=True, help="Until it ends.")
@with_appcontext
def create(email, scope, days):
    """Make a token that stands for the account EMAIL, and print it alone."""
    actor = actor_by_email(db.session(), email.strip().lower())
    if actor is None:
        click.echo(f"{email}: no active account has this address.", err=True)
        sys.exit(1)
    try:
        click.echo(create_token(actor, name=NAME, scope=scope, days=days, now=clock.now()))
    except Problem as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
