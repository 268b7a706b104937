"""The health of the scheduler and of the outbox, for operators."""

from datetime import timedelta

from flask import Blueprint, current_app, render_template
from flask_babel import lazy_gettext as _

from booking import clock
from booking.domain.errors import Forbidden
from booking.domain.permissions import may_see_jobs
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries import clusters, health, jobs, outbox

bp = Blueprint("jobs", __name__, url_prefix="/jobs")

SILENT_AFTER = timedelta(seconds=30)

NAMES = {
    "expire holds": _("Let holds and offers lapse"),
    "expire change requests": _("Let change requests lapse"),
    "release no-shows": _("Release what nobody checked in to"),
    "start bookings": _("Start bookings"),
    "complete bookings": _("Complete bookings"),
    "resolve displacements": _("Resolve displacements"),
    "expire approvals": _("End approvals of teams"),
    "revoke without basis": _("Revoke what lost its basis"),
    "close ended entries": _("Close wait-list entries that have ended"),
    "close ended demands": _("Close demands that have ended"),
    "serve the wait list": _("Offer to the wait list what is free"),
    "look through the wait list": _("Look through the wait list"),
    "revoke without permit or training": _("Revoke what lost its permit or training"),
    "note ends of permits": _("Note the ends of permits"),
    "close lost downloads": _("Close downloads that broke off"),
    "expire grants": _("End grants"),
    "remind of starts": _("Remind of starts"),
    "warn of ending grants": _("Warn of ending grants"),
    "warn of ending approvals": _("Warn of ending approvals"),
    "end lent memberships": _("Take out of teams who was in them for an activity"),
    "ask for outcomes": _("Ask what came of bookings"),
    "ask for attestations": _("Ask for attestations of deletion"),
    "remind of attestations": _("Remind of attestations of deletion"),
    "keep scenario lists": _("Publish and close scenario lists"),
    "decide on applications": _("Decide on applications whose time is over"),
    "roll up utilisation": _("Sum up utilisation"),
    "close months": _("Close months of settlement"),
    "settle measured use": _("Settle measured use"),
    "choose nodes": _("Choose nodes of bookings"),
    "tell clusters": _("Tell clusters"),
    "import usage": _("Import measured use"),
    "reconcile clusters": _("Compare clusters with what is wanted"),
    "address notices": _("Address notices to their readers"),
    "send digests": _("Write the summaries of the day"),
    "deliver mail": _("Deliver mail"),
}


@bp.get("")
def index():
    """Who leads, what each job did last, and what waits in the outbox."""
    if not may_see_jobs(current_actor()):
        raise Forbidden("Only those who look after resources see jobs and outbox.")
    session, now = reading(), clock.now()
    beats = jobs.heartbeats(session)
    led = beats["leader"].at if "leader" in beats else None
    return render_template(
        "jobs/index.html",
        beats=beats,
        silent=led is None or now - led > SILENT_AFTER,
        runs=health.job_runs(session),
        names=NAMES,
        counts=health.outbox_counts(session),
        oldest=outbox.oldest_waiting(session),
        parked=outbox.parked(session),
        failing=outbox.failing(session),
        silent_clusters=[cluster for cluster in clusters.clusters(session) if cluster.silent_since],
        mail=current_app.extensions["booking.connectors"]["mail"] is not None,
    )
