"""Who is in a team at an instant: what an activity has lent ends with it, by the clock and not by the job."""

from sqlalchemy import bindparam, exists, or_

from booking.models.activities import Activity, Enrolment
from booking.models.teams import Membership

NO_MORE = exists().where(
    Enrolment.user_id == Membership.user_id,
    Enrolment.joined_team,
    Activity.id == Enrolment.activity_id,
    Activity.team_id == Membership.team_id,
    or_(Activity.ends_at <= bindparam("now", type_=Activity.ends_at.type), Activity.cancelled_at.is_not(None)),
)
STILL_IN = or_(Membership.role == "lead", ~NO_MORE)
"""A condition on memberships, of an instant `now`; who leads the team by then stays."""
