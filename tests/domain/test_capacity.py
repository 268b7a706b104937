"""Step functions equal a plain count minute by minute; an offer is supplies less outages; a cut displaces few."""

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.capacity import NOTHING, CapacityChange, Change, Standing, Steps, displaced, offered
from booking.domain.windows import Window
from tests.domain.examples import at, hours, minutes, occupations, windows

MINUTES = range(-2, 63)

levels = st.builds(Steps.total, occupations(), st.integers(-3, 3))


def counted(occupied, base, minute):
    """Units at a minute, counted one window after the other."""
    instant = at(minute=minute)
    return base + sum(n for start, end, n in occupied if start <= instant and (end is None or instant < end))


def by_minute(steps: Steps) -> list[int]:
    return [steps.level_at(at(minute=minute)) for minute in MINUTES]


def well_formed(steps: Steps) -> bool:
    """Instants rise, and every change changes something."""
    rising = all(one < two for (one, _), (two, _) in pairwise(steps.changes))
    known = [steps.base, *(level for _, level in steps.changes)]
    return rising and all(one != two for one, two in pairwise(known))


@given(occupations(), st.integers(-3, 3))
def test_a_total_is_the_sum_of_units_at_every_minute(occupied, base):
    total = Steps.total(occupied, base)
    assert well_formed(total)
    assert by_minute(total) == [counted(occupied, base, minute) for minute in MINUTES]


@given(levels, windows(), st.integers(-3, 3))
def test_a_block_raises_the_levels_inside_its_window_alone(steps, window, units):
    raised = steps.raised(window, units)
    assert well_formed(raised)
    assert raised == steps.plus(Steps.total([(window.start, window.end, units)]))


@given(levels, levels)
def test_sums_and_differences_hold_at_every_minute(one, two):
    both, less = one.plus(two), one.minus(two)
    assert well_formed(both)
    assert well_formed(less)
    assert by_minute(both) == [a + b for a, b in zip(by_minute(one), by_minute(two), strict=True)]
    assert by_minute(less) == [a - b for a, b in zip(by_minute(one), by_minute(two), strict=True)]


@given(levels, levels)
def test_what_is_taken_away_again_leaves_no_trace(one, two):
    assert one.plus(two).minus(two) == one
    assert one.minus(one) == NOTHING
    assert one.plus(NOTHING) == one


@given(levels, windows())
def test_lowest_highest_and_tightest_are_those_of_the_minutes_inside(steps, window):
    inside = [(at(minute=m), steps.level_at(at(minute=m))) for m in MINUTES if window.contains(at(minute=m))]
    least = min(level for _, level in inside)
    assert steps.lowest(window) == least
    assert steps.highest(window) == max(level for _, level in inside)
    assert steps.tightest(window) == next(step for step in inside if step[1] == least)


@given(levels, windows())
def test_within_says_the_level_at_the_start_and_every_change_inside(steps, window):
    said = steps.within(window)
    assert said[0] == (window.start, steps.level_at(window.start))
    assert said[1:] == [(instant, level) for instant, level in steps.changes if window.start < instant < window.end]


def test_levels_that_change_nothing_are_dropped():
    read = [(at(1), 0), (at(2), 3), (at(3), 3), (at(4), 0), (at(5), 0)]
    assert Steps.of(read) == Steps(((at(2), 3), (at(4), 0)))
    assert Steps.of(read, 3) == Steps(((at(1), 0), (at(2), 3), (at(4), 0)), 3)


def test_a_change_at_the_end_of_a_window_is_outside_it():
    booked = Steps.total([(at(10), at(12), 8)])
    assert booked.highest(hours(8, 10)) == 0
    assert booked.highest(hours(12, 14)) == 0
    assert booked.highest(hours(8, 10.5)) == booked.lowest(hours(10, 12)) == 8
    assert booked.lowest(hours(10, 12.5)) == 0


def test_the_peak_of_overlapping_windows_is_not_their_sum():
    booked = Steps.total([(at(8), at(10), 8), (at(10), at(12), 8), (at(9), at(11), 4)])
    assert booked.highest(hours(8, 12)) == 12


def test_nested_and_equal_windows_are_counted_each():
    booked = Steps.total([(at(8), at(12), 1), (at(9), at(11), 2), (at(9), at(11), 4)])
    assert [level for _, level in booked.changes] == [1, 7, 1, 0]


def test_a_window_of_no_length_changes_nothing():
    assert Steps.total([(at(10), at(10), 8)]) == NOTHING


# What is offered -----------------------------------------------------------------------------------------------------


@st.composite
def changes(draw: st.DrawFn) -> CapacityChange:
    window = draw(windows())
    kind = draw(st.sampled_from([Change.SUPPLY, Change.SUPPLY, Change.OUTAGE, Change.CLOSED]))
    ends = draw(st.booleans())
    units = 0 if kind is Change.CLOSED else draw(st.integers(1, 9))
    return CapacityChange(kind, units, window.start, window.end if ends else None)


def valid_at(changes: list[CapacityChange], kind: Change, instant: datetime) -> list[int]:
    return [c.units for c in changes if c.kind is kind and c.start <= instant and (c.end is None or instant < c.end)]


@given(st.lists(changes(), max_size=7), st.integers(0, 4))
def test_offered_is_supplies_less_outages_never_below_zero_and_nothing_while_closed(published, base):
    offer = offered(published, base)
    assert well_formed(offer)
    for minute in MINUTES:
        instant = at(minute=minute)
        supplied = base + sum(valid_at(published, Change.SUPPLY, instant))
        level = max(0, supplied - sum(valid_at(published, Change.OUTAGE, instant)))
        assert offer.level_at(instant) == (0 if valid_at(published, Change.CLOSED, instant) else level)


def test_an_outage_larger_than_the_supply_leaves_nothing_and_gives_all_of_it_back():
    offer = offered([CapacityChange(Change.SUPPLY, 8, at(0), None), CapacityChange(Change.OUTAGE, 10, at(4), at(6))])
    assert offer.changes == ((at(0), 8), (at(4), 0), (at(6), 8))


def test_seats_without_any_change_are_offered_at_all_times():
    assert offered([], 2) == Steps((), 2)


@given(changes(), windows())
def test_a_change_overlaps_a_window_where_they_share_a_minute(change, window):
    shared = [
        minute
        for minute in MINUTES
        if window.contains(at(minute=minute)) and valid_at([change], change.kind, at(minute=minute))
    ]
    assert change.overlaps(window) is bool(shared)


@pytest.mark.parametrize("instant", [10, 11, 12])
def test_a_closure_that_was_ended_as_it_began_overlaps_nothing(instant):
    closure = CapacityChange(Change.CLOSED, 0, at(instant), at(instant))
    assert not closure.overlaps(hours(10, 12))


# Whom a cut displaces ------------------------------------------------------------------------------------------------


@st.composite
def bookings(draw: st.DrawFn) -> list[Standing]:
    """Bookings within the hour; those admitted later mostly have the higher number, but not always."""
    found = draw(st.lists(st.tuples(windows(last=20), st.integers(1, 5), st.integers(0, 3)), max_size=8))
    return [
        Standing(number, window, units, (at(minute=-10 + admitted), number))
        for number, (window, units, admitted) in enumerate(found, start=1)
    ]


def held_at(standing: list[Standing], instant: datetime) -> int:
    return sum(s.units for s in standing if s.window.contains(instant))


def over_at(offer: Steps, standing: list[Standing], after: datetime) -> list[datetime]:
    """The minutes from `after` on at which more is promised than offered."""
    instants = [at(minute=minute) for minute in range(-1, 21)]
    return [i for i in instants if i >= after and held_at(standing, i) > offer.level_at(i)]


cuts = st.builds(Steps.total, occupations(most=4).map(lambda found: [*found, (at(-1), None, 4)]))


@given(cuts, bookings(), st.integers(-1, 21).map(lambda minute: at(minute=minute)))
@settings(max_examples=150)
def test_those_who_stay_fit_and_nobody_who_goes_would_fit_beside_them(offer, standing, after):
    gone = displaced(offer, standing, after)
    stay = [s for s in standing if s not in gone]
    over = set(over_at(offer, standing, after))
    assert over_at(offer, stay, after) == []
    for one in gone:
        assert set(over_at(offer, [*stay, one], after)) & over
        assert any(one.window.contains(instant) for instant in over)


@given(cuts, bookings(), st.integers(-1, 21).map(lambda minute: at(minute=minute)))
@settings(max_examples=150)
def test_in_order_of_admission_each_stays_where_there_is_room_beside_those_before(offer, standing, after):
    over = over_at(offer, standing, after)
    untouched = [s for s in standing if not any(s.window.contains(instant) for instant in over)]
    stay, gone = list(untouched), []
    for one in sorted((s for s in standing if s not in untouched), key=lambda s: s.admitted):
        own = [at(minute=m) for m in range(-1, 21) if one.window.contains(at(minute=m)) and at(minute=m) >= after]
        fits = all(held_at(stay, instant) + one.units <= offer.level_at(instant) for instant in own)
        (stay if fits else gone).append(one)
    assert displaced(offer, standing, after) == gone


def standing(number: int, window: Window, units: int) -> Standing:
    return Standing(number, window, units, (at(minute=-60 + number), number))


def test_the_latest_admitted_goes_first():
    early, late = standing(1, hours(10, 12), 8), standing(2, hours(10, 12), 8)
    assert displaced(Steps((), 8), [late, early], at(0)) == [late]


def test_a_later_one_that_still_fits_stays_where_an_earlier_large_one_goes():
    small, large, last = standing(1, hours(10, 12), 2), standing(2, hours(10, 12), 8), standing(3, hours(10, 12), 2)
    assert displaced(Steps((), 4), [small, large, last], at(0)) == [large]


def test_what_is_past_displaces_nobody():
    past = standing(1, hours(8, 10), 8)
    assert displaced(NOTHING, [past], at(10)) == []
    assert displaced(NOTHING, [past], at(9)) == [past]


def test_bookings_beside_the_cut_stay():
    beside, inside = standing(1, hours(8, 10), 8), standing(2, hours(10, 12), 8)
    offer = offered([CapacityChange(Change.SUPPLY, 8, at(0), None), CapacityChange(Change.CLOSED, 0, at(10), at(11))])
    assert displaced(offer, [beside, inside], at(0)) == [inside]


def test_nobody_stands_where_nobody_booked():
    assert displaced(NOTHING, [], at(0)) == []


def test_of_a_thousand_bookings_every_fourth_goes_where_one_in_four_is_too_many():
    many = [standing(n, minutes(15 * n, 15 * n + 60), 1) for n in range(1000)]
    assert displaced(Steps((), 3), many, at(0)) == many[3::4]
