"""The command that replays a recorded workload as bookings, in the time of the trace."""

import json
import sys
from datetime import timedelta

import click
from flask.cli import with_appcontext

from booking import clock
from booking.cli import files
from booking.cli.progress import progress
from booking.cli.values import Instant
from booking.db import db
from booking.domain.nodes import IMPORTED
from booking.domain.orders import Claim, Order
from booking.domain.refusals import Refused
from booking.domain.replay import NO_SUCH_MODEL, Tally, choices, read_trace, summary, whole_window, widened
from booking.queries.replays import pools_of, use_of
from booking.services.bookings import request_booking
from booking.services.replays import prepare_teams


@click.command("replay")
@click.argument("pods")
@click.option("--facility", default=IMPORTED, show_default=True, help="Whose pools are asked.")
@click.option("--start", type=Instant(), help="When the trace begins; the next midnight UTC unless given.")
@click.option("--teams", type=click.IntRange(1, 1000), default=8, show_default=True, help="How many teams ask in turn.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON, and nothing else, on stdout.")
@with_appcontext
def command(pods, facility, start, teams, as_json):
    """Replay the pod list PODS through the ordinary admission, in trace time."""
    now = clock.now()
    start = start or _next_midnight(now)
    trace = files.read(pods, read_trace)
    files.say_bad_lines(pods, trace.bad)
    pools = _pools(facility)
    window = whole_window(trace, start, pools)
    tally = _replay(trace, start, pools, prepare_teams(teams, window, now=now))

    with db.engine.connect() as connection:
        answer = summary(tally, use_of(connection, pools, window))
    click.echo(json.dumps(answer) if as_json else _words(answer))
    if trace.bad:
        sys.exit(1)


def _replay(trace, start, pools, teams):
    """Let the teams ask in turn for what the trace asked for; a refusal counts by its first code at the last pool."""
    tally = Tally()
    with progress("requests", len(trace.pods)) as advance:
        for number, pod in enumerate(trace.pods):
            tally.count(_refusal(pod, start, choices(pod, pools), *teams[number % len(teams)]))
            advance()
    return tally


def _refusal(pod, start, pools, team_id, actor):
    """None once a pool has admitted the request."""
    code = NO_SUCH_MODEL
    for pool in pools:
        window = widened(pod, start, pool.grid_minutes)
        order = Order(team_id, window, (Claim(pool.id, pod.gpus),), pod.name)
        try:
            request_booking(order, actor=actor, now=window.start, settles_due=False)
        except Refused as refused:
            code = refused.refusals[0].code.value
        else:
            return None
    return code


def _pools(facility):
    with db.engine.connect() as connection:
        pools = pools_of(connection, facility)
    if not pools:
        click.echo(f"Facility {facility!r} has no published pools. Import a node list, or name another.", err=True)
        sys.exit(1)
    return pools


def _next_midnight(now):
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _words(answer):
    """The summary as people read it."""
    lines = [f"{answer['requests']} requests: {answer['admitted']} admitted"]
    lines += [f"  refused {number}: {code}" for code, number in answer["refused"].items()]
    lines += [
        f"{slug}: peak {use['peak']} of {use['offered']} GPUs, {use['utilisation']:.1%} used"
        for slug, use in answer["pools"].items()
    ]
    return "\n".join(lines)
