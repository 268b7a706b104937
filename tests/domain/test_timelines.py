"""What of a calendar is looked at, and how levels and bookings are drawn of it."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.availability import Level, levels
from booking.domain.capacity import Steps
from booking.domain.timelines import MOST_LANES, Bar, Period, View, busy, coarse, lanes
from booking.domain.windows import Window
from tests.domain.examples import MONDAY, at, blocks, hours


def offering(*held: tuple[float, float, int], until: float = 24) -> list[Level]:
    return levels(Steps(base=64), blocks(*held), hours(0, until))


def test_a_period_begins_and_ends_at_midnight_of_its_place():
    period = Period(View.WEEK, date(2026, 3, 2), "Asia/Shanghai")
    assert period.window == Window(datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 8, 16, tzinfo=UTC))
    assert (period.before, period.after) == (date(2026, 2, 23), date(2026, 3, 9))
    assert len(period.parts()) == 7


def test_the_day_it_is_differs_by_the_place():
    evening = datetime(2026, 3, 2, 20, tzinfo=UTC)
    assert Period.from_now(View.DAY, evening, "Asia/Shanghai").day == date(2026, 3, 3)
    assert Period.from_now(View.DAY, evening, "UTC").day == date(2026, 3, 2)


def test_the_day_on_which_clocks_change_has_23_or_25_hours():
    for day, count in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 3, 30), 24)):
        parts = Period(View.DAY, day, "Europe/Paris").parts()
        assert len(parts) == count
        assert all(each.seconds == 3600 for each in parts)


def test_a_midnight_that_clocks_skip_is_the_moment_at_which_they_go_on():
    # In Havana clocks are put forward at midnight.
    window = Period(View.DAY, date(2026, 3, 8), "America/Havana").window
    assert window.start == datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert window.seconds == 23 * 3600


def test_few_levels_are_drawn_as_they_are():
    found = offering((1, 2, 8), (1.5, 3, 8))
    assert coarse(found, hours(0, 24)).levels == tuple(found)
    assert coarse(found, hours(0, 24)).minutes == 0


def test_many_levels_are_summed_up_to_the_least_offered_and_the_most_held():
    found = offering(*((quarter / 4, quarter / 4 + 0.25, quarter % 4) for quarter in range(96)))
    drawn = coarse(found, hours(0, 24), most=24)
    assert drawn.minutes == 60
    assert drawn.levels == (Level(at(0), 64, 3),)


@given(st.lists(st.tuples(st.integers(0, 94), st.integers(1, 40), st.integers(1, 9)), max_size=40))
def test_what_is_drawn_free_is_never_more_than_what_is(booked: list[tuple[int, int, int]]):
    found = offering(*((start / 4, min(24, (start + length) / 4), units) for start, length, units in booked))
    drawn = Steps.of((level.at, level.free) for level in coarse(found, hours(0, 24), most=12).levels)
    real = Steps.of((level.at, level.free) for level in found)
    for quarter in range(96):
        instant = at(quarter / 4)
        assert drawn.level_at(instant) <= real.level_at(instant)


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 20)), max_size=60))
def test_no_two_bars_of_a_row_overlap_and_rows_are_few(booked: list[tuple[int, int]]):
    rows = lanes(Bar(hours(start, start + length), 1) for start, length in booked)
    assert len(rows) <= MOST_LANES
    for row in rows:
        assert all(one.window.end <= other.window.start for one, other in pairwise(row))


def test_bars_that_touch_share_a_row():
    assert len(lanes([Bar(hours(0, 1), 1), Bar(hours(1, 2), 1)])) == 1


def test_busy_stretches_join_what_touches_and_say_the_most_that_is_held():
    found = offering((1, 3, 8), (2, 4, 8), (6, 24, 4))
    assert busy(found, hours(0, 24)) == [Bar(hours(1, 4), 16), Bar(hours(6, 24), 4)]
    assert busy(offering(), hours(0, 24)) == []


def test_a_stretch_that_lasts_ends_with_the_period():
    assert busy(offering((0, 90, 4)), hours(0, 24)) == [Bar(Window(MONDAY, MONDAY + timedelta(days=1)), 4)]
