"""Windows are half-open, in UTC, and begin and end on a grid that is counted from 1970."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.windows import EPOCH, Window, ceil_to_grid, floor_to_grid, is_on_grid
from tests.domain.examples import MONDAY, at, hours, windows

GRIDS = [1, 7, 15, 60, 90, 1440]

# Allen's thirteen relations of a window to 10–14 o'clock, and the hours they share.
RELATIONS = {
    "before": ((6, 8), None),
    "meets": ((6, 10), None),
    "overlaps": ((8, 12), (10, 12)),
    "starts": ((10, 12), (10, 12)),
    "during": ((11, 13), (11, 13)),
    "finishes": ((12, 14), (12, 14)),
    "equals": ((10, 14), (10, 14)),
    "is finished by": ((8, 14), (10, 14)),
    "contains": ((8, 16), (10, 14)),
    "is started by": ((10, 16), (10, 14)),
    "is overlapped by": ((12, 16), (12, 14)),
    "is met by": ((14, 16), None),
    "after": ((15, 16), None),
}


@pytest.mark.parametrize(("own", "shared"), RELATIONS.values(), ids=RELATIONS)
def test_windows_overlap_where_they_share_an_instant_and_touching_ones_do_not(own, shared):
    window, other = hours(*own), hours(10, 14)
    expected = hours(*shared) if shared else None
    assert window.overlaps(other) is other.overlaps(window) is (shared is not None)
    assert window.intersection(other) == other.intersection(window) == expected


@given(windows(last=12), windows(last=12))
def test_two_windows_share_exactly_the_minutes_that_are_in_both(one, two):
    both = [at(minute=m) for m in range(12) if one.contains(at(minute=m)) and two.contains(at(minute=m))]
    shared = one.intersection(two)
    assert [at(minute=m) for m in range(12) if shared and shared.contains(at(minute=m))] == both
    assert one.overlaps(two) is bool(both)


def test_a_window_contains_its_start_and_not_its_end():
    window = hours(10, 12)
    assert window.contains(at(10))
    assert window.contains(at(12) - timedelta(microseconds=1))
    assert not window.contains(at(12))
    assert not window.contains(at(10) - timedelta(microseconds=1))


@pytest.mark.parametrize(("start", "end"), [(10, 10), (12, 10)], ids=["empty", "backwards"])
def test_a_window_that_is_empty_or_runs_backwards_cannot_be_made(start, end):
    with pytest.raises(ValueError, match="ends after its start"):
        hours(start, end)


NAIVE = datetime(2026, 3, 2, 10)
PARIS = datetime(2026, 3, 2, 10, tzinfo=ZoneInfo("Europe/Paris"))
PLUS_EIGHT = datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize("instant", [NAIVE, PARIS, PLUS_EIGHT], ids=["naive", "Paris", "+08:00"])
def test_a_window_is_made_of_instants_in_utc(instant):
    # Two instants of one zone are compared and subtracted by their wall clocks, which is wrong over a DST change.
    with pytest.raises(ValueError, match="UTC"):
        Window(instant, at(day=9))
    with pytest.raises(ValueError, match="UTC"):
        Window(at(day=-9), instant)


def test_any_way_of_saying_utc_will_do():
    for zone in (UTC, ZoneInfo("UTC"), timezone(timedelta(0))):
        assert Window(datetime(2026, 3, 2, 10, tzinfo=zone), datetime(2026, 3, 2, 12, tzinfo=zone)) == hours(10, 12)


@pytest.mark.parametrize(("month", "day", "length"), [(3, 29, 23), (10, 25, 25), (6, 1, 24)])
def test_a_day_of_paris_lasts_as_long_as_it_does(month, day, length):
    zone = ZoneInfo("Europe/Paris")
    first = datetime(2026, month, day, tzinfo=zone)
    following = first + timedelta(days=1)
    assert Window(first.astimezone(UTC), following.astimezone(UTC)).seconds == length * 3600


def test_windows_go_over_midnight_month_end_and_year_end():
    year_end = Window(datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 1, 1, 1, tzinfo=UTC))
    assert year_end.seconds == 7200
    assert year_end.overlaps(Window(datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)))


@given(windows(), st.lists(st.integers(-5, 65)))
def test_the_parts_of_a_split_are_the_window_cut_at_the_instants_inside(window, cuts):
    instants = [at(minute=m) for m in cuts]
    parts = window.split(instants)
    assert (parts[0].start, parts[-1].end) == (window.start, window.end)
    assert all(one.end == two.start for one, two in pairwise(parts))
    inside = {instant for instant in instants if window.contains(instant)} - {window.start}
    assert {part.start for part in parts[1:]} == inside


INSTANTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(INSTANTS, st.sampled_from(GRIDS))
def test_the_grid_is_counted_in_whole_steps_from_1970_before_and_after_it(instant, grid):
    floor, ceil, step = floor_to_grid(instant, grid), ceil_to_grid(instant, grid), timedelta(minutes=grid)
    assert (floor - EPOCH) % step == (ceil - EPOCH) % step == timedelta(0)
    assert floor <= instant < floor + step
    assert ceil - step < instant <= ceil
    assert is_on_grid(instant, grid) is (floor == ceil) is (instant == floor)


@given(INSTANTS, st.sampled_from(GRIDS))
def test_what_is_on_the_grid_stays_where_it_is(instant, grid):
    on = floor_to_grid(instant, grid)
    assert floor_to_grid(on, grid) == ceil_to_grid(on, grid) == on
    assert floor_to_grid(on - timedelta(microseconds=1), grid) == on - timedelta(minutes=grid)
    assert ceil_to_grid(on + timedelta(microseconds=1), grid) == on + timedelta(minutes=grid)


@pytest.mark.parametrize(
    ("grid", "before", "after"),
    [
        (1, at(10, 22), at(10, 23)),
        (15, at(10, 15), at(10, 30)),
        (60, at(10), at(11)),
        (90, at(9), at(10, 30)),
        (1440, at(0), at(day=1)),
        # 10:17 on 2 March 2026 is 29,540,777 minutes after 1970, which is seven times 4,220,111.
        (7, at(10, 17), at(10, 24)),
    ],
)
def test_a_time_of_day_falls_between_these_two_steps(grid, before, after):
    instant = at(10, 22, 30)
    assert floor_to_grid(instant, grid) == before
    assert ceil_to_grid(instant, grid) == after


def test_a_day_long_grid_begins_at_midnight_in_utc():
    assert floor_to_grid(at(23, 59, 59.999999), 1440) == MONDAY
    assert is_on_grid(MONDAY, 1440)
