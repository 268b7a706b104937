"""Draws on several grants equal a plain count step by step; periods, prices of ends and settlements are exact."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.ledger import EFFECTS, Cap, Draw, Entry, Grant, Line, Per, draw, price_of, settle, still_held
from booking.domain.windows import Window
from tests.domain.examples import ALWAYS, PLENTY, at, grant, hours, windows

STEP = timedelta(minutes=15)
# Midnight does not exist, or exists twice, on the day of a change in Havana, Cairo, Beirut and Asunción.
ZONES = [
    "UTC", "Europe/Paris", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
    "America/Havana", "Africa/Cairo", "Asia/Beirut", "America/Asuncion", "Pacific/Kiritimati",
]  # fmt: skip


# Periods -------------------------------------------------------------------------------------------------------------


def local_period(instant: datetime, per: Per, zone: str) -> tuple[int, int]:
    """Which week or month a calendar on the wall of that zone shows."""
    local = instant.astimezone(ZoneInfo(zone))
    return local.isocalendar()[:2] if per is Per.WEEK else (local.year, local.month)


caps = st.builds(Cap, st.sampled_from([300_000, 1_500_000, 1, 0]), st.sampled_from(Per), st.sampled_from(ZONES))
instants = st.datetimes(datetime(2005, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))


@given(caps, instants)
def test_a_period_is_all_that_the_calendar_of_its_zone_counts_as_one(cap, instant):
    period = cap.period_of(instant)
    own = local_period(instant, cap.per, cap.timezone)
    moment = timedelta(microseconds=1)
    assert period.contains(instant)
    assert local_period(period.start, cap.per, cap.timezone) == own
    assert local_period(period.end - moment, cap.per, cap.timezone) == own
    assert local_period(period.start - moment, cap.per, cap.timezone) != own
    assert local_period(period.end, cap.per, cap.timezone) != own


@given(caps, instants)
def test_periods_follow_one_another_without_a_gap(cap, instant):
    period = cap.period_of(instant)
    assert cap.period_of(period.end).start == period.end
    assert cap.period_of(period.start) == cap.period_of(period.end - timedelta(microseconds=1)) == period


@pytest.mark.parametrize(
    ("zone", "per", "instant", "start", "end"),
    [
        ("Europe/Paris", Per.WEEK, "2026-03-29T12:00", "2026-03-22T23:00", "2026-03-29T22:00"),
        ("Europe/Paris", Per.WEEK, "2026-10-25T12:00", "2026-10-18T22:00", "2026-10-25T23:00"),
        ("Europe/Paris", Per.MONTH, "2026-03-15T12:00", "2026-02-28T23:00", "2026-03-31T22:00"),
        ("Asia/Shanghai", Per.WEEK, "2026-03-01T16:00", "2026-03-01T16:00", "2026-03-08T16:00"),
        ("Asia/Shanghai", Per.WEEK, "2026-03-01T15:59", "2026-02-22T16:00", "2026-03-01T16:00"),
        ("Asia/Shanghai", Per.MONTH, "2026-12-31T15:59", "2026-11-30T16:00", "2026-12-31T16:00"),
        # The first midnight of November comes twice in Havana; the month begins at the earlier one.
        ("America/Havana", Per.MONTH, "2026-11-01T05:30", "2026-11-01T04:00", "2026-12-01T05:00"),
        ("UTC", Per.WEEK, "2026-03-08T23:59", "2026-03-02T00:00", "2026-03-09T00:00"),
        ("UTC", Per.MONTH, "2028-02-29T23:59", "2028-02-01T00:00", "2028-03-01T00:00"),
    ],
)
def test_weeks_begin_on_monday_and_months_on_the_first_by_the_clock_of_the_zone(zone, per, instant, start, end):
    period = Cap(1, per, zone).period_of(datetime.fromisoformat(f"{instant}Z"))
    assert period == Window(datetime.fromisoformat(f"{start}Z"), datetime.fromisoformat(f"{end}Z"))


# Draws against a plain count -----------------------------------------------------------------------------------------


def counted(grants: list[Grant], window: Window, step: timedelta, price: int) -> tuple[list[Line], Counter[datetime]]:
    """What each step of the window takes, from which grant, and what is missing at which step."""
    order = sorted(grants, key=lambda g: (g.window.end, g.id))
    left = {g.id: g.amount - g.held - g.charged for g in grants}
    used = {(g.id, start): units for g in grants for start, units in g.used.items()}
    lines: list[Line] = []
    missing: Counter[datetime] = Counter()
    instant = window.start
    while instant < window.end:
        wanted = price
        for one in order:
            if not one.window.contains(instant):
                continue
            room, period = left[one.id], None
            if one.cap:
                period = one.cap.period_of(instant).start
                room = min(room, one.cap.unit_seconds - used.get((one.id, period), 0))
            taken = min(wanted, max(0, room))
            if not taken:
                continue
            left[one.id] -= taken
            used[one.id, period] = used.get((one.id, period), 0) + taken
            wanted -= taken
            last = lines[-1] if lines else None
            if last and (last.grant_id, last.period_start) == (one.id, period):
                lines[-1] = replace(last, unit_seconds=last.unit_seconds + taken)
            else:
                lines.append(Line(one.id, period, taken))
        if wanted:
            missing[instant] += wanted
        instant += step
    return lines, missing


amounts = st.sampled_from([1_000_000, 100_000, 5_000_000, PLENTY])


@st.composite
def granted(draw_from: st.DrawFn, begin: datetime, steps: int) -> list[Grant]:
    """Up to four grants around a stretch of time, some capped, some used already, some for too little."""
    found = []
    for number in draw_from(st.permutations([1, 2, 3, 4]))[: draw_from(st.sampled_from([3, 2, 4, 1, 0]))]:
        first = draw_from(st.sampled_from([-steps, 0]) | st.integers(0, steps // 2))
        last = draw_from(st.sampled_from([2 * steps, steps]) | st.integers(steps // 2 + 1, steps))
        held, charged = draw_from(st.integers(0, 50_000)), draw_from(st.integers(0, 50_000))
        one = grant(
            number,
            held + charged + draw_from(amounts),
            Window(begin + first * STEP, begin + last * STEP),
            held=held,
            charged=charged,
            cap=draw_from(st.none() | caps),
        )
        if one.cap and draw_from(st.booleans()):
            one = replace(one, used={one.cap.period_of(begin).start: draw_from(st.integers(0, 500_000))})
        found.append(one)
    return found


# Monday, and month's end, and an hour that is missing or comes twice, lie within a day of these.
TURNS = [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC), at(day=-1)]


@st.composite
def claims(draw_from: st.DrawFn) -> tuple[list[Grant], Window, int, int]:
    begin, steps = draw_from(st.sampled_from(TURNS)), 400
    window = draw_from(windows(last=steps, unit=STEP))
    window = Window(window.start - at() + begin, window.end - at() + begin)
    weight = 5 * draw_from(st.integers(1, 60))
    return draw_from(granted(begin, steps)), window, draw_from(st.integers(1, 8)), weight


def drawn(grants: list[Grant], window: Window, units: int, weight: int) -> Draw:
    return draw(grants, [g.id for g in grants], window, units, weight)


@given(claims())
@settings(max_examples=150)
def test_a_draw_takes_what_a_plain_count_takes_step_by_step(claim):
    grants, window, units, weight = claim
    lines, missing = counted(grants, window, STEP, price_of(units, int(STEP.total_seconds()), weight))
    found = drawn(grants, window, units, weight)
    assert list(found.lines) == lines
    assert sum(shortfall.unit_seconds for shortfall in found.shortfalls) == missing.total()
    short = {
        instant: shortfall
        for shortfall in found.shortfalls
        for instant in missing
        if shortfall.window.contains(instant)
    }
    assert set(short) == set(missing)
    for instant, shortfall in short.items():
        assert shortfall.covered is any(g.window.contains(instant) for g in grants)
        assert shortfall.past_every_grant is (bool(grants) and all(g.window.end <= instant for g in grants))


@given(claims())
def test_the_grants_afterwards_hold_what_was_drawn_and_are_never_overspent(claim):
    grants, window, units, weight = claim
    found = drawn(grants, window, units, weight)
    for before, after in zip(grants, found.grants, strict=True):
        own = [line for line in found.lines if line.grant_id == before.id]
        assert after.held == before.held + sum(line.unit_seconds for line in own)
        assert 0 <= after.held + after.charged <= after.amount
        for line in own:
            if before.cap:
                assert after.used[line.period_start] <= before.cap.unit_seconds


SECONDS = st.builds(lambda a, b: Window(at(second=a), at(second=a + b)), st.integers(-500, 500), st.integers(1, 900))


@given(SECONDS, SECONDS, SECONDS, st.integers(1, 7), st.integers(1, 60).map(lambda fives: 5 * fives))
def test_what_is_drawn_and_what_is_missing_are_together_the_price(window, first, second, units, weight):
    # Also where grants begin off the minute, so that parts of the window would each lose a fraction.
    found = drawn([grant(1, PLENTY, first), grant(2, PLENTY, second)], window, units, weight)
    missing = sum(shortfall.unit_seconds for shortfall in found.shortfalls)
    assert sum(line.unit_seconds for line in found.lines) + missing == price_of(units, window.seconds, weight)


# Which grant, in words -----------------------------------------------------------------------------------------------


def taken(grants: list[Grant], window: Window | None = None) -> list[tuple[int, int]]:
    """Grants and hours that one unit draws."""
    found = drawn(grants, window or hours(10, 14), 1, 100)
    assert not found.shortfalls
    return [(line.grant_id, line.unit_seconds // 3600) for line in found.lines]


def test_the_grant_that_ends_first_is_used_first():
    assert taken([grant(1, PLENTY, hours(0, 48)), grant(2, PLENTY, hours(0, 24))]) == [(2, 4)]


def test_of_grants_that_end_together_the_older_is_used_first():
    assert taken([grant(2), grant(1)]) == [(1, 4)]


def test_a_later_grant_is_used_where_the_first_has_no_room():
    assert taken([grant(1, 3600, hours(0, 24)), grant(2)]) == [(1, 1), (2, 3)]


def test_each_part_of_the_window_draws_on_the_grant_that_is_valid_there():
    assert taken([grant(1, PLENTY, hours(0, 12)), grant(2, PLENTY, hours(12, 24))]) == [(1, 2), (2, 2)]


def test_a_grant_that_begins_later_and_ends_first_is_used_as_soon_as_it_is_valid():
    assert taken([grant(1), grant(2, PLENTY, hours(11, 13))]) == [(1, 1), (2, 2), (1, 1)]


def test_held_and_charged_are_not_there_to_be_drawn():
    assert taken([grant(1, 10 * 3600, hours(0, 24), held=5 * 3600, charged=4 * 3600), grant(2)]) == [(1, 1), (2, 3)]


@pytest.mark.parametrize(("limit", "missing"), [(4 * 3600, 0), (4 * 3600 - 1, 1)])
def test_exactly_what_is_left_can_be_drawn_and_not_a_second_more(limit, missing):
    for one in (grant(1, limit), grant(1, PLENTY, cap=Cap(limit, Per.WEEK))):
        found = drawn([one], hours(10, 14), 1, 100)
        assert sum(shortfall.unit_seconds for shortfall in found.shortfalls) == missing


def test_a_booking_over_the_end_of_a_week_counts_in_both_weeks_with_its_part():
    sunday = hours(6 * 24 + 22, 7 * 24 + 1)
    found = drawn([grant(1, PLENTY, cap=Cap(2 * 3600, Per.WEEK))], sunday, 1, 100)
    assert found.lines == (Line(1, at(), 7200), Line(1, at(day=7), 3600))
    assert found.grants[0].used == {at(): 7200, at(day=7): 3600}
    assert not found.shortfalls


def test_an_amount_that_was_clawed_below_its_use_gives_nothing():
    found = drawn([grant(1, 3600, held=7200)], hours(10, 11), 1, 100)
    assert (found.lines, found.shortfalls[0].unit_seconds) == ((), 3600)


def test_a_shortfall_names_the_cap_that_stood_in_the_way_and_its_period():
    capped = grant(1, PLENTY, cap=Cap(3600, Per.WEEK, "Asia/Shanghai"))
    (shortfall,) = drawn([capped], hours(10, 12), 1, 100).shortfalls
    assert (shortfall.capped and shortfall.capped.id, shortfall.unit_seconds) == (1, 3600)
    assert shortfall.period == Window(at(-8), at(-8, day=7))


def test_a_weight_of_nothing_draws_nothing():
    assert drawn([], hours(10, 12), 8, 0) == Draw((), (), ())


@given(st.integers(1, 10_000), st.integers(1, 50_000), st.integers(0, 200).map(lambda fives: 5 * fives))
def test_whole_minutes_cost_whole_unit_seconds_at_every_weight(units, minutes, weight):
    assert price_of(units, 60 * minutes, weight) * 100 == units * 60 * minutes * weight


def test_a_tenth_of_an_hour_ten_times_takes_exactly_one_hour():
    grants = [grant(1, 3600)]
    for number in range(10):
        tenth = Window(at(minute=6 * number), at(minute=6 * number + 6))
        found = drawn(grants, tenth, 1, 100)
        assert not found.shortfalls
        grants = list(found.grants)
    assert grants[0].left == 0


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({"kind": "pool"}, [True, True, False]),
        ({"kind": "dataset"}, [False, False, True]),
        ({"resource_id": 1}, [True, False, False]),
        ({"facility_id": 7}, [True, False, True]),
    ],
)
def test_a_grant_covers_one_kind_or_one_resource_or_one_facility(scope, covered):
    own = {"kind": "pool", "resource_id": 1, "facility_id": 7}
    elsewhere = {"kind": "pool", "resource_id": 2, "facility_id": 8}
    data = {"kind": "dataset", "resource_id": 3, "facility_id": 7}
    one = Grant(1, ALWAYS, 1, **scope)
    assert [one.covers(**what) for what in (own, elsewhere, data)] == covered


def test_data_without_a_facility_is_covered_by_no_grant_for_a_facility():
    assert not Grant(1, ALWAYS, 1, facility_id=7).covers(kind="dataset", resource_id=3, facility_id=None)


# Settlements ---------------------------------------------------------------------------------------------------------

held_lines = st.lists(
    st.builds(Line, st.integers(1, 3), st.sampled_from([None, at(), at(day=7)]), st.integers(1, 5_000)), max_size=6
)


def total(lines: tuple[Line, ...] | list[Line]) -> int:
    return sum(line.unit_seconds for line in lines)


def by_period(lines: Callable[[], list[Line]] | list[Line] | tuple[Line, ...]) -> Counter[tuple[int, datetime | None]]:
    counted: Counter[tuple[int, datetime | None]] = Counter()
    for line in lines:
        counted[line.grant_id, line.period_start] += line.unit_seconds
    return counted


@given(held_lines, st.integers(0, 40_000))
def test_charges_and_releases_together_are_what_was_held(held, price):
    charges, releases = settle(held, price)
    assert total(charges) == min(price, total(held))
    assert by_period([*charges, *releases]) == by_period(held)
    assert all(line.unit_seconds > 0 for line in (*charges, *releases))


@given(held_lines, st.integers(0, 40_000))
def test_the_first_drawn_are_charged_first_and_the_last_drawn_go_back_first(held, price):
    charges, releases = settle(held, price)
    names = [(line.grant_id, line.period_start) for line in held]
    assert [(line.grant_id, line.period_start) for line in charges] == names[: len(charges)]
    assert [(line.grant_id, line.period_start) for line in releases] == names[::-1][: len(releases)]
    assert len(charges) + len(releases) - len(held) in (0, 1)


def entries(kind: Entry, lines: list[Line] | tuple[Line, ...]) -> list[tuple[Entry, Line]]:
    return [(kind, line) for line in lines]


@given(held_lines, st.integers(0, 40_000))
def test_once_settled_nothing_is_held_any_more(held, price):
    charges, releases = settle(held, price)
    holds = entries(Entry.HOLD, held)
    assert still_held(holds) == tuple(held)
    assert still_held(holds + entries(Entry.CHARGE, charges) + entries(Entry.RELEASE, releases)) == ()


@given(held_lines, st.integers(0, 40_000))
def test_what_is_released_leaves_the_first_drawn_and_what_is_charged_the_last(held, price):
    charges, releases = settle(held, price)
    holds = entries(Entry.HOLD, held)
    assert still_held(holds + entries(Entry.RELEASE, releases)) == charges
    assert still_held(holds + entries(Entry.CHARGE, charges)) == releases[::-1]


@given(held_lines, held_lines, st.integers(0, 20_000))
def test_what_was_grown_by_is_held_after_what_was_held_before(held, grown, price):
    _, releases = settle([*held, *grown], price)
    kept = still_held([*entries(Entry.HOLD, held), *entries(Entry.HOLD, grown), *entries(Entry.RELEASE, releases)])
    assert total(kept) == min(price, total(held) + total(grown))
    assert kept == settle([*held, *grown], price)[0]


def test_a_refund_leaves_what_is_held_alone():
    line = Line(1, None, 3600)
    assert still_held([(Entry.HOLD, line), (Entry.REFUND, line)]) == (line,)


@given(claims(), st.integers(0, 500_000))
def test_a_cancelled_booking_leaves_every_grant_as_if_only_the_price_had_been_booked(claim, price):
    grants, window, units, weight = claim
    found = drawn(grants, window, units, weight)
    charges, releases = settle(found.lines, price)
    for before, after in zip(grants, found.grants, strict=True):
        charged = sum(line.unit_seconds for line in charges if line.grant_id == before.id)
        released = sum(line.unit_seconds for line in releases if line.grant_id == before.id)
        assert after.held - charged - released == before.held
        assert before.charged + before.held + charged <= before.amount


def test_every_entry_does_to_amount_held_and_charged_what_the_table_says():
    # DESIGN.md, section 1.
    table = {
        "grant": "+00", "cut": "-00", "hold": "0+0", "release": "0-0", "charge": "0-+", "refund": "00-",
        "expire": "-00",
    }  # fmt: skip
    signs = {1: "+", -1: "-", 0: "0"}
    assert {entry.value: "".join(signs[by] for by in EFFECTS[entry]) for entry in Entry} == table


def test_lines_of_one_draw_never_stand_twice_beside_each_other():
    found = drawn([grant(1, PLENTY, hours(0, 12)), grant(2, PLENTY, hours(11, 99))], hours(10, 14), 3, 100)
    names = [(line.grant_id, line.period_start) for line in found.lines]
    assert all(one != two for one, two in pairwise(names))
