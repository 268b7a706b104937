"""The command that looks for windows."""

import sys

import click
from flask.cli import with_appcontext

from booking import clock
from booking.cli.bookings import actor_of, order_line, refusal_line
from booking.cli.values import MOST_UNITS, Hours, Instant, stamp
from booking.db import db
from booking.domain.amounts import hours_text
from booking.domain.errors import Problem
from booking.domain.windows import Window
from booking.queries.names import named
from booking.services.searches import LOOK_AHEAD, Wish, search


@click.command("find")
@click.option(
    "--units", type=click.IntRange(1, MOST_UNITS), default=1, show_default=True, help="How many GPUs or seats."
)
@click.option("--hours", "seconds", type=Hours(), required=True, help="How long, at least.")
@click.option("--hours-max", "longest", type=Hours(), help="How long at most, where there is room.")
@click.option("--from", "earliest", type=Instant(), help="The earliest start; now unless given.")
@click.option("--until", "latest", type=Instant(), help="The latest end; a fortnight later unless given.")
@click.option("--kind", type=click.Choice(["pool", "dataset"]), default="pool", show_default=True)
@click.option("--resource", default="", help="Only this one.")
@click.option("--model", "models", multiple=True, help="Only this GPU model; of several the one liked best first.")
@click.option("--memory", type=click.IntRange(1), help="The least memory of a GPU, in GiB.")
@click.option("--region", "regions", multiple=True, help="Only in this region.")
@click.option("--not-region", "denied", multiple=True, help="Not in this region.")
@click.option("--facility", default="", help="Only at this facility.")
@click.option("--dataset", default="", help="With a seat of this dataset.")
@click.option("--team", default="", help="Only what this team would be admitted to.")
@click.option("--limit", type=click.IntRange(1, 200), default=10, show_default=True)
@with_appcontext
def command(**asked):
    """Find the windows that serve a wish, the earliest first; for a team each with the command that books it."""
    try:
        wish = _wish(asked)
        by = actor_of(wish.team_id, "").user_id if wish.team_id else None
        offers = search(wish, now=clock.now(), limit=asked["limit"], by=by)
    except Problem as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
    for offer in offers:
        click.echo(_line(offer))
        for refusal in offer.first:
            click.echo(f"    first: {refusal_line(refusal)}")
        if asked["team"]:
            click.echo(f"    {order_line(asked['team'], offer, 'booked from a search')}")
    if not offers:
        click.echo("Nothing was found. Take fewer units, fewer hours, or a longer time to look in.", err=True)
        sys.exit(1)


def _wish(asked):
    earliest = asked["earliest"] or clock.now()
    latest = asked["latest"] or earliest + LOOK_AHEAD
    if latest <= earliest:
        raise click.UsageError("The end is not after the start.")
    return Wish(
        units=asked["units"],
        seconds=asked["seconds"],
        longest=asked["longest"] or 0,
        span=Window(earliest, latest),
        kind=asked["kind"],
        resource=asked["resource"],
        gpu_models=asked["models"],
        memory_gib=asked["memory"] or 0,
        regions=asked["regions"],
        regions_denied=asked["denied"],
        facility=asked["facility"],
        dataset=asked["dataset"],
        team_id=_team(asked["team"]) if asked["team"] else None,
    )


def _team(slug):
    with db.engine.connect() as connection:
        team_id = named(connection, team=slug).team_id
    if team_id is None:
        click.echo(f"{slug}: there is no such team.", err=True)
        sys.exit(1)
    return team_id


def _line(offer):
    claims = " ".join(f"{offer.slugs[claim.resource_id]}={claim.units}" for claim in offer.claims)
    parts = [stamp(offer.window.start), stamp(offer.window.end), claims, f"{hours_text(offer.cost)} hours"]
    parts += [f"waits for {', '.join(offer.approvals)}"] * bool(offer.approvals)
    parts += [f"with the seat of {offer.seat_held} that is held"] * bool(offer.seat_held)
    return "  ".join(parts)
