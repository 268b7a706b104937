"""A resource that asks for a course, on both databases: refused without it, booked with it while it counts."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from booking.domain.courses import NewCourse
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.jobs import JobResult
from booking.domain.lifecycle import State
from booking.domain.orders import Order
from booking.domain.refusals import Code, Refused
from booking.domain.windows import Window
from booking.services.bookings import preview_booking, request_booking
from booking.services.courses import open_course, record_completion, revoke_completion
from booking.services.lost_bases import revoke_without_permit_or_training
from booking.services.searches import Wish, search
from tests.support.lives import NOW
from tests.support.world import World

DAY = timedelta(days=1)
SAFETY = NewCourse("Safety", "safety", World.NORTH, "What not to touch.", valid_days=10)
POLICY = {"requires_course": "safety"}


def order(world: World, days: int = 1) -> Order:
    start = NOW.replace(minute=0, second=0) + days * DAY
    return world.order(Window(start, start + timedelta(hours=4)))


def codes(world: World, days: int = 1) -> list[Code]:
    return [one.code for one in preview_booking(order(world, days), actor=world.lead, now=NOW).refusals]


def test_what_asks_for_a_course_is_booked_by_who_has_completed_it_while_that_counts(
    a_world: Callable[..., World],
) -> None:
    world = a_world(policy=POLICY)
    open_course(SAFETY, actor=world.operator, now=NOW)
    with pytest.raises(Refused, match="which you have not completed"):
        request_booking(order(world), actor=world.lead, now=NOW)

    done = record_completion("safety", "lead@example.org", actor=world.operator, now=NOW)
    assert done.expires_at == NOW + 10 * DAY
    assert request_booking(order(world), actor=world.lead, now=NOW).state is State.CONFIRMED
    assert codes(world, days=11) == [Code.TRAINING_MISSING]
    with pytest.raises(Refused, match="not completed"):
        request_booking(order(world), actor=world.member, now=NOW)

    assert revoke_without_permit_or_training(NOW) == JobResult()
    revoke_completion(done.id, actor=world.operator, now=NOW, reason="The wrong person.")
    assert revoke_without_permit_or_training(NOW) == JobResult(items=1)
    assert revoke_without_permit_or_training(NOW) == JobResult()
    assert codes(world) == [Code.TRAINING_MISSING]
    with pytest.raises(Conflict, match="already"):
        revoke_completion(done.id, actor=world.operator, now=NOW, reason="Again.")


def test_a_search_for_a_team_finds_only_what_who_asks_is_trained_for(a_world: Callable[..., World]) -> None:
    world = a_world(policy=POLICY)
    open_course(SAFETY, actor=world.operator, now=NOW)
    wish = Wish(units=8, seconds=3600, span=Window(NOW, NOW + 3 * DAY), kind="pool", team_id=world.team)
    assert search(wish, now=NOW, limit=5, by=world.lead.user_id) == []
    record_completion("safety", "lead@example.org", actor=world.operator, now=NOW)
    assert search(wish, now=NOW, limit=5, by=world.lead.user_id)
    assert search(wish, now=NOW, limit=5, by=world.member.user_id) == []


def test_only_organisers_note_completions_and_never_of_the_future(a_world: Callable[..., World]) -> None:
    world = a_world()
    with pytest.raises(Forbidden):
        open_course(SAFETY, actor=world.lead, now=NOW)
    open_course(SAFETY, actor=world.operator, now=NOW)
    with pytest.raises(Conflict, match="already"):
        open_course(SAFETY, actor=world.operator, now=NOW)
    with pytest.raises(Forbidden):
        record_completion("safety", "lead@example.org", actor=world.people["other_operator"], now=NOW)
    for at, field in ((NOW + DAY, "completed_at"), (NOW - 20 * DAY, "completed_at")):
        with pytest.raises(Invalid) as refused:
            record_completion("safety", "lead@example.org", actor=world.operator, now=NOW, completed_at=at)
        assert refused.value.field == field
    done = record_completion("safety", "lead@example.org", actor=world.operator, now=NOW)
    with pytest.raises(NotFound):
        revoke_completion(done.id, actor=world.lead, now=NOW, reason="Mine.")
