"""Use cases of courses: open one, note who has completed it, and take back what was noted wrongly."""

from datetime import datetime

from booking.changes import audit
from booking.changes.outbox import tell
from booking.db import transaction
from booking.domain.courses import Completion, Course, NewCourse
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.outbox import NOTICES
from booking.domain.permissions import Actor, may_organise
from booking.domain.texts import clean_text
from booking.models.courses import Completion as Row
from booking.models.courses import Course as CourseRow
from booking.queries.courses import find_completion, find_course
from booking.queries.organisations import find_organisation
from booking.services.people import person_named
from booking.services.slugged import add_unless_taken


def open_course(new: NewCourse, *, actor: Actor, now: datetime) -> Course:
    """Open a course of an organisation; Conflict where its slug is taken."""
    new = new.checked()
    with transaction() as session:
        organisation = find_organisation(session, new.organisation)
        if not may_organise(actor, organisation.id):
            raise Forbidden(
                "Only who runs centres or scenarios of %(organisation)s opens its courses.",
                numbers={"organisation": organisation.name},
            )
        row = CourseRow(
            name=new.name,
            slug=new.slug,
            organisation_id=organisation.id,
            description=new.description,
            valid_days=new.valid_days,
            created_at=now,
        )
        add_unless_taken(session, row, "course")
        details = {"name": new.name, "organisation": organisation.slug}
        subject = f"course:{new.slug}"
        audit.record(session.connection(), by=actor.email, act="course.open", subject=subject, details=details, now=now)
        return find_course(session, new.slug)


def record_completion(
    slug: str, email: str, *, actor: Actor, now: datetime, completed_at: datetime | None = None
) -> Completion:
    """Note, as organiser, that somebody has completed a course; they are told, and may use what asks for it."""
    done_at = completed_at or now
    if done_at > now:
        raise Invalid("completed_at", "That lies in the future. Note it once it is done.")
    with transaction() as session:
        course = find_course(session, slug)
        _must_organise(actor, course)
        person = person_named(session, email, "email")
        expires_at = course.expiry(done_at)
        if expires_at is not None and expires_at <= now:
            raise Invalid("completed_at", "What was completed then counts no longer.")
        row = Row(
            course_id=course.id,
            user_id=person.id,
            completed_at=done_at,
            expires_at=expires_at,
            recorded_by=actor.email,
        )
        session.add(row)
        session.flush()
        subject = f"completion:{row.id}"
        tell(session, destination=NOTICES, subject=subject, event="course_completed", payload={}, now=now)
        details = {"course": course.slug, "user": person.id}
        audit.record(
            session.connection(), by=actor.email, act="course.complete", subject=subject, details=details, now=now
        )
        return find_completion(session, row.id)


def revoke_completion(completion_id: int, *, actor: Actor, now: datetime, reason: str) -> Completion:
    """Take back, with a reason, what was noted wrongly; it counts no longer for any booking from now on."""
    reason = clean_text(reason, "reason")
    if not reason:
        raise Invalid("reason", "Say why; the person reads it.")
    with transaction() as session:
        standing = find_completion(session, completion_id)
        if not may_organise(actor, standing.organisation_id):
            raise NotFound("completion")
        if standing.revoked_at is not None:
            raise Conflict("This was taken back already.")
        row = session.get_one(Row, completion_id)
        row.revoked_at, row.reason = now, reason
        session.flush()
        subject = f"completion:{completion_id}"
        said = {"reason": reason}
        tell(session, destination=NOTICES, subject=subject, event="completion_revoked", payload=said, now=now)
        audit.record(session.connection(), by=actor.email, act="course.revoke", subject=subject, details=said, now=now)
        return find_completion(session, completion_id)


def _must_organise(actor: Actor, course: Course) -> None:
    if not may_organise(actor, course.organisation_id):
        raise Forbidden(
            "Only who runs centres or scenarios of %(organisation)s notes who has completed its courses.",
            numbers={"organisation": course.organisation_name},
        )
