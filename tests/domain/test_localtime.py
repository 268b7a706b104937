"""Local times: what clocks show, what they skip, and what they show twice."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.domain.localtime import local_days, to_local, to_utc
from booking.domain.windows import Window

PARIS, LORD_HOWE, SHANGHAI = "Europe/Paris", "Australia/Lord_Howe", "Asia/Shanghai"


@pytest.mark.parametrize(
    ("naive", "zone", "instant"),
    [
        (datetime(2026, 3, 2, 8, 0), SHANGHAI, datetime(2026, 3, 2, 0, 0, tzinfo=UTC)),
        (datetime(2026, 3, 2, 0, 0), SHANGHAI, datetime(2026, 3, 1, 16, 0, tzinfo=UTC)),
        (datetime(2026, 3, 29, 1, 59), PARIS, datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (datetime(2026, 3, 29, 3, 0), PARIS, datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (datetime(2026, 7, 1, 12, 0), "UTC", datetime(2026, 7, 1, 12, 0, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_the_instant_at_which_clocks_show_it(naive: datetime, zone: str, instant: datetime) -> None:
    assert to_utc(naive, zone) == instant
    assert to_local(instant, zone) == naive


@pytest.mark.parametrize(
    ("naive", "zone"),
    [
        (datetime(2026, 3, 29, 2, 0), PARIS),
        (datetime(2026, 3, 29, 2, 59), PARIS),
        (datetime(2026, 10, 4, 2, 15), LORD_HOWE),  # a shift of half an hour
    ],
)
def test_a_time_that_clocks_skip_is_refused_in_words(naive: datetime, zone: str) -> None:
    with pytest.raises(ValueError, match="put forward over this time"):
        to_utc(naive, zone)


@pytest.mark.parametrize(
    ("naive", "zone", "again"),
    [
        (datetime(2026, 10, 25, 2, 0), PARIS, timedelta(hours=1)),
        (datetime(2026, 4, 5, 1, 45), LORD_HOWE, timedelta(minutes=30)),
    ],
)
def test_a_time_that_clocks_show_twice_means_the_first(naive: datetime, zone: str, again: timedelta) -> None:
    first = to_utc(naive, zone)
    assert to_local(first, zone) == to_local(first + again, zone) == naive
    assert to_utc(naive.replace(fold=1), zone) == first


@pytest.mark.parametrize("year", [1, 1969, 2200, 9999])
def test_a_year_that_nobody_can_mean_is_refused_in_words(year: int) -> None:
    with pytest.raises(ValueError, match="too far away"):
        to_utc(datetime(year, 1, 1, 0, 0), SHANGHAI)


def test_days_are_those_of_the_local_calendar_cut_to_the_window() -> None:
    start, end = datetime(2026, 3, 1, 20, 0, tzinfo=UTC), datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert local_days(Window(start, end), SHANGHAI) == [Window(start, midnight), Window(midnight, end)]


def test_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    for first, hours in (
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), 23),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), 25),
    ):
        day, following = local_days(Window(first, first + timedelta(hours=48)), PARIS)[:2]
        assert day.seconds == hours * 3600
        assert following.start == day.end


def test_a_day_whose_midnight_clocks_skip_begins_when_they_go_on() -> None:
    # In Cairo clocks are put from midnight to one o'clock.
    before = datetime(2026, 4, 23, 12, 0, tzinfo=UTC)
    days = local_days(Window(before, before + timedelta(days=2)), "Africa/Cairo")
    assert [to_local(day.start, "Africa/Cairo").day for day in days] == [23, 24, 25]
    assert to_local(days[1].start, "Africa/Cairo").hour == 1
