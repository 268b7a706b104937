"""Does an activity give away no more places than it has, and does what it lends and teaches end when it should?"""

from typing import Any

from sqlalchemy import Select, bindparam, case, exists, func, or_, select

from booking.domain.lifecycle import OPEN
from booking.models.activities import Activity, Enrolment
from booking.models.bookings import Booking, Claim
from booking.models.courses import Completion
from booking.models.resources import Resource
from booking.queries.breaches import Check
from booking.queries.breaches.standing import at_present
from booking.queries.lost_bases import REQUIRED, TRAINED

ENROLLED = func.sum(case((Enrolment.state == "enrolled", 1), else_=0))
WAITING = func.sum(case((Enrolment.state == "waiting", 1), else_=0))
COUNTED: Select[*tuple[Any, ...]] = (
    select(Activity.id)
    .join(Enrolment, Enrolment.activity_id == Activity.id)
    .group_by(Activity.id, Activity.places)
    .order_by(Activity.id)
)
OVER_FULL = COUNTED.having(Activity.places < ENROLLED)
WAITED_FOR = COUNTED.where(Activity.cancelled_at.is_(None), Activity.starts_at > bindparam("now")).having(
    WAITING > 0, or_(Activity.places.is_(None), Activity.places > ENROLLED)
)
LENT_TOO_LONG: Select[*tuple[Any, ...]] = (
    select(Enrolment.id)
    .join(Activity, Activity.id == Enrolment.activity_id)
    .where(Enrolment.joined_team, or_(Activity.ends_at < bindparam("late"), Activity.cancelled_at < bindparam("late")))
    .order_by(Enrolment.id)
)
UNTRAINED: Select[*tuple[Any, ...]] = (
    select(Booking.id)
    .distinct()
    .join(Claim, Claim.booking_id == Booking.id)
    .join(Resource, Resource.id == Claim.resource_id)
    .where(
        Booking.state.in_(sorted(OPEN)),
        Booking.ends_at > bindparam("now"),
        exists().where(*REQUIRED, Completion.revoked_at < bindparam("late")),
        ~TRAINED,
    )
    .order_by(Booking.id)
)

CHECKS = (
    Check(1, "activities with more people than places", at_present(OVER_FULL)),
    Check(6, "activities with free places that somebody waits for", at_present(WAITED_FOR)),
    Check(7, "places that lend a team after their activity", at_present(LENT_TOO_LONG)),
    Check(8, "open bookings whose training was taken back", at_present(UNTRAINED)),
)
