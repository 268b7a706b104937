"""Use cases of enrolment: take a place or wait for one, leave, and who was there."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.changes.outbox import tell
from booking.db import transaction
from booking.domain.activities import Activity
from booking.domain.enrolments import Enrolment, EnrolmentState, check_open, refusals
from booking.domain.errors import Conflict, Forbidden, NotFound
from booking.domain.outbox import NOTICES
from booking.domain.permissions import Actor, may_enrol, may_organise
from booking.domain.refusals import Refused
from booking.models.activities import Enrolment as Row
from booking.models.teams import Membership
from booking.queries.activities import lock_activity
from booking.queries.enrolments import enrolment_of, find_enrolment, first_waiting


def enrol(slug: str, *, actor: Actor, now: datetime, waits: bool = False) -> Enrolment:
    """Take a place of an activity; who has one keeps it. With `waits` those who come too late wait for one.

    Raises Refused where every place is taken, with the numbers; Conflict where nobody can enrol now.
    """
    if not may_enrol(actor):
        raise Forbidden("Sign in to take part.")
    with transaction() as session:
        activity = lock_activity(session, slug)
        standing = enrolment_of(session, activity.id, actor.user_id)
        if standing is not None and standing.state is EnrolmentState.ENROLLED:
            return standing
        check_open(activity, now)

        state = EnrolmentState.ENROLLED
        if why := refusals(activity, activity.enrolled, now):
            if not waits:
                raise Refused(why)
            state = EnrolmentState.WAITING
        if standing is None or standing.state is not state:
            _place(session, activity, actor.user_id, state, now)
        found = enrolment_of(session, activity.id, actor.user_id)
        assert found is not None
        return found


def leave(slug: str, *, actor: Actor, now: datetime) -> Enrolment:
    """Give a place up, or wait no longer; whoever waits first gets the place and is told."""
    with transaction() as session:
        activity = lock_activity(session, slug)
        standing = enrolment_of(session, activity.id, actor.user_id)
        if standing is None or standing.state is EnrolmentState.LEFT:
            raise Conflict("You take no part in %(activity)s.", {"activity": activity.name})
        if activity.starts_at <= now:
            raise Conflict("%(activity)s has begun.", {"activity": activity.name})

        row = session.get_one(Row, standing.id)
        row.state = EnrolmentState.LEFT.value
        _out_of_team(session, activity, row)
        session.flush()
        fill_places(session, activity.slug, now)
        return find_enrolment(session, standing.id)


def fill_places(session: Session, slug: str, now: datetime) -> None:
    """Give what is free of a locked activity to those who wait, in the order in which they came, and tell them."""
    activity = lock_activity(session, slug)
    if activity.cancelled_at is not None or activity.starts_at <= now:
        return
    free = activity.waiting if activity.free is None else activity.free
    for enrolment_id in first_waiting(session, activity.id, free):
        row = session.get_one(Row, enrolment_id)
        row.state = EnrolmentState.ENROLLED.value
        _into_team(session, activity, row, now)
        subject = f"enrolment:{enrolment_id}"
        tell(session, destination=NOTICES, subject=subject, event="place_given", payload={}, now=now)


def mark_attendance(enrolment_id: int, attended: bool, *, actor: Actor, now: datetime) -> Enrolment:
    """Note, as organiser and once it has begun, whether somebody with a place was there."""
    with transaction() as session:
        standing = find_enrolment(session, enrolment_id)
        activity = lock_activity(session, standing.activity)
        if not may_organise(actor, activity.organisation_id):
            raise NotFound("enrolment")
        if standing.state is not EnrolmentState.ENROLLED:
            raise Conflict("%(name)s has no place in it.", {"name": standing.name})
        if now < activity.starts_at:
            raise Conflict("%(activity)s has not begun.", {"activity": activity.name})
        session.get_one(Row, enrolment_id).attended = attended
        session.flush()
        return find_enrolment(session, enrolment_id)


def _place(session: Session, activity: Activity, user_id: int, state: EnrolmentState, now: datetime) -> None:
    """Write a part in an activity; who came before and left begins anew."""
    row = session.scalar(select(Row).where(Row.activity_id == activity.id, Row.user_id == user_id))
    if row is None:
        row = Row(activity_id=activity.id, user_id=user_id, joined_team=False)
        session.add(row)
    row.state, row.enrolled_at, row.attended = state.value, now, None
    if state is EnrolmentState.ENROLLED:
        _into_team(session, activity, row, now)
    session.flush()


def _into_team(session: Session, activity: Activity, row: Row, now: datetime) -> None:
    """Who has a place uses what the activity's team has booked, as a member of it."""
    if activity.team_id is None or session.get(Membership, (activity.team_id, row.user_id)) is not None:
        return
    session.add(Membership(team_id=activity.team_id, user_id=row.user_id, role="member", joined_at=now))
    row.joined_team = True


def _out_of_team(session: Session, activity: Activity, row: Row) -> None:
    if row.joined_team and activity.team_id is not None:
        place = session.get(Membership, (activity.team_id, row.user_id))
        if place is not None and place.role == "member":
            session.delete(place)
    row.joined_team = False
