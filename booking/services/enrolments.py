"""Use cases of enrolment: take a place or wait for one, leave, and who was there."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.changes.outbox import tell
from booking.changes.teams import note_members
from booking.db import db, transaction
from booking.domain.activities import Activity
from booking.domain.enrolments import Enrolment, EnrolmentState, check_open, refusals
from booking.domain.errors import Conflict, Forbidden, NotFound
from booking.domain.jobs import JobResult, each
from booking.domain.outbox import NOTICES
from booking.domain.permissions import Actor, may_enrol, may_organise
from booking.domain.refusals import Refused
from booking.models.activities import Enrolment as Row
from booking.models.teams import Membership
from booking.queries.activities import lock_activity
from booking.queries.applications import lock_team, membership
from booking.queries.enrolments import enrolment_of, find_enrolment, first_waiting, lent_memberships
from booking.services.holdings import SYSTEM


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
        out_of_team(session, activity, row, now)
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


def end_lent_memberships(now: datetime) -> JobResult:
    """Who is in a team for an activity alone is in it no more once the activity has ended or is cancelled."""
    with db.session() as session:
        todo = lent_memberships(session, now)
    return each(todo, lambda enrolment_id: _end_lent(enrolment_id, now))


def _end_lent(enrolment_id: int, now: datetime) -> bool:
    with transaction() as session:
        activity = lock_activity(session, find_enrolment(session, enrolment_id).activity)
        row = session.get_one(Row, enrolment_id, populate_existing=True)
        if not row.joined_team or (activity.ends_at > now and activity.cancelled_at is None):
            return False
        out_of_team(session, activity, row, now)
        return True


def mark_attendance(slug: str, enrolment_id: int, attended: bool, *, actor: Actor, now: datetime) -> Enrolment:
    """Note, as organiser and once it has begun, whether somebody with a place was there."""
    with transaction() as session:
        activity = lock_activity(session, slug)
        standing = find_enrolment(session, enrolment_id)
        if standing.activity_id != activity.id or not may_organise(actor, activity.organisation_id):
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
    """Who has a place uses what the activity's team has booked, as a member of it until the activity ends."""
    if activity.team_id is None or activity.team is None:
        return
    lock_team(session, activity.team_id)
    if membership(session, activity.team_id, row.user_id) is not None:
        return
    session.add(Membership(team_id=activity.team_id, user_id=row.user_id, role="member", joined_at=now))
    row.joined_team = True
    session.flush()
    _note(session, activity.team_id, activity.team, "add_member", activity, row, now)


def out_of_team(session: Session, activity: Activity, row: Row, now: datetime) -> None:
    """Take a person out of the team that the activity has lent; who leads it by now stays."""
    lent, row.joined_team = row.joined_team, False
    if not lent or activity.team_id is None or activity.team is None:
        return
    lock_team(session, activity.team_id)
    place = membership(session, activity.team_id, row.user_id)
    if place is not None and place.role == "member":
        session.delete(place)
        session.flush()
        _note(session, activity.team_id, activity.team, "remove_member", activity, row, now)


def _note(session: Session, team_id: int, team: str, act: str, activity: Activity, row: Row, now: datetime) -> None:
    details = {"user": row.user_id, "activity": activity.slug}
    note_members(session.connection(), team_id, team, act, by=SYSTEM, details=details, now=now)
