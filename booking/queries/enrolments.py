"""Questions about who takes part in activities."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, or_, select, tuple_
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


def lent_memberships(session: Session, now: datetime) -> Sequence[int]:
    """The enrolments that made somebody a member of a team for an activity that has ended or is cancelled."""
    over = or_(Activity.ends_at <= now, Activity.cancelled_at.is_not(None))
    lent = select(Row.id).join(Activity, Activity.id == Row.activity_id).where(Row.joined_team, over)
    return session.scalars(lent.order_by(Row.id)).all()


def position(session: Session, enrolment: Enrolment) -> int:
    """The place of somebody who waits, from 1; 0 for who does not."""
    if enrolment.state is not EnrolmentState.WAITING:
        return 0
    ahead = select(func.count()).where(
        Row.activity_id == enrolment.activity_id,
        Row.state == EnrolmentState.WAITING,
        tuple_(*IN_TURN) <= tuple_(literal(enrolment.enrolled_at, Row.enrolled_at.type), literal(enrolment.id)),
    )
    return session.scalars(ahead).one()


def _enrolment(row: AnyRow) -> Enrolment:
    values = dict(row._mapping)
    return Enrolment(**{**values, "state": EnrolmentState(row.state)})
