"""The dense profile, the plain search and trying every grid step one by one find the same windows."""

from datetime import timedelta
from math import lcm

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.capacity import NOTHING, Steps
from booking.domain.search import Need, Stepped
from booking.domain.windows import Window, is_on_grid
from booking.queries import profiles
from booking.queries.profiles import Dense, Profile, Track
from tests.domain.examples import MONDAY, at, blocks, hours, occupations, windows

MINUTE = timedelta(minutes=1)

needs = st.builds(
    Need,
    st.builds(Steps.total, occupations(most=4), st.integers(0, 6)),
    st.builds(Steps.total, occupations(most=6, units=3)),
    st.integers(0, 6),
    st.sampled_from([1, 2, 3, 5, 6, 15]),
)


def dense(wanted: list[Need], also: list[Need] | None = None) -> Dense:
    """Room in profiles that begin two hours before the first instant that is asked for."""
    since = at(-2)
    known = {
        number: Profile.of(Track.of(need.offer), Track.of(need.held), grid_minutes=need.grid_minutes, since=since)
        for number, need in enumerate(wanted)
    }
    units = {number: need.units for number, need in enumerate(wanted)}
    return Dense(units, known, also or [], since)


def tried(wanted: list[Need], length: timedelta, within: Window) -> Window | None:
    """Every minute one after the other: the first on all grids from which every need is met at every minute."""
    minutes = [within.start + number * MINUTE for number in range((within.end - within.start) // MINUTE)]
    met = [all(need.offer.level_at(at) - need.held.level_at(at) >= need.units for need in wanted) for at in minutes]
    for number, start in enumerate(minutes):
        aligned = all(is_on_grid(start, need.grid_minutes) for need in wanted)
        if aligned and start + length <= within.end and all(met[number : number + length // MINUTE]):
            return Window(start, start + length)
    return None


def agree(wanted: list[Need], steps: int, within: Window) -> None:
    """All three say the same of the first window, and the two searches of how long it stays free."""
    grid = lcm(*(need.grid_minutes for need in wanted))
    length = steps * grid * MINUTE
    seconds = int(length.total_seconds())
    plain = Stepped(wanted, within).first(seconds, since=within.start, until=within.end)
    assert plain == tried(wanted, length, within)
    for room in (dense(wanted), dense(wanted[:1], wanted[1:])):
        assert room.first(seconds, since=within.start, until=within.end) == plain
        if plain is not None:
            until = Stepped(wanted, within).free_until(plain.start, within.end)
            counted = room.free_until(plain.start, within.end)
            assert (until - plain.start) // (grid * MINUTE) == (counted - plain.start) // (grid * MINUTE)


@settings(max_examples=50)
@given(needs, st.integers(1, 6), windows(last=90))
def test_the_first_window_is_the_one_that_trying_everything_finds(need, steps, within):
    agree([need], steps, within)


@settings(max_examples=50)
@given(st.lists(needs, min_size=2, max_size=3), st.integers(1, 3), windows(last=90))
def test_the_first_joint_window_is_the_one_that_trying_everything_finds(wanted, steps, within):
    agree(wanted, steps, within)


@pytest.mark.prove
@settings(max_examples=10_000)
@given(needs, st.integers(1, 6), windows(last=90))
def test_ten_thousand_single_profiles_agree(need, steps, within):
    agree([need], steps, within)


@pytest.mark.prove
@settings(max_examples=10_000)
@given(st.lists(needs, min_size=2, max_size=3), st.integers(1, 3), windows(last=90))
def test_ten_thousand_joint_profiles_agree(wanted, steps, within):
    agree(wanted, steps, within)


@settings(max_examples=50)
@given(needs, st.integers(1, 6), windows(last=90))
def test_a_profile_that_ends_before_its_changes_do_goes_on_by_them(need, steps, within):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profiles, "MOST_SLOTS", 2)
        patch.setattr(profiles, "FIRST_CHUNK", 3)
        agree([need], steps, within)


@settings(max_examples=50)
@given(needs, st.integers(0, 20), st.integers(1, 30))
def test_the_levels_of_a_profile_are_the_least_of_each_step(need, first, number):
    grid = need.grid_minutes * MINUTE
    profile = Profile.of(Track.of(need.offer), Track.of(need.held), grid_minutes=need.grid_minutes, since=MONDAY)
    steps = [Window(MONDAY + step * grid, MONDAY + (step + 1) * grid) for step in range(first, first + number)]
    free = need.offer.minus(need.held)
    found = profile.steps(Window(steps[0].start, steps[-1].end))
    assert [found.level_at(step.start) for step in steps] == [free.lowest(step) for step in steps]


def test_a_search_ends_where_nothing_changes_any_more():
    full = dense([Need(Steps(base=8), Steps.total([(at(), None, 8)]), 1, 1)])
    assert full.first(3600, since=at(), until=at(day=365_000)) is None
    free = dense([Need(Steps(base=8), blocks((0, 1, 8)), 1, 1)])
    assert free.first(3600, since=at(day=300_000), until=at(day=365_000)) == Window(at(day=300_000), at(1, day=300_000))
    assert free.free_until(at(1), at(day=365_000)) == at(day=365_000)


def test_nothing_is_said_of_the_time_before_a_profile():
    profile = Profile.of(Track.of(Steps(base=8)), Track.of(NOTHING), grid_minutes=15, since=at())
    with pytest.raises(ValueError, match="begins later"):
        profile.steps(hours(-1, 1))
