"""Utilisation, second by second: what is summed up is what was there."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.capacity import Steps
from booking.domain.lifecycle import State
from booking.domain.utilisation import (
    Per,
    Share,
    Use,
    amount,
    came,
    days_between,
    local_hours,
    midnight,
    period_of,
    summed,
)
from booking.domain.windows import Window

START = datetime(2026, 3, 27, 22, tzinfo=UTC)
ZONES = ("UTC", "Asia/Shanghai", "Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu")
QUARTER = timedelta(minutes=15)
SPAN = 4 * 24 * 3  # three days of quarters, over the night in which clocks in Paris are put forward


def at(quarters: int) -> datetime:
    return START + quarters * QUARTER


@st.composite
def uses(draw: st.DrawFn) -> Use:
    start = draw(st.integers(0, SPAN - 1))
    window = Window(at(start), at(draw(st.integers(start + 1, SPAN))))
    units = draw(st.integers(1, 5))
    coming, missing = draw(st.sampled_from([(True, False), (False, True), (False, False)]))
    measured = draw(st.none() | st.integers(0, units * window.seconds))
    return Use(draw(st.integers(1, 3)), window, units, coming, missing, measured)


LEVELS = st.lists(st.integers(0, 9), min_size=1, max_size=8)


def offer_of(levels: list[int]) -> Steps:
    return Steps.of((at(number * SPAN // len(levels)), level) for number, level in enumerate(levels))


@settings(max_examples=40)
@given(st.lists(uses(), max_size=8), LEVELS, st.sampled_from(ZONES))
def test_every_quarter_is_counted_once_in_its_day_and_hour(found: list[Use], levels: list[int], zone: str):
    """Brute force: look at every quarter by itself."""
    offer = offer_of(levels)
    days = summed(days_between(at(0), at(SPAN), zone), zone, offer, found)
    by_day = {day.day: day for day in days}

    published: dict[tuple[date, int], int] = {}
    booked: dict[tuple[date, int], int] = {}
    shares: dict[tuple[date, int], Share] = {}
    for quarter in range(SPAN):
        local = at(quarter).astimezone(ZoneInfo(zone))
        place = (local.date(), local.hour)
        published[place] = published.get(place, 0) + offer.level_at(at(quarter)) * 900
        for use in found:
            if use.window.contains(at(quarter)):
                own = use.units * 900
                booked[place] = booked.get(place, 0) + own
                key = (local.date(), use.team_id)
                part = Share(own, own * use.came, own * use.no_show, 0, own * (use.measured is not None))
                shares[key] = shares.get(key, Share()) + part

    for day in days:
        for hour in range(24):
            assert day.published_hours[hour] == published.get((day.day, hour), 0)
            assert day.booked_hours[hour] == booked.get((day.day, hour), 0)
    for (day, team), share in shares.items():
        found_share = by_day[day].shares[team]
        assert found_share.booked == share.booked
        assert (found_share.checked_in, found_share.no_show) == (share.checked_in, share.no_show)
        assert found_share.measured_of == share.measured_of
    total = sum((one for day in days for one in day.shares.values()), Share())
    assert total.booked == sum(use.units * use.window.seconds for use in found)
    assert total.measured == sum(use.measured or 0 for use in found), "what was measured is not lost between days"


def test_a_day_of_23_and_one_of_25_hours_are_whole():
    short = days_between(midnight(date(2026, 3, 29), "Europe/Paris"), midnight(date(2026, 3, 30), "Europe/Paris"),
                         "Europe/Paris")  # fmt: skip
    long = days_between(midnight(date(2026, 10, 25), "Europe/Paris"), midnight(date(2026, 10, 26), "Europe/Paris"),
                        "Europe/Paris")  # fmt: skip
    assert [day.window.seconds // 3600 for day in (*short, *long)] == [23, 25]
    hours = [hour for hour, _ in local_hours(long[0].window, "Europe/Paris")]
    assert hours.count(2) == 2
    assert [hour for hour, _ in local_hours(short[0].window, "Europe/Paris")].count(2) == 0


@pytest.mark.parametrize(("before", "after"), [("Asia/Shanghai", "Europe/Paris"), ("Europe/Paris", "Asia/Shanghai")])
def test_a_facility_that_changes_its_zone_has_no_day_twice_and_no_second_in_none(before: str, after: str):
    first = days_between(START, midnight(date(2026, 3, 30), before), before)
    later = days_between(first[-1].window.end, midnight(date(2026, 4, 2), after), after, first[-1].day)

    days = [*first, *later]
    assert len({day.day for day in days}) == len(days)
    assert all(one.window.end == other.window.start for one, other in pairwise(days))


@pytest.mark.parametrize(
    ("state", "asked", "checked_in", "used"),
    [
        (State.COMPLETED, False, False, True),
        (State.ACTIVE, False, False, True),
        (State.CONFIRMED, False, False, False),
        (State.CONFIRMED, True, True, True),
        (State.COMPLETED, True, False, False),
        (State.NO_SHOW, True, False, False),
        (State.REVOKED, True, True, True),
        (State.CANCELLED, False, False, False),
    ],
)
def test_who_checked_in_came_and_where_nobody_asks_the_start_says_so(state, asked, checked_in, used):
    assert came(state, asked, checked_in) is used


def test_a_level_is_summed_over_its_changes():
    steps = Steps(((at(0), 4), (at(4), 1)))
    assert amount(steps, Window(at(-4), at(8))) == 4 * 3600 + 3600


def test_a_period_is_named_after_its_first_day():
    assert period_of(date(2026, 3, 1), Per.WEEK) == date(2026, 2, 23)
    assert period_of(date(2026, 3, 31), Per.MONTH) == date(2026, 3, 1)
    assert period_of(date(2026, 3, 31), Per.DAY) == date(2026, 3, 31)
