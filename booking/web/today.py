"""Today, for who looks after resources: what needs doing, each number with the list behind it."""

from datetime import timedelta

from flask import Blueprint, current_app, render_template
from flask_babel import format_timedelta
from flask_babel import lazy_gettext as _

from booking import clock
from booking.domain.errors import Forbidden, NotFound
from booking.domain.localtime import to_local
from booking.domain.permissions import may_decide_any
from booking.domain.utilisation import A_DAY, midnight
from booking.domain.windows import Window
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.http.words import read_in
from booking.queries import health, jobs, outbox, todays
from booking.queries.facilities import timezones
from booking.queries.todays import Which
from booking.web.booking_pages import agenda
from booking.web.jobs import SILENT_AFTER
from booking.web.paging import asked_page

bp = Blueprint("today", __name__, url_prefix="/today")

NAMES = {
    Which.DISPLACED: _("Bookings without room"),
    Which.UNCHECKED: _("Begun, and nobody has checked in yet"),
    Which.NO_SHOWS: _("Released today: nobody checked in"),
    Which.RUNNING: _("Running now"),
    Which.STARTS: _("Begin today"),
    Which.ENDS: _("End today"),
}
URGENT = frozenset({Which.DISPLACED, Which.UNCHECKED, Which.NO_SHOWS})


@bp.before_request
def only_owners():
    """Nobody else has any business here."""
    if not may_decide_any(current_actor()):
        raise Forbidden("Only operators and stewards look after what is booked here.")


@bp.get("")
def index():
    """What needs doing, and how everything is."""
    actor, now, session = current_actor(), clock.now(), reading()
    connection = session.connection()
    waits = todays.waiting(connection, actor)
    return render_template(
        "today/index.html",
        names=NAMES,
        urgent=URGENT,
        counts=todays.counts(connection, actor, _day(now), now),
        waits=waits,
        age=format_timedelta(now - waits.since, threshold=1) if waits.since else "",
        left=format_timedelta(max(waits.until - now, timedelta()), threshold=1) if waits.until else "",
        health=_health(session, now),
        day=now,
    )


@bp.get("/<which>")
def show(which):
    """The list behind one of the numbers."""
    if which not in set(Which):
        raise NotFound("list")
    actor, now, page = current_actor(), clock.now(), asked_page()
    found = todays.bookings_in(
        reading().connection(), Which(which), actor, _day(now), now, limit=page.limit, offset=page.offset
    )
    shown = page.of(found)
    return render_template(
        "today/show.html", page=shown, agenda=agenda(reading(), shown.items, now), title=NAMES[Which(which)]
    )


def _day(now) -> Window:
    """Today, as the clocks of most facilities have it; the page is read by them."""
    zone = timezones(reading())[0]
    read_in(zone)
    today = to_local(now, zone).date()
    return Window(midnight(today, zone), midnight(today + A_DAY, zone))


def _health(session, now):
    """The scheduler and the outbox, as far as somebody has to look after them."""
    beats, runs = jobs.heartbeats(session), health.job_runs(session)
    led = beats["leader"].at if "leader" in beats else None
    return {
        "silent": led is None or now - led > SILENT_AFTER,
        "broken": [run.name for run in runs if run.errors],
        "outbox": health.outbox_counts(session),
        "oldest": outbox.oldest_waiting(session),
        "mail": current_app.extensions["booking.connectors"]["mail"] is not None,
    }
