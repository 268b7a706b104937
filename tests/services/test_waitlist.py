"""The wait list: who gets what is freed, in which order, and how an entry ends."""

from collections.abc import Callable
from datetime import datetime

import pytest

from booking.db import transaction
from booking.domain.capacity_changes import NewChange
from booking.domain.displacements import Resolution, Resolutions
from booking.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from booking.domain.grants import NewGrant, Scope
from booking.domain.jobs import JobResult
from booking.domain.lifecycle import State
from booking.domain.queues import Priority
from booking.domain.refusals import Code, Refused
from booking.domain.waitlist import MOST_WAITING, EntryState
from booking.domain.windows import Window
from booking.models.teams import Team
from booking.services import due_bookings, waitlist
from booking.services.booking_edits import change_booking
from booking.services.booking_moves import accept_booking, approve_booking, cancel_booking, decline_booking
from booking.services.capacity import add_capacity
from booking.services.grants import create_grant
from tests.support.lives import NOW, at, events, window
from tests.support.waiting import entry, join, offer_of, owes_look, take, wish
from tests.support.world import World

Worlds = Callable[..., World]
LATER = at(3)


@pytest.fixture
def full(a_world: Worlds) -> World:
    """A pool of eight that the rival has booked from the 24th to the 26th hour."""
    world = a_world(units=8)
    take(world, rival=True)
    return world


def cancel(world: World, booking_id: int = 1, now: datetime = NOW) -> None:
    cancel_booking(booking_id, actor=world.rival, now=now)


def test_what_is_freed_is_offered_to_who_waits_and_confirmed_once_he_accepts(full: World) -> None:
    waiting = join(full)
    assert (waiting.state, owes_look(full.pool)) == (EntryState.WAITING, False)
    cancel(full)
    assert owes_look(full.pool)
    assert waitlist.serve_due(LATER) == JobResult(items=1)

    offer = offer_of(waiting.id)
    assert (offer.state, offer.window, offer.team_id) == (State.OFFERED, window(24, 26), full.team)
    assert (offer.hold_until, offer.created_by) == (at(24), full.lead.user_id)
    assert (entry(waiting.id).state, owes_look(full.pool)) == (EntryState.OFFERED, False)
    assert events(offer.id) == ["offered"]
    accept_booking(offer.id, actor=full.member, now=at(4))
    assert (offer_of(waiting.id).state, entry(waiting.id).state) == (State.CONFIRMED, EntryState.TAKEN)


def test_whoever_joins_while_there_is_room_gets_his_offer_at_once(a_world: Worlds) -> None:
    world = a_world(units=8)
    assert offer_of(join(world).id).state is State.OFFERED


def test_a_newcomer_is_decided_after_those_who_wait_also_when_no_scheduler_runs(full: World) -> None:
    waiting = join(full)
    cancel(full)
    with pytest.raises(Refused) as refused:
        take(full, rival=True, now=LATER)
    assert [one.code for one in refused.value.refusals] == [Code.CAPACITY_EXCEEDED]
    assert entry(waiting.id).state is EntryState.OFFERED


def test_a_newcomer_gets_what_nobody_who_waits_can_use(full: World) -> None:
    waiting = join(full)
    change_booking(1, window=window(24, 25), claims=None, actor=full.rival, now=NOW, version=1)
    assert owes_look(full.pool)
    assert take(full, 25, 26, 1, now=LATER, rival=True).state is State.CONFIRMED
    assert (entry(waiting.id).state, owes_look(full.pool)) == (EntryState.WAITING, False)


def test_a_growth_comes_after_those_who_wait(a_world: Worlds) -> None:
    world = a_world(units=8)
    grows = take(world, 22, 24, 8)
    take(world, rival=True)
    waiting = join(world)
    cancel(world, 2)
    with pytest.raises(Refused):
        change_booking(grows.id, window=window(22, 25), claims=None, actor=world.lead, now=LATER, version=1)
    assert entry(waiting.id).state is EntryState.OFFERED


def test_an_offer_that_lapses_ends_its_turn_once_and_the_next_in_line_gets_one(a_world: Worlds) -> None:
    world = a_world(units=8)
    take(world, 48, 50, rival=True)
    first = join(world, span=(48, 50))
    second = join(world, span=(48, 50), team_id=world.rival_team, now=at(0.1))
    cancel(world)
    assert waitlist.serve_due(at(1)) == JobResult(items=1)
    lapsed = offer_of(first.id)
    assert (lapsed.hold_until, entry(second.id).state) == (at(25), EntryState.WAITING)

    assert due_bookings.expire_due(at(24.9)) == JobResult()
    assert due_bookings.expire_due(at(25)) == JobResult(items=1)
    assert due_bookings.expire_due(at(25)) == JobResult()
    assert (entry(first.id).state, entry(first.id).closed_at) == (EntryState.EXPIRED, at(25))
    assert events(lapsed.id) == ["offered", "offer_lapsed"]
    assert waitlist.serve_due(at(25)) == JobResult(items=1)
    assert (offer_of(second.id).window, offer_of(second.id).hold_until) == (window(48, 50), at(48))


def test_a_lapse_that_nobody_settled_does_not_let_a_newcomer_in_before_the_next_in_line(a_world: Worlds) -> None:
    world = a_world(units=8)
    take(world, 48, 50, rival=True)
    first = join(world, span=(48, 50))
    second = join(world, span=(48, 50), team_id=world.rival_team, now=at(0.1))
    cancel(world)
    waitlist.serve_due(at(1))
    with pytest.raises(Refused):
        take(world, 48, 50, now=at(30))
    assert [entry(each.id).state for each in (first, second)] == [EntryState.EXPIRED, EntryState.OFFERED]


def test_an_offer_that_is_declined_ends_its_turn_and_the_next_in_line_gets_one(full: World) -> None:
    first, second = join(full), join(full, team_id=full.rival_team, now=at(0.1))
    cancel(full, now=at(0.2))
    waitlist.serve_due(at(0.2))
    decline_booking(offer_of(first.id).id, actor=full.member, now=at(1))
    waitlist.serve_due(at(1))
    assert [entry(each.id).state for each in (first, second)] == [EntryState.WITHDRAWN, EntryState.OFFERED]


def test_what_is_taken_automatically_is_confirmed_at_once(full: World) -> None:
    waiting = join(full, take_automatically=True)
    cancel(full)
    waitlist.serve_due(LATER)
    made = offer_of(waiting.id)
    assert (made.state, entry(waiting.id).state, events(made.id)) == (State.CONFIRMED, EntryState.TAKEN, ["taken"])


def test_an_owner_who_wants_to_approve_is_asked_once_the_offer_is_accepted(a_world: Worlds) -> None:
    world = a_world(units=8, policy={"auto_approve_unit_hours": 0, "hold_minutes": 0})
    waiting = join(world)
    offer = offer_of(waiting.id)
    assert (offer.state, offer.holds, offer.waiting_for) == (State.OFFERED, True, frozenset({world.pool}))
    accepted = accept_booking(offer.id, actor=world.lead, now=LATER)
    assert (accepted.state, accepted.holds, accepted.hold_until) == (State.PENDING, True, at(24))
    assert entry(waiting.id).state is EntryState.TAKEN
    assert approve_booking(offer.id, actor=world.operator, now=at(4)).state is State.CONFIRMED


def test_what_is_taken_automatically_still_waits_for_an_owner_who_wants_to_approve(a_world: Worlds) -> None:
    world = a_world(units=8, policy={"auto_approve_unit_hours": 0})
    waiting = join(world, take_automatically=True)
    assert (offer_of(waiting.id).state, events(offer_of(waiting.id).id)) == (State.PENDING, ["pending"])


def test_the_first_that_fits_gets_the_offer_and_who_does_not_fit_waits_on(full: World) -> None:
    large = join(full)
    small = join(full, units=2, team_id=full.rival_team, now=at(0.1))
    take(full, 26, 28, 8)
    change = {"claims": (wish(full, 6).claims_on(full.pool)), "window": None}
    change_booking(1, **change, actor=full.rival, now=at(1), version=1)
    waitlist.serve_due(at(1))
    assert [entry(each.id).state for each in (large, small)] == [EntryState.WAITING, EntryState.OFFERED]


def test_an_owners_class_comes_before_age(full: World) -> None:
    first, second = join(full), join(full, team_id=full.rival_team, now=at(0.1))
    waitlist.set_priority(second.id, Priority.HIGH, actor=full.operator, now=at(0.2))
    cancel(full, now=at(0.3))
    waitlist.serve_due(at(0.3))
    assert [entry(each.id).state for each in (first, second)] == [EntryState.WAITING, EntryState.OFFERED]


def test_on_one_level_the_team_with_fewer_hours_comes_first(full: World) -> None:
    first = join(full, team_id=full.rival_team)
    second = join(full, now=at(0.1))
    take(full, 100, 110, 8, rival=True)
    cancel(full, now=at(0.3))
    waitlist.serve_due(at(0.3))
    assert [entry(each.id).state for each in (first, second)] == [EntryState.WAITING, EntryState.OFFERED]


def test_new_capacity_is_offered_to_who_waits(full: World) -> None:
    waiting = join(full)
    add_capacity(full.POOL, NewChange(8, at(24), at(30), "more"), actor=full.operator, now=LATER)
    assert owes_look(full.pool)
    waitlist.serve_due(LATER)
    assert offer_of(waiting.id).window == window(24, 26)


def test_quota_that_is_granted_is_used_by_who_waits_before_a_newcomer_gets_the_units(a_world: Worlds) -> None:
    world = a_world(units=8, pool_hours=8)
    waiting = join(world)
    assert waiting.state is EntryState.WAITING
    always = Window(at(-1), at(1_000))
    create_grant(NewGrant(world.team, Scope(kind="pool"), 16 * 3600, always), actor=world.admin, now=LATER)
    assert not owes_look(world.pool)
    with pytest.raises(Refused):
        take(world, 24, 25, 8, rival=True, now=LATER)
    assert offer_of(waiting.id).window == window(24, 26)


def test_quota_that_is_released_is_used_by_who_waits(a_world: Worlds) -> None:
    world = a_world(units=8, pool_hours=16)
    booked = take(world, 100, 102)
    waiting = join(world)
    cancel_booking(booked.id, actor=world.lead, now=LATER)
    waitlist.serve_due(LATER)
    assert offer_of(waiting.id).window == window(24, 26)


def test_a_model_is_waited_for_on_every_pool_of_it_and_a_dataset_beside_it(a_world: Worlds) -> None:
    world = a_world(units=8, seats=1)
    seat = take_seat(world)
    waiting = join(world, gpu_model="A100", region="Beijing", dataset_id=world.dataset)
    assert waiting.state is EntryState.WAITING
    cancel_booking(seat, actor=world.rival, now=LATER)
    assert owes_look(world.dataset)
    waitlist.serve_due(LATER)
    assert set(offer_of(waiting.id).resource_ids) == {world.pool, world.dataset}


def take_seat(world: World) -> int:
    """The rival has the only seat of the dataset; its booking's id."""
    return join(
        world, units=1, resource_id=world.dataset, team_id=world.rival_team, take_automatically=True
    ).booking_id or 0  # fmt: skip


def test_an_offer_is_as_long_as_is_free_and_wished_for(full: World) -> None:
    waiting = join(full, hours=1, most_hours=6, span=(22, 30))
    assert offer_of(waiting.id).window == window(22, 24)


def test_an_outage_that_takes_an_offer_back_leaves_the_entry_waiting(a_world: Worlds) -> None:
    world = a_world(units=8)
    waiting = join(world)
    revoked = Resolutions(otherwise=Resolution.REVOKE)
    outage = NewChange("closed", at(24), at(26), "repair")
    add_capacity(world.POOL, outage, actor=world.operator, now=LATER, resolutions=revoked)
    assert (entry(waiting.id).state, entry(waiting.id).booking_id) == (EntryState.WAITING, None)


def test_an_entry_ends_when_no_window_of_it_can_begin_any_more(full: World) -> None:
    waiting = join(full)
    assert waitlist.close_ended(at(24)) == JobResult()
    assert waitlist.close_ended(at(24.1)) == JobResult(items=1)
    ended = entry(waiting.id)
    assert (ended.state, ended.reason) == (EntryState.EXPIRED, "no window was free in time")
    assert waitlist.close_ended(at(24.1)) == JobResult()


def test_an_entry_ends_with_its_teams_approval(full: World) -> None:
    waiting = join(full)
    with transaction() as session:
        session.get_one(Team, full.team).approved_until = at(1)
    assert waitlist.close_ended(at(2)) == JobResult(items=1)
    assert entry(waiting.id).reason == "the team has lost its standing"


def test_a_horizon_that_moves_on_is_noticed_by_looking_again(a_world: Worlds) -> None:
    world = a_world(units=8, policy={"horizon_days": 2})
    waiting = join(world, span=(49, 51))
    assert (waiting.state, waitlist.serve_due(at(4))) == (EntryState.WAITING, JobResult())
    assert waitlist.look_again(at(4)) == JobResult(items=1)
    assert waitlist.serve_due(at(4)) == JobResult(items=1)


def test_who_leaves_the_list_is_offered_nothing(full: World) -> None:
    waiting = join(full)
    with pytest.raises(NotFound):
        waitlist.withdraw_from_waitlist(waiting.id, actor=full.rival, now=NOW)
    with pytest.raises(Forbidden):
        waitlist.withdraw_from_waitlist(waiting.id, actor=full.member, now=NOW)
    withdrawn = waitlist.withdraw_from_waitlist(waiting.id, actor=full.lead, now=NOW, reason="done")
    assert (withdrawn.state, withdrawn.reason) == (EntryState.WITHDRAWN, "done")
    cancel(full)
    assert (owes_look(full.pool), waitlist.serve_due(LATER)) == (False, JobResult())
    with pytest.raises(IllegalMove):
        waitlist.withdraw_from_waitlist(waiting.id, actor=full.lead, now=NOW)
    assert waitlist.rejoin_waitlist(waiting.id, actor=full.member, now=LATER).state is EntryState.OFFERED


def test_who_has_an_offer_answers_it_and_does_not_leave_or_join_again(a_world: Worlds) -> None:
    world = a_world(units=8)
    waiting = join(world)
    for do in (waitlist.withdraw_from_waitlist, waitlist.rejoin_waitlist):
        with pytest.raises(Conflict):
            do(waiting.id, actor=world.lead, now=NOW)


def test_only_the_owner_of_what_is_waited_for_gives_the_class(full: World) -> None:
    waiting = join(full)
    for actor, error in ((full.member, Forbidden), (full.people["other_operator"], NotFound)):
        with pytest.raises(error):
            waitlist.set_priority(waiting.id, Priority.HIGH, actor=actor, now=NOW)


def test_nobody_waits_in_vain_twice_or_for_too_much(a_world: Worlds) -> None:
    world = a_world(units=8, policy={"max_units": 8})
    take(world, rival=True)
    with pytest.raises(Refused) as refused:
        join(world, units=9)
    assert [one.code for one in refused.value.refusals] == [Code.TOO_MANY_UNITS]
    with pytest.raises(Refused):
        join(world, by=world.rival)
    with pytest.raises(Invalid) as invalid:
        join(world, gpu_model="B200")
    assert invalid.value.field == "gpu_model"
    for turn in range(MOST_WAITING):
        join(world, hours=1 + turn / 100)
    with pytest.raises(Conflict):
        join(world, hours=1)
    with pytest.raises(Conflict):
        join(world)
