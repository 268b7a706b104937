"""Questions about courses, and who has completed them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from booking.domain.courses import Completion, Course
from booking.domain.errors import NotFound
from booking.models.courses import Completion as Row
from booking.models.courses import Course as CourseRow
from booking.models.organisations import Organisation
from booking.models.rows import AnyRow
from booking.models.users import User

COURSE = select(
    CourseRow.id,
    CourseRow.slug,
    CourseRow.name,
    CourseRow.organisation_id,
    Organisation.slug.label("organisation"),
    Organisation.name.label("organisation_name"),
    CourseRow.description,
    CourseRow.valid_days,
).join(Organisation, Organisation.id == CourseRow.organisation_id)
READ = (
    select(
        Row.id,
        CourseRow.slug.label("course"),
        CourseRow.name.label("course_name"),
        CourseRow.organisation_id,
        Row.user_id,
        User.email,
        User.name,
        Row.completed_at,
        Row.expires_at,
        Row.recorded_by,
        Row.revoked_at,
        Row.reason,
    )
    .join(CourseRow, CourseRow.id == Row.course_id)
    .join(User, User.id == Row.user_id)
)
COMPLETED = (
    select(Row.user_id, CourseRow.slug, Row.expires_at)
    .join(CourseRow, CourseRow.id == Row.course_id)
    .where(
        Row.user_id.in_(bindparam("user_ids", expanding=True)),
        CourseRow.slug.in_(bindparam("courses", expanding=True)),
        Row.revoked_at.is_(None),
    )
)

Completed = dict[int, dict[str, datetime | None]]


def find_course(session: Session, slug: str) -> Course:
    """The course of this slug; NotFound where there is none."""
    row = session.execute(COURSE.where(CourseRow.slug == slug)).one_or_none()
    if row is None:
        raise NotFound("course")
    return Course(**row._mapping)


def courses(session: Session, *, after: str = "", limit: int | None = None) -> Sequence[Course]:
    """Courses in the order of their slugs, from behind `after` on."""
    wanted = COURSE.where(CourseRow.slug > after).order_by(CourseRow.slug).limit(limit)
    return [Course(**row._mapping) for row in session.execute(wanted)]


def completed(connection: Connection, user_ids: Iterable[int], slugs: Collection[str]) -> Completed:
    """By person and course, until when what they have completed counts: the longest of several, None for ever."""
    found: Completed = {}
    wanted = {"user_ids": sorted(set(user_ids)), "courses": sorted(slugs)}
    for row in connection.execute(COMPLETED, wanted):
        own = found.setdefault(row.user_id, {})
        own[row.slug] = _longer(own[row.slug], row.expires_at) if row.slug in own else row.expires_at
    return found


def completions(session: Session, course_id: int) -> Sequence[Completion]:
    """Who has completed a course, the latest first; what was revoked is among them."""
    rows = READ.where(Row.course_id == course_id).order_by(Row.completed_at.desc(), Row.id.desc())
    return [_completion(row) for row in session.execute(rows)]


def completions_of(session: Session, user_id: int) -> Sequence[Completion]:
    """What one person has completed, the latest first."""
    rows = READ.where(Row.user_id == user_id, Row.revoked_at.is_(None)).order_by(Row.completed_at.desc(), Row.id.desc())
    return [_completion(row) for row in session.execute(rows)]


def find_completion(session: Session, completion_id: int) -> Completion:
    """The completion of this id; NotFound where there is none."""
    row = session.execute(READ.where(Row.id == completion_id)).one_or_none()
    if row is None:
        raise NotFound("completion")
    return _completion(row)


def _longer(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)


def _completion(row: AnyRow) -> Completion:
    return Completion(**row._mapping)
