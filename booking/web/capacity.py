"""What resources offer: owners publish capacity, end it early, and decide about who lost their place."""

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _

from booking import clock
from booking.domain.displacements import OWNERS_CHOICE, Resolution
from booking.domain.errors import Conflict, Invalid
from booking.domain.localtime import to_local
from booking.domain.timelines import Period, View
from booking.domain.windows import ceil_to_grid
from booking.forms.capacity import DECISIONS, CapacityForm, EarlierEndForm, decision
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import say, shown_zone
from booking.queries.availability import levels_at
from booking.queries.capacity_changes import changes_of, find_change
from booking.queries.displacements import waiting_for_decision
from booking.queries.resources import read_resources
from booking.services import capacity, displacements, resources
from booking.web.answers import form_page, see
from booking.web.decisions import do_or_ask
from booking.web.owned import owned
from booking.web.paging import asked_instant
from booking.web.timelines import pools_over

bp = Blueprint("capacity", __name__, url_prefix="/operate")


@bp.get("/resources/<slug>/capacity")
def index(slug):
    """What a resource offers, the bookings that lost their place, and every change that was published."""
    now, listing, session = clock.now(), owned(slug), reading()
    changes = changes_of(session, listing.id)
    connection = session.connection()
    rows = read_resources(connection, [listing.id])
    period = Period.from_now(View.MONTH, now, shown_zone(listing.timezone))
    return render_template(
        "capacity/index.html",
        listing=listing,
        level=levels_at(connection, rows, now)[listing.id],
        period=period,
        strip=pools_over(connection, rows, period)[listing.id],
        displaced=sorted(waiting_for_decision(session, listing.id), key=lambda one: one.window),
        decisions={verb: name for verb, name in DECISIONS.items() if verb is not Resolution.LATER},
        present=[change for change in changes if not change.has_ended(now)],
        past=[change for change in reversed(changes) if change.has_ended(now)],
        now=now,
    )


@bp.route("/resources/<slug>/capacity/new", methods=["GET", "POST"])
def new(slug):
    """Publish more units, an outage of some, or a closure."""
    actor, now, listing = current_actor(), clock.now(), owned(slug)
    form = CapacityForm(zone=listing.timezone, data=_from_address(listing, now) if request.method == "GET" else None)
    if not form.validate_on_submit():
        return form_page("capacity/new.html", form, listing=listing)

    def publish(resolutions):
        capacity.add_capacity(slug, form.asked, actor=actor, now=now, resolutions=resolutions)

    try:
        asking = do_or_ask(listing, publish)
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return form_page("capacity/new.html", form, listing=listing)
    if asking is not None:
        return asking
    flash(_("%(name)s now offers what you said.", name=listing.name), "success")
    return see(".index", slug=slug)


def _from_address(listing, now):
    """What the form begins with: what the link says, and otherwise from now on."""
    start = asked_instant("starts_at") or ceil_to_grid(now, listing.grid_minutes)
    begins = {"starts_at": to_local(start, listing.timezone), "units": request.args.get("units", type=int)}
    end = asked_instant("ends_at")
    return begins | ({"ends_at": to_local(end, listing.timezone)} if end else {})


@bp.route("/resources/<slug>/capacity/<change_id>/end", methods=["GET", "POST"])
def end(slug, change_id):
    """End a change before its time; one that is to come is taken back."""
    actor, now, listing = current_actor(), clock.now(), owned(slug)
    change = find_change(reading(), listing.id, parse_id(change_id, "capacity change"))
    shown = to_local(max(now, change.starts_at), listing.timezone)
    form = EarlierEndForm(zone=listing.timezone, starts_at=change.starts_at, ends_at=shown)
    if not form.validate_on_submit():
        return form_page("capacity/end.html", form, listing=listing, change=change)

    def end_early(resolutions):
        capacity.end_capacity_early(slug, change.id, form.instant, actor=actor, now=now, resolutions=resolutions)

    try:
        asking = do_or_ask(listing, end_early)
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return form_page("capacity/end.html", form, listing=listing, change=change)
    if asking is not None:
        return asking
    flash(_("It ends when you said."), "success")
    return see(".index", slug=slug)


@bp.post("/resources/<slug>/displacements/<displacement_id>")
def resolve(slug, displacement_id):
    """Decide about a booking that lost its place."""
    listing, wanted = owned(slug), decision(request.form.get("resolution", ""), OWNERS_CHOICE)
    if wanted is None:
        abort(422)
    try:
        displacements.resolve_displacement(
            parse_id(displacement_id, "displacement"), wanted, actor=current_actor(), now=clock.now()
        )
        flash(_("It is done, and the team is told."), "success")
    except (Conflict, Invalid) as problem:
        flash(say(problem), "danger")
    return see(".index", slug=listing.slug)


@bp.post("/resources/<slug>/<any('publish', 'retire'):verb>")
def move(slug, verb):
    """Open a draft to bookings, or take no more of them."""
    listing = owned(slug)
    service = resources.publish_resource if verb == "publish" else resources.retire_resource
    service(slug, actor=current_actor(), now=clock.now())
    if verb == "publish":
        flash(_("%(name)s is published.", name=listing.name), "success")
    else:
        flash(_("%(name)s takes no more bookings; those that stand run to their end.", name=listing.name), "success")
    return see("facilities.index")
