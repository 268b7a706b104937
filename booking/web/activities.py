"""Activities: announce one, take part in it, and who was there."""

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock
from booking.domain.calendars import Event, calendar
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.permissions import Role, may_administer, may_organise, may_organise_any
from booking.domain.refusals import Refused
from booking.domain.windows import Window
from booking.forms.activities import ActivityForm, PlacesForm
from booking.forms.bookings import ReasonForm
from booking.http.actor import asking, current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.activities import find_activity
from booking.queries.courses import completions_of, courses
from booking.queries.enrolments import enrolment_of, enrolments, enrolments_of, position
from booking.queries.facilities import timezones
from booking.queries.organisations import operated
from booking.services import enrolments as services
from booking.services.activities import announce_activity, cancel_activity, change_places
from booking.web.answers import form_page, see
from booking.web.order_forms import teams_of
from booking.web.zones import read_where_most_are

bp = Blueprint("activities", __name__)


def part_of(activity) -> dict:
    """What the page of an activity says to who reads it: their own part, and what they can do."""
    actor = asking()
    own = enrolment_of(reading(), activity.id, actor.user_id) if actor.signed_in else None
    return {
        "own": own,
        "position": position(reading(), own) if own else 0,
        "organises": may_organise(actor, activity.organisation_id),
    }


@bp.get("/activities/mine")
def mine():
    """What one takes part in, and which courses one has completed."""
    actor = current_actor()
    read_where_most_are()
    return render_template(
        "activities/mine.html",
        enrolments=enrolments_of(reading(), actor.user_id),
        completions=completions_of(reading(), actor.user_id),
        now=clock.now(),
        organises=may_organise_any(actor),
    )


@bp.route("/activities/new", methods=["GET", "POST"])
def new():
    """Announce a contest, a road show, a matchmaking day, a demonstration, or a session of a course."""
    actor, session = current_actor(), reading()
    if not may_organise_any(actor):
        raise Forbidden("Only who runs centres or scenarios announces activities.")
    form = ActivityForm(course=request.args.get("course", ""), kind=request.args.get("kind", "contest"))
    leads = [(team.slug, team.name) for team in teams_of(session, actor) if actor.teams.get(team.id) == "lead"]
    form.offer(organisations_of(actor), courses(session), leads, timezones(session))
    wanted = form.asked() if form.validate_on_submit() else None
    if wanted is None:
        return form_page("activities/new.html", form)
    try:
        made = announce_activity(wanted, actor=actor, now=clock.now())
    except (Conflict, Invalid, NotFound) as problem:
        form.refuse(problem)
        return form_page("activities/new.html", form)
    flash(_("%(name)s is announced.", name=made.name), "success")
    return see("catalogue.activity", slug=made.slug)


@bp.post("/activities/<slug>/enrol")
def enrol(slug):
    """Take a place, or wait for the next one."""
    try:
        own = services.enrol(slug, actor=current_actor(), now=clock.now(), waits=bool(request.form.get("waits")))
    except (Conflict, Refused) as problem:
        return activity_page(find_activity(reading(), slug), problem=problem), 409
    words = _("You have a place.") if own.state == "enrolled" else _("You wait for a place, and are told of it.")
    flash(words, "success")
    return see("catalogue.activity", slug=slug)


@bp.post("/activities/<slug>/leave")
def leave(slug):
    """Give one's place up, or wait no longer."""
    try:
        services.leave(slug, actor=current_actor(), now=clock.now())
    except Conflict as problem:
        return activity_page(find_activity(reading(), slug), problem=problem), 409
    flash(_("You take no part in it any more."), "success")
    return see("catalogue.activity", slug=slug)


@bp.get("/activities/<slug>/people")
def people(slug):
    """Who comes, who waits, and who was there, for the organiser."""
    return _people_page(_organised(slug))


@bp.post("/activities/<slug>/places")
def places(slug):
    """Offer more or fewer places."""
    activity, form = _organised(slug), PlacesForm(prefix="places")
    if form.validate_on_submit():
        try:
            change_places(slug, form.places.data, actor=current_actor(), now=clock.now())
        except Invalid as problem:
            form.refuse(problem)
        else:
            flash(_("The places are changed."), "success")
            return see(".people", slug=slug)
    return _people_page(activity, more=form), 422


@bp.post("/activities/<slug>/cancel")
def cancel(slug):
    """Call it off; everybody who wanted to come is told why."""
    activity, form = _organised(slug), ReasonForm(prefix="cancel")
    if form.validate_on_submit():
        try:
            cancel_activity(slug, actor=current_actor(), now=clock.now(), reason=form.reason.data or "")
        except (Conflict, Invalid) as problem:
            form.refuse(problem)
        else:
            flash(_("It is cancelled, and everybody who wanted to come is told."), "success")
            return see("catalogue.activity", slug=slug)
    return _people_page(activity, why=form), 422


@bp.post("/activities/<slug>/people/<enrolment_id>/attendance")
def attendance(slug, enrolment_id):
    """Note whether somebody was there."""
    activity = _organised(slug)
    try:
        number = parse_id(enrolment_id, "enrolment")
        services.mark_attendance(slug, number, bool(request.form.get("was")), actor=current_actor(), now=clock.now())
    except Conflict as problem:
        return _people_page(activity, problem=problem), 409
    return see(".people", slug=slug)


@bp.get("/activities/<slug>/calendar.ics")
def ics(slug):
    """The activity for a calendar, which comes back for changes."""
    activity = find_activity(reading(), slug)
    address = url_for("catalogue.activity", slug=slug, _external=True)
    event = Event(
        uid=f"activity-{activity.id}@{request.host}",
        sequence=1 if activity.cancelled_at else 0,
        window=Window(activity.starts_at, activity.ends_at),
        summary=activity.name,
        changed_at=activity.cancelled_at or clock.now(),
        description=f"{activity.place}, {activity.region}",
        address=address,
        cancelled=activity.cancelled_at is not None,
    )
    return Response(calendar(activity.name, [event]), content_type="text/calendar; charset=utf-8")


def activity_page(activity, **more) -> str:
    """The page of an activity, which the catalogue leads to."""
    read_where_most_are()
    return render_template("catalogue/activity.html", activity=activity, now=clock.now(), **part_of(activity), **more)


def organisations_of(actor):
    """The organisations that the actor organises for."""
    own = actor.organisations(Role.OPERATOR) | actor.organisations(Role.SCENARIO_OWNER)
    return operated(reading(), None if may_administer(actor) else own)


def _organised(slug: str):
    activity = find_activity(reading(), slug)
    if not may_organise(current_actor(), activity.organisation_id):
        raise NotFound("activity")
    return activity


def _people_page(activity, more=None, why=None, problem=None) -> str:
    read_where_most_are()
    found = enrolments(reading(), activity.id)
    title = ngettext("%(num)s person with a place", "%(num)s people with a place", activity.enrolled)
    return render_template(
        "activities/people.html",
        activity=activity,
        people=found,
        title=title,
        now=clock.now(),
        more=more or PlacesForm(prefix="places", formdata=None, places=activity.places),
        why=why or ReasonForm(prefix="cancel", formdata=None),
        problem=problem,
    )
