"""Enrolment, on both databases: places, the wait list, the team that places lead into, and what people are told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.db import db
from booking.domain.activities import ActivityKind, NewActivity
from booking.domain.enrolments import EnrolmentState
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.jobs import JobResult
from booking.domain.refusals import Refused
from booking.domain.windows import Window
from booking.models.audit import AuditEntry
from booking.models.outbox import OutboxItem
from booking.models.teams import Membership
from booking.queries.activities import find_activity
from booking.queries.enrolments import find_enrolment
from booking.queries.users import account_of
from booking.services import enrolments
from booking.services.activities import announce_activity, cancel_activity, change_places
from tests.support.lives import NOW
from tests.support.world import World

START = NOW + timedelta(days=3)
AFTER = START + timedelta(hours=1)


def announce(world: World, places: int | None = 1, **more: object) -> None:
    window = Window(START, START + timedelta(hours=4))
    about = ("Contest", "contest", World.NORTH, ActivityKind.CONTEST, "Beijing", "Hall 4", "")
    announce_activity(NewActivity(*about, window, places=places, **more), actor=world.admin, now=NOW)  # type: ignore[arg-type]


def told(event: str) -> list[str]:
    return list(db.session.scalars(select(OutboxItem.subject).where(OutboxItem.event == event)))


def test_who_comes_too_late_waits_and_gets_the_place_of_who_leaves(a_world: Callable[..., World]) -> None:
    world = a_world()
    announce(world)
    first = enrolments.enrol("contest", actor=world.lead, now=NOW)
    assert enrolments.enrol("contest", actor=world.lead, now=NOW) == first
    with pytest.raises(Refused, match="All 1 places of Contest are taken"):
        enrolments.enrol("contest", actor=world.rival, now=NOW)
    waiting = enrolments.enrol("contest", actor=world.rival, now=NOW, waits=True)
    enrolments.enrol("contest", actor=world.member, now=NOW + timedelta(minutes=1), waits=True)
    assert waiting.state is EnrolmentState.WAITING

    assert enrolments.leave("contest", actor=world.lead, now=NOW).state is EnrolmentState.LEFT
    found = find_activity(db.session(), "contest")
    assert (found.enrolled, found.waiting, found.free) == (1, 1, 0)
    assert told("place_given") == [f"enrolment:{waiting.id}"]

    change_places("contest", 2, actor=world.operator, now=NOW)
    assert find_activity(db.session(), "contest").enrolled == 2
    with pytest.raises(Invalid, match="2 places are taken"):
        change_places("contest", 1, actor=world.operator, now=NOW)
    with pytest.raises(Forbidden):
        change_places("contest", 9, actor=world.lead, now=NOW)


def test_who_has_a_place_uses_what_the_team_of_the_activity_has_booked_until_they_leave(
    a_world: Callable[..., World],
) -> None:
    world = a_world()
    announce(world, 5, team=World.TEAM)
    stranger = world.people["stranger"]
    enrolments.enrol("contest", actor=stranger, now=NOW)
    enrolments.enrol("contest", actor=world.lead, now=NOW)
    assert db.session.get(Membership, (world.team, stranger.user_id)) is not None
    for one in (stranger, world.lead):
        enrolments.leave("contest", actor=one, now=NOW)
    db.session.expire_all()
    assert db.session.get(Membership, (world.team, stranger.user_id)) is None
    assert db.session.get(Membership, (world.team, world.lead.user_id)) is not None


def test_a_place_lends_a_team_until_the_activity_ends_or_is_cancelled(a_world: Callable[..., World]) -> None:
    world = a_world()
    announce(world, 5, team=World.TEAM)
    stranger, ends = world.people["stranger"], START + timedelta(hours=4)
    enrolments.enrol("contest", actor=stranger, now=NOW)
    for now, teams in ((ends - timedelta(seconds=1), {world.team}), (ends, set())):
        account = account_of(db.session(), stranger.user_id, now)
        assert account is not None
        assert account.actor.teams.keys() == teams, "by the clock, whether or not the job has run"
    assert enrolments.end_lent_memberships(ends - timedelta(seconds=1)) == JobResult()
    assert enrolments.end_lent_memberships(ends) == JobResult(items=1)
    assert enrolments.end_lent_memberships(ends) == JobResult()
    db.session.expire_all()
    assert db.session.get(Membership, (world.team, stranger.user_id)) is None
    acts = db.session.scalars(select(AuditEntry.act).where(AuditEntry.subject == "team:team")).all()
    assert acts == ["team.add_member", "team.remove_member"]


def test_nobody_notes_attendance_by_the_address_of_another_activity(a_world: Callable[..., World]) -> None:
    world = a_world()
    announce(world)
    place = enrolments.enrol("contest", actor=world.lead, now=NOW)
    window = Window(START, START + timedelta(hours=4))
    about = ("Day", "day", World.NORTH, ActivityKind.CONTEST, "Beijing", "Hall 4", "")
    announce_activity(NewActivity(*about, window), actor=world.admin, now=NOW)
    with pytest.raises(NotFound):
        enrolments.mark_attendance("day", place.id, True, actor=world.operator, now=AFTER)
    assert find_enrolment(db.session(), place.id).attended is None


def test_everybody_who_wanted_to_come_is_told_that_it_is_cancelled(a_world: Callable[..., World]) -> None:
    world = a_world()
    announce(world)
    enrolments.enrol("contest", actor=world.lead, now=NOW)
    enrolments.enrol("contest", actor=world.rival, now=NOW, waits=True)
    with pytest.raises(Invalid):
        cancel_activity("contest", actor=world.operator, now=NOW, reason=" ")
    cancel_activity("contest", actor=world.operator, now=NOW, reason="The hall is flooded.")
    assert len(told("activity_cancelled")) == 2
    with pytest.raises(Conflict, match="cancelled"):
        enrolments.enrol("contest", actor=world.member, now=NOW)


def test_the_organiser_notes_who_was_there_once_it_has_begun(a_world: Callable[..., World]) -> None:
    world = a_world()
    announce(world)
    place = enrolments.enrol("contest", actor=world.lead, now=NOW)
    with pytest.raises(Conflict, match="has not begun"):
        enrolments.mark_attendance("contest", place.id, True, actor=world.operator, now=NOW)
    with pytest.raises(NotFound):
        enrolments.mark_attendance("contest", place.id, True, actor=world.rival, now=AFTER)
    assert enrolments.mark_attendance("contest", place.id, True, actor=world.operator, now=AFTER).attended is True
    with pytest.raises(Conflict, match="has begun"):
        enrolments.leave("contest", actor=world.lead, now=AFTER)
