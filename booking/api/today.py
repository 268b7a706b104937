"""Calls of who looks after resources: how today stands, and what a rule would have refused."""

from datetime import timedelta

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, show
from booking.domain.errors import Forbidden
from booking.domain.localtime import to_local
from booking.domain.permissions import Actor, may_decide_any
from booking.domain.utilisation import A_DAY, midnight
from booking.domain.what_if import Would, what_if
from booking.domain.windows import Window
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries import todays
from booking.queries.facilities import timezones
from booking.queries.past_claims import past_claims
from booking.queries.todays import Which
from booking.schemas.today import TodayShape, WhatIfFilter, WhatIfShape, WouldShape

bp = Blueprint("today", __name__)


@bp.get("/today")
@call(gives={200: TodayShape}, fails=(403,))
def read() -> Response:
    """What begins and ends today of what one looks after, who is missing, and what waits for an answer."""
    actor, now, connection = _owner(), clock.now(), reading().connection()
    zone = timezones(reading())[0]
    today = to_local(now, zone).date()
    day = Window(midnight(today, zone), midnight(today + A_DAY, zone))
    counts, waits = todays.counts(connection, actor, day, now), todays.waiting(connection, actor)
    return show(
        TodayShape(
            running=counts[Which.RUNNING],
            starts=counts[Which.STARTS],
            ends=counts[Which.ENDS],
            unchecked=counts[Which.UNCHECKED],
            no_shows=counts[Which.NO_SHOWS],
            displaced=counts[Which.DISPLACED],
            approvals=waits.count,
            approvals_since=waits.since,
            approvals_until=waits.until,
        )
    )


@bp.get("/what-if")
@call(query=WhatIfFilter, gives={200: WhatIfShape}, fails=(403,))
def try_rule(query: WhatIfFilter) -> Response:
    """How many of the bookings of the last days a rule of quota would have refused; nothing is changed."""
    actor, rule = _owner(), query.rule()
    since = clock.now() - timedelta(days=query.days)
    found = what_if(rule, past_claims(reading().connection(), actor, query.kind, since))
    return show(
        WhatIfShape(
            items=[WouldShape.of(team, would) for team, would in found.items()],
            total=WouldShape.of("", sum(found.values(), Would())),
        )
    )


def _owner() -> Actor:
    actor = current_actor()
    if not may_decide_any(actor):
        raise Forbidden("Only operators and stewards look after what is booked here.")
    return actor
