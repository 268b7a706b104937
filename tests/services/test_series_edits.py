"""Changing and cancelling many bookings of a series: wall times kept, exceptions and the past left alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from booking.db import db, transaction
from booking.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Stale
from booking.domain.lifecycle import State
from booking.domain.orders import Claim
from booking.domain.refusals import Code, Refused
from booking.domain.series import Series
from booking.models.outbox import OutboxItem
from booking.services import due_bookings
from booking.services.booking_edits import change_booking
from booking.services.booking_moves import cancel_booking
from booking.services.bookings import request_booking
from booking.services.outbox import address_notices
from booking.services.series_edits import Wanted, cancel_series, change_series, preview_series_change
from tests.support.lives import NOW, Totals, at, events, found, levels, totals, window
from tests.support.series import begin, day, series_found
from tests.support.world import World, grant

Worlds = Callable[..., World]


def moment(number: int, hour: int, minute: int = 0) -> datetime:
    """What clocks show on a day of March 2026."""
    return datetime(2026, 3, number, hour, minute)


def change(world: World, series: Series, *, now: float = 0, version: int | None = None, **wanted: Any) -> Series:
    return change_series(series.id, Wanted(**wanted), actor=world.lead, now=at(now), version=version or series.version)


def hours_of(series: Series) -> list[tuple[int, int, int]]:
    """Day, and the hours in UTC, of every date."""
    return [(one.window.start.day, one.window.start.hour, one.window.end.hour) for one in series.bookings]


def states(series: Series) -> list[State]:
    return [booking.state for booking in series.bookings]


def test_all_dates_move_and_take_units_and_quota_along(a_world: Worlds) -> None:
    world = a_world()
    changed = change(world, begin(world), start=moment(3, 14), end=moment(3, 17))
    assert hours_of(changed) == [(number, 13, 16) for number in (3, 4, 5, 6)]
    assert (changed.version, {booking.version for booking in changed.bookings}) == (2, {2})
    assert totals(world.pool_grant) == Totals(4 * 24, 0)
    assert [level for _, level in levels(world.pool, window(0, 200)).changes] == [8, 0] * 4
    assert series_found(changed.id).plan.times.start == moment(3, 14)
    assert all(booking.apart_since is None for booking in changed.bookings)
    assert events(changed.bookings[0].id) == ["confirmed", "changed"]


def test_a_new_time_of_day_is_kept_over_a_change_of_clocks(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world, "FREQ=WEEKLY;COUNT=3", first=day(16))
    changed = change(world, series, start=moment(16, 20), end=moment(16, 22))
    assert hours_of(changed) == [(16, 19, 21), (23, 19, 21), (30, 18, 20)]
    following = change(world, changed, since=day(30), start=moment(30, 8))
    assert hours_of(following)[2] == (30, 6, 20)
    assert following.plan.times.start == moment(16, 8)


def test_this_and_following_keeps_those_before(a_world: Worlds) -> None:
    world = a_world()
    changed = change(world, begin(world), since=day(5), start=moment(5, 14), end=moment(5, 15))
    assert hours_of(changed) == [(3, 9, 11), (4, 9, 11), (5, 13, 14), (6, 13, 14)]
    assert [booking.version for booking in changed.bookings] == [1, 1, 2, 2]


def test_other_claims_on_all_dates(a_world: Worlds) -> None:
    world = a_world()
    claims = (Claim(world.other_pool, 4), Claim(world.dataset, 1))
    changed = change(world, begin(world), claims=claims)
    assert {tuple(claim.resource for claim in booking.claims) for booking in changed.bookings} == {
        (World.OTHER_POOL, World.DATASET)
    }
    assert levels(world.pool, window(0, 200)).changes == ()
    assert (totals(world.pool_grant), totals(world.dataset_grant)) == (Totals(4 * 8, 0), Totals(4 * 2, 0))
    assert set(series_found(changed.id).plan.claims) == set(claims)


def test_what_was_changed_by_itself_stays_as_it_is(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world)
    second = series.bookings[1]
    by_hand = {"actor": world.lead, "now": NOW, "version": 1, "claims": None}
    moved = change_booking(second.id, window=window(60, 61), **by_hand)
    assert moved.apart_since == NOW
    changed = change(world, series, start=moment(3, 14), end=moment(3, 15))
    assert hours_of(changed) == [(3, 13, 14), (4, 20, 21), (5, 13, 14), (6, 13, 14)]
    cancelled = cancel_series(series.id, actor=world.lead, now=NOW)
    assert states(cancelled) == [State.CANCELLED, State.CONFIRMED, State.CANCELLED, State.CANCELLED]


def test_a_cancelled_date_stays_cancelled(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world)
    cancel_booking(series.bookings[2].id, actor=world.lead, now=NOW)
    changed = change(world, series, since=day(4), start=moment(4, 14), end=moment(4, 15))
    assert states(changed)[2] == State.CANCELLED
    assert hours_of(changed) == [(3, 9, 11), (4, 13, 14), (5, 9, 11), (6, 13, 14)]


def test_the_past_and_what_is_running_stay(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world)
    due_bookings.start_due(at(25))
    due_bookings.complete_due(at(27))
    due_bookings.start_due(at(49.5))
    changed = change(world, series, now=49.5, start=moment(3, 14), end=moment(3, 15))
    assert hours_of(changed) == [(3, 9, 11), (4, 9, 11), (5, 13, 14), (6, 13, 14)]
    cancelled = cancel_series(series.id, actor=world.lead, now=at(49.6))
    assert states(cancelled) == [State.COMPLETED, State.ACTIVE, State.CANCELLED, State.CANCELLED]


def test_what_began_by_the_clock_stays_though_the_scheduler_sleeps(a_world: Worlds) -> None:
    world = a_world()
    changed = change(world, begin(world), now=25, start=moment(3, 14), end=moment(3, 15))
    assert hours_of(changed)[0] == (3, 9, 11)


def test_a_refused_change_changes_nothing_and_says_which_dates(a_world: Worlds) -> None:
    world = a_world(units=8)
    series = begin(world)
    rival = request_booking(world.order(window(78, 79), team=world.rival_team), actor=world.rival, now=NOW)
    before = series_found(series.id)
    with pytest.raises(Refused) as caught:
        change(world, series, start=moment(3, 15), end=moment(3, 16))
    assert [(refusal.code, refusal.field) for refusal in caught.value.refusals] == [
        (Code.CAPACITY_EXCEEDED, "dates.2.claims.0.units")
    ]
    assert caught.value.refusals[0].numbers["date"] == "2026-03-05"
    assert (series_found(series.id), found(rival.id)) == (before, rival)
    assert totals(world.pool_grant) == Totals(64, 0)


@pytest.mark.parametrize(
    ("policy", "wanted", "code"),
    [
        ({"max_minutes": 120}, {"end": moment(3, 13)}, Code.TOO_LONG),
        ({"min_minutes": 60}, {"start": moment(3, 1), "end": moment(3, 1, 30)}, Code.TOO_SHORT),
        ({}, {"start": moment(3, 9, 50)}, Code.OFF_GRID),
        ({"notice_minutes": 1_440}, {"start": moment(3, 1)}, Code.TOO_SOON),
        ({"horizon_days": 5}, {"end": moment(6, 12)}, Code.BEYOND_HORIZON),
        ({"max_units": 8}, {"units": 9}, Code.TOO_MANY_UNITS),
        ({}, {"start": moment(2, 8)}, Code.IN_THE_PAST),
    ],
)
def test_every_rule_of_a_request_holds(
    a_world: Worlds, policy: dict[str, Any], wanted: dict[str, Any], code: Code
) -> None:
    world = a_world(policy=policy)
    series = begin(world)
    times = {name: value for name, value in wanted.items() if name != "units"}
    claims = (Claim(world.pool, wanted["units"]),) if "units" in wanted else None
    with pytest.raises(Refused) as caught:
        change(world, series, claims=claims, **times)
    assert code in {refusal.code for refusal in caught.value.refusals}
    assert hours_of(series_found(series.id)) == hours_of(series)


def test_what_the_dates_hold_themselves_is_free_for_all_of_them(a_world: Worlds) -> None:
    """Twenty hours a day, moved by six: each new window lies over the old one of the day after."""
    world = a_world(units=8, pool_hours=640, policy={"max_concurrent_bookings": 1, "max_units_per_team": 8})
    series = begin(world, start="00:00", end="20:00")
    changed = change(world, series, start=moment(3, 6), end=moment(4, 2))
    assert hours_of(changed) == [(3, 5, 1), (4, 5, 1), (5, 5, 1), (6, 5, 1)]
    assert totals(world.pool_grant) == Totals(640, 0)


def test_quota_that_one_date_gives_up_counts_for_another(a_world: Worlds) -> None:
    """A grant for each day, just large enough: the first date takes what the second leaves, in the same moment."""
    world = a_world(pool_hours=1)
    with transaction() as session:
        for number in (3, 4, 5):
            around = window(24 * (number - 3) + 16, 24 * (number - 2) + 16)
            grant(session, world.team, 16, starts_at=around.start, ends_at=around.end)
    later = change(world, begin(world, "FREQ=DAILY;COUNT=2"), start=moment(4, 10), end=moment(4, 12))
    assert hours_of(later) == [(4, 9, 11), (5, 9, 11)]
    assert totals(world.pool_grant) == Totals(0, 0)


def test_more_than_the_quota_is_refused_as_a_whole(a_world: Worlds) -> None:
    world = a_world(pool_hours=80)
    series = begin(world)
    with pytest.raises(Refused) as caught:
        change(world, series, end=moment(3, 13))
    assert [(refusal.code, refusal.field) for refusal in caught.value.refusals] == [
        (Code.QUOTA_EXCEEDED, "dates.3.claims.0.units")
    ]


def test_what_is_given_up_late_is_paid_and_a_preview_says_so_before(a_world: Worlds) -> None:
    world = a_world(policy={"cancel_cutoff_minutes": 24 * 60, "late_cancel_percent": 50})
    series = begin(world, "FREQ=DAILY;COUNT=2")
    wanted = Wanted(end=moment(3, 11))
    preview = preview_series_change(series.id, wanted, actor=world.lead, now=at(2), version=1)
    assert [each.price / 3600 for _, each in preview] == [4, 0]
    assert series_found(series.id).version == 1
    change(world, series, now=2, end=moment(3, 11))
    assert totals(world.pool_grant) == Totals(16, 4)
    cancel_series(series.id, actor=world.lead, now=at(2))
    assert totals(world.pool_grant) == Totals(0, 8)


def test_a_growth_that_an_owner_would_have_to_approve_is_not_taken_on(a_world: Worlds) -> None:
    world = a_world(policy={"auto_approve_unit_hours": 64})
    series = begin(world)
    with pytest.raises(Conflict):
        change(world, series, end=moment(3, 14))
    assert hours_of(series_found(series.id)) == hours_of(series)


def test_dates_that_wait_are_changed_and_go_on_waiting(a_world: Worlds) -> None:
    world = a_world(policy={"auto_approve_unit_hours": 0})
    changed = change(world, begin(world), start=moment(3, 14), end=moment(3, 17))
    assert set(states(changed)) == {State.PENDING}
    assert totals(world.pool_grant) == Totals(4 * 24, 0)


def test_from_a_date_on_is_cancelled_and_cancelling_again_finds_nothing(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world)
    cancelled = cancel_series(series.id, since=day(5), actor=world.lead, now=NOW, reason="no data")
    assert states(cancelled) == [State.CONFIRMED, State.CONFIRMED, State.CANCELLED, State.CANCELLED]
    assert cancelled.bookings[3].history[-1].reason == "no data"
    assert totals(world.pool_grant) == Totals(32, 0)
    with pytest.raises(Conflict):
        cancel_series(series.id, since=day(5), actor=world.lead, now=NOW)
    with pytest.raises(IllegalMove):
        cancel_booking(cancelled.bookings[3].id, actor=world.lead, now=NOW)
    assert totals(world.pool_grant) == Totals(32, 0)


def test_one_letter_tells_of_each_change(a_world: Worlds) -> None:
    world = a_world()
    change(world, begin(world), start=moment(3, 14), end=moment(3, 15))
    cancel_series(1, actor=world.lead, now=at(1))
    for hour in range(3):
        address_notices(at(hour))
    asked = select(OutboxItem.event).where(OutboxItem.destination == "mail:member@example.org").order_by(OutboxItem.id)
    with db.engine.connect() as connection:
        assert list(connection.scalars(asked)) == ["series_booked", "series_changed", "series_cancelled"]


def test_a_change_that_changes_nothing_leaves_the_version(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world)
    assert change(world, series, claims=(Claim(world.pool, 8),), start=moment(3, 10)).version == 1
    assert events(series.bookings[0].id) == ["confirmed"]


def test_a_stale_change_is_refused_with_the_present_version(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world)
    change(world, series, start=moment(3, 9))
    with pytest.raises(Stale) as caught:
        change(world, series, version=1, start=moment(3, 8))
    assert caught.value.version == 2


def test_what_is_no_date_of_the_series_and_times_that_cannot_be_meant_are_refused(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world, "FREQ=DAILY;COUNT=2", first=day(28))
    for wanted, field in (
        ({"since": day(27), "start": moment(27, 9)}, "from"),
        ({"start": moment(28, 13)}, "ends_at"),
        ({"start": moment(28, 2), "end": moment(28, 3)}, "starts_at"),
    ):
        with pytest.raises(Invalid) as caught:
            change(world, series, **wanted)
        assert caught.value.field == field
    with pytest.raises(Invalid):
        cancel_series(series.id, since=day(27), actor=world.lead, now=NOW)


def test_the_lead_and_who_asked_change_it_and_nobody_else(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world)
    for actor, error in ((world.member, Forbidden), (world.operator, Forbidden), (world.rival, NotFound)):
        with pytest.raises(error):
            change_series(series.id, Wanted(end=moment(3, 11)), actor=actor, now=NOW, version=1)
        with pytest.raises(error):
            cancel_series(series.id, actor=actor, now=NOW)
    assert series_found(series.id).version == 1
    assert found(series.bookings[0].id).window.start == datetime(2026, 3, 3, 9, tzinfo=UTC)
