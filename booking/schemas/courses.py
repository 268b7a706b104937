"""Courses and who has completed them, as the API takes and gives them."""

from datetime import datetime

from booking.domain.courses import Completion, Course
from booking.domain.courses import NewCourse as WantedCourse
from booking.schemas.activities import ActivityShape
from booking.schemas.base import Body, Instant, Line, Reference, Shape, Slug
from booking.schemas.teams import Email


class NewCourse(Body):
    """A course; a completion counts for `valid_days`, or for ever (null)."""

    name: Line
    slug: Slug
    organisation: Reference
    description: str = ""
    valid_days: int | None = None

    def wanted(self) -> WantedCourse:
        return WantedCourse(self.name, self.slug, self.organisation, self.description, self.valid_days)


class CourseShape(Shape):
    """A course with its sessions to come."""

    id: str
    slug: str
    name: str
    organisation: str
    description: str
    valid_days: int | None

    @staticmethod
    def of(course: Course) -> "CourseShape":
        return CourseShape(
            id=course.slug,
            slug=course.slug,
            name=course.name,
            organisation=course.organisation,
            description=course.description,
            valid_days=course.valid_days,
        )


class SessionsShape(Shape):
    """The sessions of a course that are to come, the next one first."""

    items: list[ActivityShape]


class NewCompletion(Body):
    """Who has completed a course, and when if not just now."""

    email: Email
    completed_at: Instant | None = None


class CompletionShape(Shape):
    """That somebody has completed a course, and until when it counts (null: for ever)."""

    id: str
    course: str
    person: str
    completed_at: datetime
    expires_at: datetime | None
    recorded_by: str
    revoked_at: datetime | None
    reason: str

    @staticmethod
    def of(completion: Completion) -> "CompletionShape":
        return CompletionShape(
            id=str(completion.id),
            course=completion.course,
            person=completion.email,
            completed_at=completion.completed_at,
            expires_at=completion.expires_at,
            recorded_by=completion.recorded_by,
            revoked_at=completion.revoked_at,
            reason=completion.reason,
        )


class CompletionsShape(Shape):
    """Who has completed a course, the latest first."""

    items: list[CompletionShape]
