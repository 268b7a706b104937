"""Calls on activities: read them, announce one, change or cancel it, and take part."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.permissions import may_organise
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.activities import activities, find_activity
from booking.queries.enrolments import enrolments
from booking.schemas.activities import (
    ActivityShape,
    Attendance,
    EnrolmentShape,
    EnrolmentsShape,
    NewActivity,
    NewEnrolment,
    Places,
    Why,
)
from booking.schemas.listings import ActivityFilter
from booking.services import enrolments as services
from booking.services.activities import announce_activity, cancel_activity, change_places

bp = Blueprint("activities", __name__)


@bp.get("/activities")
@call(query=ActivityFilter, lists=ActivityShape, public=True)
def index(query: ActivityFilter) -> Response:
    """The announced activities, by slug."""
    after = query.after(str)
    found = activities(reading(), query.filters, after=after[0] if after else None, limit=query.limit + 1)
    return listed(found, query, shape=ActivityShape.of, key=lambda activity: [activity.slug])


@bp.get("/activities/<activity_id>")
@call(gives={200: ActivityShape}, fails=(404,), public=True)
def read(activity_id: str) -> Response:
    """One activity, with how many places are taken."""
    return show(ActivityShape.of(find_activity(reading(), activity_id)))


@bp.post("/activities")
@call(body=NewActivity, gives={201: ActivityShape}, fails=(403, 404, 409))
def create(body: NewActivity) -> Response:
    """Announce an activity of an organisation that one runs."""
    made = announce_activity(body.wanted(), actor=current_actor(), now=clock.now())
    return created(ActivityShape.of(made), "api.activities.read", activity_id=made.slug)


@bp.post("/activities/<activity_id>/places")
@call(body=Places, gives={200: ActivityShape}, fails=(403, 404))
def places(activity_id: str, body: Places) -> Response:
    """Offer more or fewer places, as organiser; who waits gets what is added."""
    return show(ActivityShape.of(change_places(activity_id, body.places, actor=current_actor(), now=clock.now())))


@bp.post("/activities/<activity_id>/cancel")
@call(body=Why, gives={200: ActivityShape}, fails=(403, 404, 409))
def cancel(activity_id: str, body: Why) -> Response:
    """Call an activity off, as organiser; everybody who wanted to come is told why."""
    done = cancel_activity(activity_id, actor=current_actor(), now=clock.now(), reason=body.reason)
    return show(ActivityShape.of(done))


@bp.post("/activities/<activity_id>/enrolments")
@call(body=NewEnrolment, body_optional=True, gives={201: EnrolmentShape}, fails=(404, 409))
def enrol(activity_id: str, body: NewEnrolment) -> Response:
    """Take a place, or with `waits` the next one that becomes free."""
    made = services.enrol(activity_id, actor=current_actor(), now=clock.now(), waits=body.waits)
    return created(EnrolmentShape.of(made), "api.activities.enrolled", activity_id=activity_id)


@bp.get("/activities/<activity_id>/enrolments")
@call(gives={200: EnrolmentsShape}, fails=(404,))
def enrolled(activity_id: str) -> Response:
    """Who takes part and who waits: everybody for the organiser, for others their own part."""
    actor, activity = current_actor(), find_activity(reading(), activity_id)
    found = enrolments(reading(), activity.id)
    if not may_organise(actor, activity.organisation_id):
        found = [one for one in found if one.user_id == actor.user_id]
    return show(EnrolmentsShape(items=[EnrolmentShape.of(one) for one in found]))


@bp.post("/activities/<activity_id>/leave")
@call(gives={200: EnrolmentShape}, fails=(404, 409))
def leave(activity_id: str) -> Response:
    """Give one's place up, or wait no longer; whoever waits first gets it."""
    return show(EnrolmentShape.of(services.leave(activity_id, actor=current_actor(), now=clock.now())))


@bp.post("/activities/<activity_id>/enrolments/<enrolment_id>/attendance")
@call(body=Attendance, gives={200: EnrolmentShape}, fails=(404, 409))
def attendance(activity_id: str, enrolment_id: str, body: Attendance) -> Response:
    """Note, as organiser, whether somebody was there."""
    number = parse_id(enrolment_id, "enrolment")
    done = services.mark_attendance(activity_id, number, body.attended, actor=current_actor(), now=clock.now())
    return show(EnrolmentShape.of(done))
