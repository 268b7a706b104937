"""Questions about bookings that have lost what they rest on: the dataset, the permit for it, or the training."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, or_, select

from booking.domain.lifecycle import OPEN
from booking.domain.permits import PermitState, Sensitivity
from booking.models.bookings import Booking, Claim
from booking.models.courses import Completion, Course
from booking.models.permits import Permit
from booking.models.resources import Resource

PERMITTED = exists().where(
    Permit.team_id == Booking.team_id,
    Permit.resource_id == Resource.id,
    Permit.state == PermitState.GRANTED.value,
    Permit.until >= Booking.ends_at,
)
REQUIRED = (
    Course.slug == Resource.policy["requires_course"].as_string(),
    Completion.course_id == Course.id,
    Completion.user_id == Booking.created_by,
)
TRAINED = exists().where(
    *REQUIRED,
    Completion.revoked_at.is_(None),
    or_(Completion.expires_at.is_(None), Completion.expires_at >= Booking.ends_at),
)
TAKEN_BACK = exists().where(*REQUIRED, Completion.revoked_at.is_not(None))
LOST: Select[*tuple[Any, ...]] = (
    select(Booking.id, Resource.id.label("resource_id"), Resource.withdrawn_at, Booking.team_id)
    .join(Claim, Claim.booking_id == Booking.id)
    .join(Resource, Resource.id == Claim.resource_id)
    .where(
        Booking.state.in_(sorted(OPEN)),
        Booking.ends_at > bindparam("now"),
        or_(
            Resource.withdrawn_at.is_not(None),
            and_(Resource.sensitivity == Sensitivity.RESTRICTED.value, ~PERMITTED),
            and_(Resource.policy["requires_course"].as_string().is_not(None), TAKEN_BACK, ~TRAINED),
        ),
    )
    .order_by(Booking.starts_at, Booking.id)
)
"""Open bookings that have not ended, with the claimed resource that carries them no further."""


def lost_bases(connection: Connection, now: datetime) -> list[int]:
    """The bookings to be looked at again under their locks."""
    return list(dict.fromkeys(row.id for row in connection.execute(LOST, {"now": now})))


def lost_since(connection: Connection, booking_id: int, now: datetime) -> tuple[str, datetime] | None:
    """Why a booking has lost its basis, and since when; None where it has not."""
    row = connection.execute(LOST.where(Booking.id == booking_id), {"now": now}).first()
    if row is None:
        return None
    if row.withdrawn_at is not None:
        return "the dataset was withdrawn", row.withdrawn_at
    back = select(func.max(Completion.revoked_at)).where(
        *REQUIRED, Booking.id == booking_id, Resource.id == row.resource_id
    )
    revoked: datetime | None = connection.scalar(back)
    if revoked is not None:
        return "the training was taken back", revoked
    its = (Permit.team_id == row.team_id, Permit.resource_id == row.resource_id)
    withdrawn: datetime | None = connection.scalar(select(func.max(Permit.withdrawn_at)).where(*its))
    return "the permit for the dataset ended", withdrawn or now
