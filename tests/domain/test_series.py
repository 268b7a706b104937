"""Series: which dates they have, and at which instants, over changes of clocks and in every zone of the server."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from booking.domain.errors import Invalid
from booking.domain.orders import Claim
from booking.domain.recurrence import read_rule
from booking.domain.refusals import Code, Refusal
from booking.domain.series import Dates, LocalTimes, Plan, chosen, dates_of, of_date
from booking.services.recurrences import days_of
from tests.support.server_zones import ZONES, server_in


@pytest.fixture(autouse=True, params=ZONES)
def _server(request: pytest.FixtureRequest) -> Iterator[None]:
    with server_in(request.param):
        yield


def times(zone: str, first: date, start: str, end: str, nights: int = 0) -> LocalTimes:
    """Local times on a first date, and the end so many nights later."""
    begins, ends = (datetime.combine(first, time.fromisoformat(each)) for each in (start, end))
    return LocalTimes(zone, first, begins, ends + timedelta(days=nights))


def plan(rule: str, on: LocalTimes, **more: Any) -> Plan:
    return Plan(1, read_rule(rule), on, (Claim(1, 8),), "training", **more)


def dates(asked: Plan) -> Dates:
    return dates_of(asked, days_of(asked.rule, asked.times.first))


def days(asked: Plan) -> list[str]:
    return [one.day.isoformat() for one in dates(asked).occurrences]


def windows(asked: Plan) -> list[tuple[str, str]]:
    """The windows of all dates in UTC, written as day, hour and minute."""
    found = (one.order.window for one in dates(asked).occurrences)
    return [(f"{each.start:%d %H:%M}", f"{each.end:%d %H:%M}") for each in found]


def said(asked: Plan) -> list[str]:
    return [str(one) for one in dates(asked).skipped]


MORNINGS = times("UTC", date(2026, 12, 1), "10:00", "12:00")


@pytest.mark.parametrize(
    ("rule", "first", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=2;COUNT=3", date(2026, 12, 30), ["2026-12-30", "2027-01-01", "2027-01-03"]),
        ("FREQ=WEEKLY;COUNT=2", date(2026, 12, 29), ["2026-12-29", "2027-01-05"]),
        ("FREQ=WEEKLY;BYDAY=SU,MO;COUNT=3", date(2026, 12, 1), ["2026-12-06", "2026-12-07", "2026-12-13"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=4", date(2026, 12, 4),
         ["2026-12-04", "2026-12-14", "2026-12-18", "2026-12-28"]),
        ("FREQ=MONTHLY;COUNT=3", date(2027, 1, 31), ["2027-01-31", "2027-03-31", "2027-05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=29;COUNT=3", date(2027, 1, 1), ["2027-01-29", "2027-03-29", "2027-04-29"]),
        ("FREQ=MONTHLY;BYMONTHDAY=29;COUNT=2", date(2028, 1, 30), ["2028-02-29", "2028-03-29"]),
        ("FREQ=MONTHLY;INTERVAL=12;COUNT=3", date(2028, 2, 29), ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("FREQ=MONTHLY;BYDAY=5MO;COUNT=3", date(2026, 12, 1), ["2027-03-29", "2027-05-31", "2027-08-30"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", date(2026, 12, 1), ["2026-12-25", "2027-01-29"]),
        ("FREQ=DAILY;UNTIL=20261203", date(2026, 12, 1), ["2026-12-01", "2026-12-02", "2026-12-03"]),
        ("FREQ=DAILY;UNTIL=20261201", date(2026, 12, 1), ["2026-12-01"]),
    ],
)  # fmt: skip
def test_a_rule_has_these_days(rule: str, first: date, expected: list[str]) -> None:
    assert days(plan(rule, times("Europe/Paris", first, "10:00", "12:00"))) == expected


def test_the_last_day_is_that_of_the_zone_and_not_of_the_server_or_of_utc() -> None:
    """At 23:00 in New York it is the next day in UTC, and at 00:30 in Shanghai still the day before."""
    for zone, start in (("America/New_York", "23:00"), ("Asia/Shanghai", "00:30")):
        evening = times(zone, date(2026, 12, 1), start, "23:45")
        assert days(plan("FREQ=DAILY;UNTIL=20261202", evening)) == ["2026-12-01", "2026-12-02"]


def test_months_without_such_a_day_are_left_out_and_said() -> None:
    on_31st = plan("FREQ=MONTHLY;COUNT=2", times("UTC", date(2027, 1, 31), "10:00", "12:00"))
    assert said(on_31st) == ["2027-02 has no day 31: nothing is booked then."]
    fifth = plan("FREQ=MONTHLY;BYDAY=5MO;COUNT=1", MORNINGS)
    assert said(fifth)[0] == "2026-12 has no fifth such weekday: nothing is booked then."


@pytest.mark.parametrize(
    ("zone", "first", "expected"),
    [
        ("America/New_York", date(2026, 3, 7), [("07 14:00", "07 16:00"), ("08 13:00", "08 15:00")]),
        ("America/New_York", date(2026, 10, 31), [("31 13:00", "31 15:00"), ("01 14:00", "01 16:00")]),
        ("Europe/Paris", date(2026, 3, 28), [("28 08:00", "28 10:00"), ("29 07:00", "29 09:00")]),
        ("Europe/Paris", date(2026, 10, 24), [("24 07:00", "24 09:00"), ("25 08:00", "25 10:00")]),
        ("Australia/Lord_Howe", date(2026, 4, 4), [("03 22:00", "04 00:00"), ("04 22:30", "05 00:30")]),
        ("Australia/Lord_Howe", date(2026, 10, 3), [("02 22:30", "03 00:30"), ("03 22:00", "04 00:00")]),
        ("Asia/Shanghai", date(2026, 3, 28), [("28 01:00", "28 03:00"), ("29 01:00", "29 03:00")]),
    ],
)
def test_wall_times_stay_over_a_change_of_clocks(zone: str, first: date, expected: list[tuple[str, str]]) -> None:
    assert windows(plan("FREQ=DAILY;COUNT=2", times(zone, first, "09:00", "11:00"))) == expected


def test_a_time_that_clocks_skip_moves_forward_by_the_gap() -> None:
    """In Paris 02:00 to 03:00 of 29 March does not exist, on Lord Howe 02:00 to 02:30 of 4 October."""
    paris = plan("FREQ=DAILY;COUNT=2", times("Europe/Paris", date(2026, 3, 28), "02:30", "05:00"))
    assert windows(paris) == [("28 01:30", "28 04:00"), ("29 01:30", "29 03:00")]  # from 03:30, as clocks show it
    howe = plan("FREQ=DAILY;COUNT=2", times("Australia/Lord_Howe", date(2026, 10, 3), "01:00", "02:15"))
    assert windows(howe) == [("02 14:30", "02 15:45"), ("03 14:30", "03 15:45")]  # until 02:45


def test_a_time_that_clocks_show_twice_is_the_first() -> None:
    """In Paris 02:00 to 03:00 of 25 October is shown twice, on Lord Howe 01:30 to 02:00 of 5 April."""
    paris = plan("FREQ=DAILY;COUNT=2", times("Europe/Paris", date(2026, 10, 24), "02:30", "04:00"))
    assert windows(paris) == [("24 00:30", "24 02:00"), ("25 00:30", "25 03:00")]
    howe = plan("FREQ=DAILY;COUNT=2", times("Australia/Lord_Howe", date(2026, 4, 4), "01:45", "03:00"))
    assert windows(howe) == [("03 14:45", "03 16:00"), ("04 14:45", "04 16:30")]


def test_a_date_of_which_clocks_skip_all_is_left_out_and_said() -> None:
    asked = plan("FREQ=DAILY;COUNT=3", times("Europe/Paris", date(2026, 3, 28), "02:45", "03:15"))
    assert days(asked) == ["2026-03-28", "2026-03-30"]
    assert said(asked) == ["Clocks are put forward over all of it on 2026-03-29: nothing is booked."]


def test_days_of_twenty_three_and_twenty_five_hours_end_at_midnight() -> None:
    for first, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        (whole,) = dates(plan("FREQ=DAILY;COUNT=1", times("Europe/Paris", first, "00:00", "00:00", 1))).occurrences
        assert whole.order.window.seconds == hours * 3600


def test_an_evening_ends_after_midnight_at_the_end_of_a_month_and_of_a_year() -> None:
    nights = plan("FREQ=DAILY;COUNT=2", times("Asia/Shanghai", date(2026, 12, 31), "22:00", "02:00", 1))
    first, second = (one.order.window for one in dates(nights).occurrences)
    assert first.start == datetime(2026, 12, 31, 14, tzinfo=UTC)
    assert second.end == datetime(2027, 1, 1, 18, tzinfo=UTC)


def test_exceptions_are_left_out_and_additions_are_put_in_their_place() -> None:
    asked = plan(
        "FREQ=WEEKLY;COUNT=3",
        MORNINGS,
        exceptions=frozenset({date(2026, 12, 8)}),
        additions=frozenset({date(2026, 12, 10), date(2026, 12, 15)}),
    )
    assert days(asked) == ["2026-12-01", "2026-12-10", "2026-12-15"]


def test_what_is_no_date_is_neither_left_out_nor_chosen() -> None:
    with pytest.raises(Invalid, match="2026-12-09") as caught:
        dates(plan("FREQ=WEEKLY;COUNT=3", MORNINGS, exceptions=frozenset({date(2026, 12, 9)})))
    assert caught.value.field == "except"
    found = dates(plan("FREQ=WEEKLY;COUNT=3", MORNINGS))
    for wanted in ([date(2026, 12, 1), date(2026, 12, 2)], [date(2026, 12, 1), date(2026, 12, 1)]):
        with pytest.raises(Invalid) as caught:
            chosen(found, wanted)
        assert caught.value.field == "dates.1"
    assert [one.day.day for one in chosen(found, [date(2026, 12, 15), date(2026, 12, 1)]).occurrences] == [1, 15]


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        ("FREQ=DAILY;UNTIL=20271206", {}),
        ("FREQ=DAILY;COUNT=370", {"additions": frozenset({date(2030, 1, 1)})}),
        ("FREQ=DAILY;COUNT=1", {"exceptions": frozenset({date(2026, 12, 1)})}),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;UNTIL=22000101", {}),
        ("FREQ=DAILY;COUNT=1", {"additions": frozenset({date(9999, 12, 31)})}),
        ("FREQ=DAILY;COUNT=1", {"additions": frozenset({date(1, 1, 1)})}),
    ],
)
def test_too_many_dates_none_and_those_that_nobody_can_mean_are_refused(rule: str, more: dict[str, Any]) -> None:
    on = times("Asia/Shanghai", date(2027, 2, 1) if "31" in rule else date(2026, 12, 1), "00:00", "00:15")
    with pytest.raises(Invalid):
        dates(plan(rule, on, **more))


def test_as_many_dates_as_there_may_be_are_none_too_many() -> None:
    assert len(dates(plan("FREQ=DAILY;COUNT=370", MORNINGS)).occurrences) == 370


def test_an_end_that_is_not_after_the_start_is_refused() -> None:
    for end in ("10:00", "09:00"):
        with pytest.raises(Invalid) as caught:
            times("UTC", date(2026, 12, 1), "10:00", end)
        assert caught.value.field == "ends_at"


def test_other_times_are_said_for_any_date_and_count_for_all() -> None:
    paris = times("Europe/Paris", date(2026, 10, 20), "09:00", "11:00")
    later = paris.moved(date(2026, 10, 27), datetime(2026, 10, 27, 14), datetime(2026, 10, 27, 16))
    assert (later.start, later.end) == (datetime(2026, 10, 20, 14), datetime(2026, 10, 20, 16))
    assert later.on(date(2026, 10, 24)).start == datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert later.on(date(2026, 10, 25)).start == datetime(2026, 10, 25, 13, tzinfo=UTC)
    next_day = paris.moved(paris.first, datetime(2026, 10, 21, 9), datetime(2026, 10, 21, 11))
    assert next_day.on(date(2026, 10, 24)).start == datetime(2026, 10, 25, 8, tzinfo=UTC)
    assert paris.moved(paris.first, None, datetime(2026, 10, 20, 12)).start == paris.start


def test_refusals_say_which_date_they_are_about() -> None:
    refusals = [Refusal(Code.OFF_GRID, "No.", "starts_at", {"grid_minutes": 15}), Refusal(Code.TEAM_SUSPENDED, "No.")]
    first, second = of_date(refusals, 3, date(2026, 12, 1))
    assert (first.field, first.numbers) == ("dates.3.starts_at", {"grid_minutes": 15, "date": "2026-12-01"})
    assert second.field == "dates.3"
