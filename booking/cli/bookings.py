"""The command that books, and says what else is possible where it may not."""

import shlex
import sys
from datetime import datetime, timedelta

import click
from flask.cli import with_appcontext

from booking import clock
from booking.cli.values import Hours, Instant, Units, stamp
from booking.db import db
from booking.domain.amounts import hours_text
from booking.domain.errors import Problem
from booking.domain.orders import Claim, Order
from booking.domain.refusals import Code, Refused
from booking.domain.texts import clean_text
from booking.domain.windows import Window
from booking.queries.names import named
from booking.queries.teams import members
from booking.queries.users import actor_by_email
from booking.services.bookings import preview_booking, request_booking
from booking.services.searches import suggest


@click.command("book")
@click.option("--team", required=True, help="The team that books, by its short name.")
@click.option(
    "--resource", "claimed", type=Units(), multiple=True, required=True, help="What, and how many units of it."
)
@click.option("--start", type=Instant(), required=True, help="When it begins, such as 2026-03-01T00:00:00Z.")
@click.option("--hours", "seconds", type=Hours(), help="How long it is; or say --end.")
@click.option("--end", type=Instant(), help="When it ends.")
@click.option("--purpose", required=True, help="What the team will do with it.")
@click.option("--as", "email", help="The account that books; a lead of the team unless given.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of it.")
@with_appcontext
def command(team, claimed, start, seconds, end, purpose, email, dry_run):
    """Book a window for a team, and print the id of the booking.

    Where it is refused, every reason and everything possible instead is printed, as commands to run.
    """
    if (seconds is None) == (end is None):
        raise click.UsageError("Say either --hours or --end.")
    end = end or start + timedelta(seconds=seconds)
    if end <= start:
        raise click.UsageError("The end is not after the start.")
    if len({slug for slug, _ in claimed}) < len(claimed):
        raise click.UsageError("A resource is named twice. Add the units up.")
    now = clock.now()
    try:
        order = _order(team, claimed, Window(start, end), clean_text(purpose, "purpose"))
        actor = actor_of(order.team_id, email)
        if dry_run:
            _preview(order, actor, now)
        else:
            click.echo(request_booking(order, actor=actor, now=now).id)
    except Refused as refused:
        _refuse(refused, order, actor, team, email, now)
    except Problem as problem:
        _fail(str(problem))


def order_line(team, offer, purpose, email=None):
    """The command that books an offer."""
    parts = ["flask", "--app", "wsgi", "book", "--team", team]
    for claim in offer.claims:
        parts += ["--resource", f"{offer.slugs[claim.resource_id]}={claim.units}"]
    parts += ["--start", stamp(offer.window.start), "--end", stamp(offer.window.end), "--purpose", purpose]
    return shlex.join(parts + (["--as", email] if email else []))


def refusal_line(refusal):
    """The code and the sentence of a refusal."""
    places = {name: stamp(one) if isinstance(one, datetime) else one for name, one in refusal.places().items()}
    return f"{refusal.code}: {refusal.message % places}"


def _order(team, claimed, window, purpose):
    with db.engine.connect() as connection:
        names = named(connection, team=team, resources=[slug for slug, _ in claimed])
    if names.team_id is None:
        _fail(f"{team}: there is no such team.")
    for slug, _ in claimed:
        if slug not in names.resources:
            _fail(f"{slug}: there is no such resource.")
        if not names.resources[slug].needs_booking:
            _fail(f"{slug}: it needs no booking; it is open to everyone.")
    return Order(
        names.team_id, window, tuple(Claim(names.resources[slug].id, units) for slug, units in claimed), purpose
    )


def actor_of(team_id, email):
    """Who books: the account of this address, or the team's first lead."""
    session = db.session()
    if not email:
        email = next((user.email for membership, user in members(session, team_id) if user.active), "")
    actor = actor_by_email(session, email.strip().lower(), clock.now())
    if actor is None:
        _fail(f"{email or 'nobody'}: no active account has this address. Say who books: --as EMAIL.")
    session.rollback()
    return actor


def _preview(order, actor, now):
    decision = preview_booking(order, actor=actor, now=now)
    if decision.refusals:
        raise Refused(decision.refusals)
    click.echo(f"It fits: {decision.state.value}, {hours_text(decision.cost)} hours of quota. Nothing was booked.")


def _refuse(refused, order, actor, team, email, now):
    for refusal in refused.refusals:
        click.echo(refusal_line(refusal), err=True)
    if all(refusal.code is not Code.NOT_A_MEMBER for refusal in refused.refusals):
        for offer in suggest(order, now=now, by=actor.user_id):
            click.echo(f"{offer.why}: {order_line(team, offer, order.purpose, email)}", err=True)
    sys.exit(1)


def _fail(sentence):
    click.echo(sentence, err=True)
    sys.exit(1)
