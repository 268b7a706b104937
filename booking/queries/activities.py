"""Questions about activities."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Label, func, or_, select
from sqlalchemy.orm import Session

from booking.domain.activities import Activity, ActivityKind
from booking.domain.enrolments import EnrolmentState
from booking.domain.errors import NotFound
from booking.domain.listings import Filters
from booking.models.activities import Activity as ActivityRow
from booking.models.activities import Enrolment
from booking.models.courses import Course
from booking.models.organisations import Organisation
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.queries.offers import offers_model


def _counted(state: EnrolmentState) -> Label[int]:
    """How many people are in a state with an activity."""
    its = (Enrolment.activity_id == ActivityRow.id, Enrolment.state == state.value)
    return select(func.count()).where(*its).correlate(ActivityRow).scalar_subquery().label(state.value)


COLUMNS = select(
    ActivityRow.id,
    ActivityRow.slug,
    ActivityRow.name,
    ActivityRow.organisation_id,
    Organisation.slug.label("organisation"),
    Organisation.name.label("organisation_name"),
    ActivityRow.kind,
    ActivityRow.region,
    ActivityRow.place,
    ActivityRow.description,
    ActivityRow.starts_at,
    ActivityRow.ends_at,
    ActivityRow.places,
    ActivityRow.enrol_until,
    ActivityRow.cancelled_at,
    ActivityRow.team_id,
    Course.slug.label("course"),
    Team.slug.label("team"),
    _counted(EnrolmentState.ENROLLED),
    _counted(EnrolmentState.WAITING),
)
READ = (
    COLUMNS.join(Organisation, Organisation.id == ActivityRow.organisation_id)
    .outerjoin(Course, Course.id == ActivityRow.course_id)
    .outerjoin(Team, Team.id == ActivityRow.team_id)
)


def find_activity(session: Session, slug: str) -> Activity:
    """The activity of this slug; NotFound where there is none."""
    row = session.execute(READ.where(ActivityRow.slug == slug)).one_or_none()
    if row is None:
        raise NotFound("activity")
    return _activity(row)


def lock_activity(session: Session, slug: str) -> Activity:
    """The same with its row locked, so that places are counted after everybody before; NotFound where there is none."""
    session.execute(select(ActivityRow.id).where(ActivityRow.slug == slug).with_for_update())
    return find_activity(session, slug)


def sessions_of(session: Session, course_id: int, now: datetime) -> Sequence[Activity]:
    """The sessions of a course that are still to come, the next one first."""
    coming = READ.where(
        ActivityRow.course_id == course_id, ActivityRow.starts_at > now, ActivityRow.cancelled_at.is_(None)
    )
    return [_activity(row) for row in session.execute(coming.order_by(ActivityRow.starts_at, ActivityRow.id))]


def activities(
    session: Session, filters: Filters, *, after: str | None = None, limit: int | None = None
) -> Sequence[Activity]:
    """Activities in the order of their slugs, from behind `after` on."""
    wanted = READ.order_by(ActivityRow.slug).limit(limit)
    if after is not None:
        wanted = wanted.where(ActivityRow.slug > after)
    if filters.words:
        texts = (ActivityRow.name, ActivityRow.slug, ActivityRow.place, ActivityRow.description, Organisation.name)
        wanted = wanted.where(or_(*(text.icontains(filters.words, autoescape=True) for text in texts)))
    if filters.region:
        wanted = wanted.where(ActivityRow.region == filters.region)
    if filters.gpu_model:
        wanted = wanted.where(offers_model(ActivityRow.organisation_id, filters.gpu_model))
    if filters.kind:
        own_kind = filters.kind in {kind.value for kind in ActivityKind}
        wanted = wanted.where((ActivityRow.kind if own_kind else Organisation.kind) == filters.kind)
    return [_activity(row) for row in session.execute(wanted)]


def _activity(row: AnyRow) -> Activity:
    return Activity(
        id=row.id,
        slug=row.slug,
        name=row.name,
        organisation_id=row.organisation_id,
        organisation=row.organisation,
        organisation_name=row.organisation_name,
        kind=row.kind,
        region=row.region,
        place=row.place,
        description=row.description,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        places=row.places,
        enrol_until=row.enrol_until,
        cancelled_at=row.cancelled_at,
        course=row.course,
        team_id=row.team_id,
        team=row.team,
        enrolled=row.enrolled,
        waiting=row.waiting,
    )
