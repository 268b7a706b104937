"""Use cases of activities: organisations announce them, change how many can come, and call them off."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from booking.changes import audit
from booking.changes.outbox import tell
from booking.db import transaction
from booking.domain.activities import Activity, NewActivity, check_places
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.outbox import NOTICES
from booking.domain.permissions import Actor, may_manage_team, may_organise
from booking.domain.texts import clean_text
from booking.models.activities import Activity as ActivityRow
from booking.queries.activities import find_activity, lock_activity
from booking.queries.applications import find_team
from booking.queries.courses import find_course
from booking.queries.enrolments import enrolments
from booking.queries.organisations import find_organisation
from booking.services.enrolments import fill_places
from booking.services.slugged import add_unless_taken


def announce_activity(new: NewActivity, *, actor: Actor, now: datetime) -> Activity:
    """Announce a contest, a road show, a matchmaking day, a demonstration, or a session of a course.

    Conflict where its slug is taken; a course is the organisation's own, a team one that the actor leads.
    """
    new = new.checked()
    with transaction() as session:
        organisation = find_organisation(session, new.organisation)
        if not may_organise(actor, organisation.id):
            raise Forbidden("Only who runs centres or scenarios of %(organisation)s announces its activities.",
                            numbers={"organisation": organisation.name})  # fmt: skip
        row = ActivityRow(
            name=new.name,
            slug=new.slug,
            organisation_id=organisation.id,
            kind=new.kind.value,
            region=new.region,
            place=new.place,
            description=new.description,
            starts_at=new.window.start,
            ends_at=new.window.end,
            places=new.places,
            enrol_until=new.enrol_until,
            course_id=_course(session, new.course, organisation.id),
            team_id=_team(session, new.team, actor),
        )
        add_unless_taken(session, row, "activity")
        details = {"name": new.name, "organisation": organisation.slug, "kind": new.kind.value}
        _note(session, "announce", new.slug, details, actor, now)
        return find_activity(session, new.slug)


def change_places(slug: str, places: int | None, *, actor: Actor, now: datetime) -> Activity:
    """Offer more or fewer places, as organiser, never fewer than are taken; who waits gets what is added."""
    check_places(places)
    with transaction() as session:
        activity = _organised(session, slug, actor)
        if places is not None and places < activity.enrolled:
            raise Invalid("places", "%(taken)s places are taken already; say at least as many.",
                          {"taken": activity.enrolled})  # fmt: skip
        session.get_one(ActivityRow, activity.id).places = places
        session.flush()
        fill_places(session, slug, now)
        _note(session, "places", slug, {"places": places}, actor, now)
        return find_activity(session, slug)


def cancel_activity(slug: str, *, actor: Actor, now: datetime, reason: str) -> Activity:
    """Call an activity off, as organiser, with the reason that everybody who wanted to come is told."""
    reason = clean_text(reason, "reason")
    if not reason:
        raise Invalid("reason", "Say why; everybody who wanted to come reads it.")
    with transaction() as session:
        activity = _organised(session, slug, actor)
        if activity.cancelled_at is not None or activity.ends_at <= now:
            raise Conflict("%(activity)s is over or cancelled already.", {"activity": activity.name})
        session.get_one(ActivityRow, activity.id).cancelled_at = now
        for one in enrolments(session, activity.id):
            subject, said = f"enrolment:{one.id}", {"reason": reason}
            tell(session, destination=NOTICES, subject=subject, event="activity_cancelled", payload=said, now=now)
        _note(session, "cancel", slug, {"reason": reason}, actor, now)
        session.flush()
        return find_activity(session, slug)


def _organised(session: Session, slug: str, actor: Actor) -> Activity:
    """The activity, locked; Forbidden for who does not organise it."""
    activity = lock_activity(session, slug)
    if not may_organise(actor, activity.organisation_id):
        raise Forbidden("Only who runs centres or scenarios of %(organisation)s changes its activities.",
                        numbers={"organisation": activity.organisation_name})  # fmt: skip
    return activity


def _course(session: Session, slug: str | None, organisation_id: int) -> int | None:
    if slug is None:
        return None
    course = find_course(session, slug)
    if course.organisation_id != organisation_id:
        raise Invalid("course", "Choose a course of the organisation.")
    return course.id


def _team(session: Session, slug: str | None, actor: Actor) -> int | None:
    if slug is None:
        return None
    team = find_team(session, slug)
    if not may_manage_team(actor, team.id):
        raise Invalid("team", "Choose a team that you lead: who enrols uses what it has booked.")
    return team.id


def _note(session: Session, act: str, slug: str, details: Mapping[str, object], actor: Actor, now: datetime) -> None:
    audit.record(
        session.connection(), by=actor.email, act=f"activity.{act}", subject=f"activity:{slug}", details=details,
        now=now,
    )  # fmt: skip
