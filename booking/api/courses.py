"""Calls on courses: read them and their sessions, open one, and note who has completed it."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.permissions import may_organise
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.activities import sessions_of
from booking.queries.courses import completions, courses, find_course
from booking.schemas.activities import ActivityShape, Why
from booking.schemas.base import Page
from booking.schemas.courses import (
    CompletionShape,
    CompletionsShape,
    CourseShape,
    NewCompletion,
    NewCourse,
    SessionsShape,
)
from booking.services.courses import open_course, record_completion, revoke_completion

bp = Blueprint("courses", __name__)


@bp.get("/courses")
@call(query=Page, lists=CourseShape, public=True)
def index(query: Page) -> Response:
    """The courses, by slug."""
    after = query.after(str)
    found = courses(reading(), after=after[0] if after else "", limit=query.limit + 1)
    return listed(found, query, shape=CourseShape.of, key=lambda course: [course.slug])


@bp.post("/courses")
@call(body=NewCourse, gives={201: CourseShape}, fails=(403, 404, 409))
def create(body: NewCourse) -> Response:
    """Open a course of an organisation that one runs; its sessions are activities of kind `training`."""
    made = open_course(body.wanted(), actor=current_actor(), now=clock.now())
    return created(CourseShape.of(made), "api.courses.read", course_id=made.slug)


@bp.get("/courses/<course_id>")
@call(gives={200: CourseShape}, fails=(404,), public=True)
def read(course_id: str) -> Response:
    """One course."""
    return show(CourseShape.of(find_course(reading(), course_id)))


@bp.get("/courses/<course_id>/sessions")
@call(gives={200: SessionsShape}, fails=(404,), public=True)
def sessions(course_id: str) -> Response:
    """The sessions that are to come, the next one first; one takes part in them as in any activity."""
    found = sessions_of(reading(), find_course(reading(), course_id).id, clock.now())
    return show(SessionsShape(items=[ActivityShape.of(one) for one in found]))


@bp.post("/courses/<course_id>/completions")
@call(body=NewCompletion, gives={201: CompletionShape}, fails=(403, 404))
def complete(course_id: str, body: NewCompletion) -> Response:
    """Note, as organiser, that somebody has completed a course."""
    made = record_completion(
        course_id, body.email, actor=current_actor(), now=clock.now(), completed_at=body.completed_at
    )
    return created(CompletionShape.of(made), "api.courses.completed", course_id=course_id)


@bp.get("/courses/<course_id>/completions")
@call(gives={200: CompletionsShape}, fails=(404,))
def completed(course_id: str) -> Response:
    """Who has completed a course: everybody for the organiser, for others their own."""
    actor, course = current_actor(), find_course(reading(), course_id)
    found = completions(reading(), course.id)
    if not may_organise(actor, course.organisation_id):
        found = [one for one in found if one.user_id == actor.user_id]
    return show(CompletionsShape(items=[CompletionShape.of(one) for one in found]))


@bp.post("/completions/<completion_id>/revoke")
@call(body=Why, gives={200: CompletionShape}, fails=(404, 409))
def revoke(completion_id: str, body: Why) -> Response:
    """Take back, with a reason, what was noted wrongly."""
    number = parse_id(completion_id, "completion")
    done = revoke_completion(number, actor=current_actor(), now=clock.now(), reason=body.reason)
    return show(CompletionShape.of(done))
