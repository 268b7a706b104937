"""Enrolments: who takes part in an activity, decided by the evaluator that decides bookings."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from booking.domain.activities import Activity
from booking.domain.admission import admit
from booking.domain.capacity import NOTHING, Steps
from booking.domain.errors import Conflict
from booking.domain.orders import Claim, Order, Resource, Situation, Team
from booking.domain.policies import Policy, Quota
from booking.domain.refusals import Code, Refusal
from booking.domain.windows import Window

ONE_PLACE = 1
PLACE = Policy(min_minutes=0, max_minutes=None, horizon_days=None, quota=Quota.NONE)
"""A place has no limits of its own: what counts is that it is free, and that the activity has not begun."""


class EnrolmentState(StrEnum):
    """Where somebody stands with an activity."""

    ENROLLED = "enrolled"
    WAITING = "waiting"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One person's part in an activity; `attended` is None until the organiser has said."""

    id: int
    activity_id: int
    activity: str
    activity_name: str
    starts_at: datetime
    ends_at: datetime
    user_id: int
    email: str
    name: str
    state: EnrolmentState
    enrolled_at: datetime
    attended: bool | None = None


def refusals(activity: Activity, enrolled: int, now: datetime) -> tuple[Refusal, ...]:
    """Why there is no place for one more, by the rule that decides on GPUs; none where there is one.

    Places are units, the activity is their window, and those who have a place hold one throughout.
    """
    window = Window(activity.starts_at, activity.ends_at)
    order = Order(0, window, (Claim(activity.id, ONE_PLACE),))
    decision = admit(order, Situation(now, _anybody(window), {activity.id: _places(activity, window, enrolled)}))
    return tuple(_in_places(refusal, activity) for refusal in decision.refusals)


def check_open(activity: Activity, now: datetime) -> None:
    """Conflict where nobody can enrol now: cancelled, closed, or begun."""
    if activity.cancelled_at is not None:
        raise Conflict("%(activity)s is cancelled.", {"activity": activity.name})
    closes = activity.enrol_until or activity.starts_at
    if now >= closes:
        raise Conflict(
            "Enrolment for %(activity)s closed at %(closed_at)s.", {"activity": activity.name, "closed_at": closes}
        )


def _anybody(window: Window) -> Team:
    return Team(0, "", "approved", window.end, "", "")


def _places(activity: Activity, window: Window, enrolled: int) -> Resource:
    offered = enrolled + ONE_PLACE if activity.places is None else activity.places
    return Resource(
        id=activity.id,
        kind="place",
        name=activity.name,
        slug=activity.slug,
        state="published",
        organisation_id=activity.organisation_id,
        facility_id=None,
        grid_minutes=1,
        policy=PLACE,
        offer=Steps.total([(window.start, window.end, offered)]) if offered else NOTHING,
        held=Steps.total([(window.start, window.end, enrolled)]) if enrolled else NOTHING,
    )


def _in_places(refusal: Refusal, activity: Activity) -> Refusal:
    if refusal.code is not Code.CAPACITY_EXCEEDED:
        return refusal
    return Refusal(
        Code.CAPACITY_EXCEEDED,
        "All %(places)s places of %(activity)s are taken. Join its wait list: who leaves makes room for the first who"
        " waits.",
        "",
        {**refusal.numbers, "places": activity.places, "activity": activity.name},
    )
