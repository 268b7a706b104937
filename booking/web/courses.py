"""Courses: their sessions, who has completed them, and opening one."""

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.permissions import may_organise, may_organise_any
from booking.forms.activities import CompletionForm, CourseForm
from booking.forms.bookings import ReasonForm
from booking.http.actor import asking, current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.activities import sessions_of
from booking.queries.courses import completions, courses, find_completion, find_course
from booking.services.courses import open_course, record_completion, revoke_completion
from booking.web.activities import organisations_of
from booking.web.answers import form_page, see
from booking.web.zones import read_where_most_are

bp = Blueprint("courses", __name__)


@bp.get("/courses")
def index():
    """Every course."""
    return render_template("courses/index.html", courses=courses(reading()), organises=may_organise_any(asking()))


@bp.get("/courses/<slug>")
def show(slug):
    """One course: what it is, its next sessions, and for the organiser who has completed it."""
    return _page(find_course(reading(), slug))


@bp.route("/courses/new", methods=["GET", "POST"])
def new():
    """Open a course."""
    actor = current_actor()
    if not may_organise_any(actor):
        raise Forbidden("Only who runs centres or scenarios opens courses.")
    form = CourseForm()
    form.offer(organisations_of(actor))
    if not form.validate_on_submit():
        return form_page("courses/new.html", form)
    try:
        made = open_course(form.asked(), actor=actor, now=clock.now())
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return form_page("courses/new.html", form)
    flash(_("%(name)s is open.", name=made.name), "success")
    return see(".show", slug=made.slug)


@bp.post("/courses/<slug>/completions")
def complete(slug):
    """Note that somebody has completed it."""
    course, form = find_course(reading(), slug), CompletionForm()
    if not may_organise(current_actor(), course.organisation_id):
        raise NotFound("course")
    if form.validate_on_submit():
        try:
            done = record_completion(slug, form.email.data, actor=current_actor(), now=clock.now())
        except (Invalid, NotFound) as problem:
            form.refuse(problem)
        else:
            flash(_("It is noted that %(name)s has completed the course.", name=done.name), "success")
            return see(".show", slug=slug)
    return _page(course, form), 422


@bp.post("/completions/<completion_id>/revoke")
def revoke(completion_id):
    """Take back, with a reason, what was noted wrongly."""
    number = parse_id(completion_id, "completion")
    standing, form = find_completion(reading(), number), ReasonForm()
    if not may_organise(current_actor(), standing.organisation_id):
        raise NotFound("completion")
    form.validate_on_submit()
    try:
        revoke_completion(number, actor=current_actor(), now=clock.now(), reason=form.reason.data or "")
    except (Conflict, Invalid) as problem:
        return _page(find_course(reading(), standing.course), problem=problem), 422
    flash(_("The completion is taken back."), "success")
    return see(".show", slug=standing.course)


def _page(course, form=None, problem=None) -> str:
    now, actor = clock.now(), asking()
    read_where_most_are()
    organises = may_organise(actor, course.organisation_id)
    done = completions(reading(), course.id) if actor.signed_in else []
    return render_template(
        "courses/show.html",
        course=course,
        sessions=sessions_of(reading(), course.id, now),
        completions=done if organises else [],
        own=[one for one in done if one.user_id == actor.user_id and one.revoked_at is None],
        organises=organises,
        form=form or CompletionForm(formdata=None),
        problem=problem,
        now=now,
    )
