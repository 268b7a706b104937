"""Many dates at once: judged as a whole, booked together or not at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from booking.db import db
from booking.domain.errors import Invalid, NotFound
from booking.domain.lifecycle import State
from booking.domain.orders import Claim
from booking.domain.refusals import Code, Refused
from booking.domain.series import Series, dates_of
from booking.domain.windows import Window
from booking.models.outbox import OutboxItem
from booking.models.series import Series as SeriesRow
from booking.models.utilisation import RefusedWish
from booking.services.booking_moves import cancel_booking
from booking.services.bookings import Key, preview_booking, request_booking
from booking.services.outbox import address_notices
from booking.services.recurrences import days_of
from booking.services.series import Asked, book_in_turn, preview_series, request_series
from tests.support.lives import NOW, Totals, at, book, entries, events, found, levels, totals, window
from tests.support.series import FIRST, begin, day, plan, series_found
from tests.support.world import World

Worlds = Callable[..., World]


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[tuple[Code, str]]:
    return [(refusal.code, refusal.field) for refusal in caught.value.refusals]


def series_there_are() -> int:
    with db.engine.connect() as connection:
        return connection.scalar(select(func.count(SeriesRow.id))) or 0


def mail() -> list[tuple[str, str]]:
    """Events and addresses of all mail that waits."""
    address_notices(NOW)
    asked = select(OutboxItem.event, OutboxItem.destination).where(OutboxItem.destination != "notices")
    with db.engine.connect() as connection:
        return sorted((row.event, row.destination) for row in connection.execute(asked))


def test_every_date_becomes_a_booking_of_its_own(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world, seats=1)
    assert [booking.occurrence for booking in series.bookings] == [day(3), day(4), day(5), day(6)]
    assert [booking.window.start for booking in series.bookings] == [at(25 + 24 * n) for n in range(4)]
    assert {booking.state for booking in series.bookings} == {State.CONFIRMED}
    assert (totals(world.pool_grant), totals(world.dataset_grant)) == (Totals(4 * 16, 0), Totals(4 * 2, 0))
    assert len(levels(world.pool, window(24, 120)).changes) == 8
    for booking in series.bookings:
        assert found(booking.id) == booking
        assert events(booking.id) == ["confirmed"]
        assert entries(booking.id) == [("hold", 16), ("hold", 2)]
    kept = series_found(series.id)
    assert kept.plan == series.plan
    assert [one.id for one in kept.bookings] == [one.id for one in series.bookings]


def test_wall_times_of_the_zone_are_kept_over_a_change_of_clocks(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world, "FREQ=WEEKLY;COUNT=3", first=day(16))
    assert [booking.window.start.hour for booking in series.bookings] == [9, 9, 8]
    assert series.bookings[2].window.start == datetime(2026, 3, 30, 8, tzinfo=UTC)


def test_one_date_that_does_not_fit_refuses_all_and_leaves_nothing(a_world: Worlds) -> None:
    world = a_world(units=8)
    rival = request_booking(world.order(window(73, 74), team=world.rival_team), actor=world.rival, now=NOW)
    with pytest.raises(Refused) as caught:
        begin(world)
    assert codes(caught) == [(Code.CAPACITY_EXCEEDED, "dates.2.claims.0.units")]
    assert caught.value.refusals[0].numbers["date"] == "2026-03-05"
    assert (totals(world.pool_grant), series_there_are()) == (Totals(0, 0), 0)
    assert levels(world.pool, window(0, 120)).changes == ((at(73), 8), (at(74), 0))
    assert found(rival.id) == rival
    with db.engine.connect() as connection:
        (wish,) = connection.execute(select(RefusedWish.starts_at, RefusedWish.codes)).all()
    assert (wish.starts_at, wish.codes) == (at(73), "capacity_exceeded")


def test_series_that_wait_together_are_booked_whole_or_not_each_beside_those_before_it(a_world: Worlds) -> None:
    world = a_world()
    rivals = replace(plan(world, rule="FREQ=DAILY;COUNT=2", units=40), team_id=world.rival_team)
    mine = plan(world, units=30)
    again, less = (plan(world, units=units, first=day(6)) for units in (40, 34))
    key = Key("name", "digest")
    turn = [
        Asked(one, dates, tuple(each.day for each in dates.occurrences), actor, NOW, name, "")
        for one, actor, name in (
            (mine, world.lead, None), (rivals, world.rival, None), (again, world.lead, None), (less, world.lead, key)
        )
        for dates in [dates_of(one, days_of(one.rule, one.times.first))]
    ]  # fmt: skip
    first, refused, too_much, last = book_in_turn(turn)
    assert isinstance(first, Series)
    assert isinstance(last, Series)
    assert isinstance(refused, Refused)
    assert isinstance(too_much, Refused)
    assert [each.field for each in refused.refusals] == ["dates.0.claims.0.units", "dates.1.claims.0.units"]
    assert [each.field for each in too_much.refusals] == ["dates.0.claims.0.units"]
    assert series_there_are() == 2
    for one in (first, last):
        assert series_found(one.id) == replace(one, bookings=series_found(one.id).bookings)
        assert [found(each.id) for each in one.bookings] == list(one.bookings)
    assert totals(world.rival_pool_grant) == (0, 0)
    assert request_series(less, actor=world.lead, now=NOW, key=key).id == last.id


def test_the_chosen_dates_are_booked_and_the_others_become_exceptions(a_world: Worlds) -> None:
    world = a_world(units=8)
    request_booking(world.order(window(73, 74), team=world.rival_team), actor=world.rival, now=NOW)
    asked = plan(world, additions=frozenset({day(20), day(21)}))
    series = request_series(asked, actor=world.lead, now=NOW, days=[day(20), day(6), day(3)])
    assert [booking.occurrence for booking in series.bookings] == [day(3), day(6), day(20)]
    kept = series_found(series.id).plan
    assert (kept.exceptions, kept.additions) == ({day(4), day(5)}, {day(20)})


def test_refusals_of_chosen_dates_count_as_they_were_chosen(a_world: Worlds) -> None:
    world = a_world(units=8)
    request_booking(world.order(window(73, 74), team=world.rival_team), actor=world.rival, now=NOW)
    with pytest.raises(Refused) as caught:
        request_series(plan(world), actor=world.lead, now=NOW, days=[day(5), day(3)])
    assert codes(caught) == [(Code.CAPACITY_EXCEEDED, "dates.0.claims.0.units")]
    with pytest.raises(Invalid):
        request_series(plan(world), actor=world.lead, now=NOW, days=[])


def test_later_dates_are_judged_against_what_the_earlier_ones_take_of_the_quota(a_world: Worlds) -> None:
    world = a_world(pool_hours=40)
    preview = preview_series(plan(world), actor=world.lead, now=NOW)
    assert [[refusal.code for refusal in one.decision.refusals] for one in preview.judged] == [
        [], [], [Code.QUOTA_EXCEEDED], [Code.QUOTA_EXCEEDED],
    ]  # fmt: skip
    assert preview.judged[2].decision.refusals[0].numbers["left_unit_seconds"] == 8 * 3600
    assert preview.cost == 2 * 16 * 3600
    assert totals(world.pool_grant) == Totals(0, 0)
    with pytest.raises(Refused) as caught:
        begin(world)
    assert {field.partition(".claims")[0] for _, field in codes(caught)} == {"dates.2", "dates.3"}


def test_a_cap_counts_in_each_period_with_the_dates_in_it(a_world: Worlds) -> None:
    """Tuesday to Sunday take more than a week allows; the Monday after them begins another one."""
    world = a_world(cap_hours=5 * 16)
    preview = preview_series(plan(world, "FREQ=DAILY;COUNT=8"), actor=world.lead, now=NOW)
    refused = [one.occurrence.day for one in preview.judged if one.decision.refusals]
    assert refused == [day(8)]


@pytest.mark.parametrize(
    ("policy", "refused"),
    [
        ({"max_units_per_team": 8}, [day(4), day(6)]),
        ({"max_concurrent_bookings": 1}, [day(4), day(6)]),
        ({"max_concurrent_bookings": 2}, []),
    ],
)
def test_dates_that_overlap_count_at_the_same_time(
    a_world: Worlds, policy: dict[str, Any], refused: list[date]
) -> None:
    world = a_world(policy=policy)
    asked = plan(world)
    overlapping = replace(asked, times=replace(asked.times, end=datetime(2026, 3, 4, 12)))
    preview = preview_series(overlapping, actor=world.lead, now=NOW)
    assert [one.occurrence.day for one in preview.judged if one.decision.refusals] == refused


def test_dates_that_overlap_take_the_units_of_both(a_world: Worlds) -> None:
    world = a_world(units=16)
    asked = plan(world)
    request_series(replace(asked, times=replace(asked.times, end=datetime(2026, 3, 4, 12))), actor=world.lead, now=NOW)
    assert levels(world.pool, window(24, 200)).highest(window(24, 200)) == 16


def test_splitting_into_dates_gains_nothing_on_the_owners_threshold(a_world: Worlds) -> None:
    world = a_world(policy={"auto_approve_unit_hours": 40})
    series = begin(world)
    assert [booking.state for booking in series.bookings] == [
        State.CONFIRMED, State.CONFIRMED, State.PENDING, State.PENDING,
    ]  # fmt: skip
    assert mail() == [
        ("series_booked", "mail:lead@example.org"),
        ("series_booked", "mail:member@example.org"),
        ("series_booked", "mail:operator@example.org"),
    ]


def test_one_letter_tells_of_all_dates(a_world: Worlds) -> None:
    world = a_world()
    begin(world)
    assert mail() == [("series_booked", "mail:lead@example.org"), ("series_booked", "mail:member@example.org")]


def test_a_preview_answers_each_date_as_a_preview_of_one_booking_does(a_world: Worlds) -> None:
    world = a_world(units=8, policy={"max_minutes": 90, "notice_minutes": 2_000})
    for one in preview_series(plan(world, units=9), actor=world.lead, now=NOW).judged:
        alone = preview_booking(one.occurrence.order, actor=world.lead, now=NOW)
        assert one.decision.refusals == alone.refusals != ()


def test_the_same_key_and_body_answer_with_the_same_series(a_world: Worlds) -> None:
    world = a_world()
    first, again = (request_series(plan(world), actor=world.lead, now=NOW, key=Key("once", "digest")) for _ in range(2))
    assert again.id == first.id
    assert (series_there_are(), totals(world.pool_grant)) == (1, Totals(64, 0))
    with pytest.raises(Invalid) as caught:
        request_series(plan(world, units=9), actor=world.lead, now=NOW, key=Key("once", "other digest"))
    assert caught.value.field == "Idempotency-Key"


def test_what_is_due_in_the_way_is_settled_first(a_world: Worlds) -> None:
    world = a_world(units=8, policy={"auto_approve_unit_hours": 16, "hold_minutes": 60})
    book(world, 25, 30)
    with pytest.raises(Refused):
        begin(world, team=world.team)
    series = begin(world, "FREQ=DAILY;COUNT=1", now=at(1))
    assert series.bookings[0].window == window(25, 27)


def test_only_members_ask_and_owners_with_a_reason(a_world: Worlds) -> None:
    world = a_world()
    for ask in (preview_series, request_series):
        with pytest.raises(Refused) as caught:
            ask(plan(world), actor=world.rival, now=NOW)
        assert codes(caught) == [(Code.NOT_A_MEMBER, "team")]
    series = request_series(plan(world), actor=world.operator, now=NOW, reason="by telephone")
    assert found(series.bookings[0].id).history[0].reason == "by telephone"


def test_claims_on_two_resources_stand_or_fall_together_on_every_date(a_world: Worlds) -> None:
    world = a_world(seats=1)
    other = (Claim(world.dataset, 1),)
    request_booking(
        replace(world.order(Window(at(49), at(50)), team=world.rival_team), claims=other), actor=world.rival, now=NOW
    )
    with pytest.raises(Refused) as caught:
        begin(world, seats=1)
    assert codes(caught) == [(Code.CAPACITY_EXCEEDED, "dates.1.claims.1.units")]
    assert totals(world.pool_grant) == Totals(0, 0)


def test_a_single_date_is_cancelled_like_any_booking_and_the_others_stay(a_world: Worlds) -> None:
    world = a_world()
    series = begin(world)
    cancel_booking(series.bookings[1].id, actor=world.lead, now=NOW)
    states = [booking.state for booking in series_found(series.id).bookings]
    assert states == [State.CONFIRMED, State.CANCELLED, State.CONFIRMED, State.CONFIRMED]


def test_there_is_no_series_that_nobody_asked_for(a_world: Worlds) -> None:
    a_world()
    with pytest.raises(NotFound):
        series_found(1)


def test_as_many_dates_as_there_may_be_are_booked(a_world: Worlds) -> None:
    world = a_world(policy={"horizon_days": None})
    assert len(begin(world, "FREQ=DAILY;COUNT=370", first=FIRST).bookings) == 370
