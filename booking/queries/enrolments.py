"""Questions about who takes part in activities."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.domain.enrolments import Enrolment, EnrolmentState
from booking.domain.errors import NotFound
from booking.models.activities import Activity
from booking.models.activities import Enrolment as Row
from booking.models.rows import AnyRow
from booking.models.users import User

READ = (
    select(
        Row.id,
        Row.activity_id,
        Activity.slug.label("activity"),
        Activity.name.label("activity_name"),
        Activity.starts_at,
        Activity.ends_at,
        Row.user_id,
        User.email,
        User.name,
        Row.state,
        Row.enrolled_at,
        Row.attended,
    )
    .join(Activity, Activity.id == Row.activity_id)
    .join(User, User.id == Row.user_id)
)
IN_TURN = (Row.enrolled_at, Row.id)


def enrolments(session: Session, activity_id: int) -> Sequence[Enrolment]:
    """Who takes part in an activity or waits for a place, in the order in which they came."""
    rows = READ.where(Row.activity_id == activity_id, Row.state != EnrolmentState.LEFT).order_by(*IN_TURN)
    return [_enrolment(row) for row in session.execute(rows)]


def enrolments_of(session: Session, user_id: int) -> Sequence[Enrolment]:
    """What one person takes part in or waits for, the latest first."""
    rows = READ.where(Row.user_id == user_id, Row.state != EnrolmentState.LEFT)
    return [_enrolment(row) for row in session.execute(rows.order_by(Activity.starts_at.desc(), Row.id))]


def enrolment_of(session: Session, activity_id: int, user_id: int) -> Enrolment | None:
    """One person's part in an activity, one that has ended too."""
    row = session.execute(READ.where(Row.activity_id == activity_id, Row.user_id == user_id)).one_or_none()
    return _enrolment(row) if row else None


def find_enrolment(session: Session, enrolment_id: int) -> Enrolment:
    """The enrolment of this id; NotFound where there is none."""
    row = session.execute(READ.where(Row.id == enrolment_id)).one_or_none()
    if row is None:
        raise NotFound("enrolment")
    return _enrolment(row)


def first_waiting(session: Session, activity_id: int, many: int) -> Sequence[int]:
    """The ids of so many of those who wait, who came first."""
    waiting = select(Row.id).where(Row.activity_id == activity_id, Row.state == EnrolmentState.WAITING)
    return session.scalars(waiting.order_by(*IN_TURN).limit(many)).all()


def position(session: Session, enrolment: Enrolment) -> int:
    """The place of somebody who waits, from 1."""
    ahead = first_waiting(session, enrolment.activity_id, 1_000_000)
    return ahead.index(enrolment.id) + 1 if enrolment.id in ahead else 0


def _enrolment(row: AnyRow) -> Enrolment:
    values = dict(row._mapping)
    return Enrolment(**{**values, "state": EnrolmentState(row.state)})
