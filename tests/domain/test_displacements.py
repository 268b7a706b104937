"""Who loses a place, who gets one back, and what of the past may be put on record."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.capacity import CapacityChange, Change, Standing, Steps, displaced, offered
from booking.domain.displacements import (
    ENDLESS,
    Displaced,
    Displaces,
    Resolution,
    Resolutions,
    can_be_told,
    lowered,
    restored,
)
from booking.domain.windows import Window
from tests.domain.examples import at, blocks, hours

NOW = at(0)
SUPPLY = 8
DAY = 24


def level(*changes: tuple[float, int], base: int = 0) -> Steps:
    return Steps.of(((at(hour), value) for hour, value in changes), base)


@pytest.mark.parametrize(
    ("after", "hull"),
    [
        (level((0, 8)), None),
        (level((0, 9)), None),
        (level((0, 8), (2, 5), (3, 8)), hours(2, 3)),
        (level((0, 8), (2, 5), (3, 9), (4, 7), (5, 8)), hours(2, 5)),
        (level((0, 8), (2, 5)), Window(at(2), ENDLESS)),
        (level((0, 5)), Window(at(1), ENDLESS)),
        (level((0, 5), (0.5, 8)), None),
    ],
)
def test_less_is_offered_from_the_first_to_the_last_instant_that_has_less(after: Steps, hull: Window | None):
    assert lowered(level((0, 8)), after, since=at(1)) == hull


def test_a_decision_is_the_one_named_or_the_one_for_all_others():
    said = Resolutions({1: Resolution.MOVE}, otherwise=Resolution.LATER)
    assert (said.of(1), said.of(2)) == (Resolution.MOVE, Resolution.LATER)
    assert Resolutions({1: Resolution.MOVE}).of(2) is None


def test_what_was_held_was_offered():
    before, held = level((0, 8)), blocks((1, 3, 6))
    assert can_be_told(before, level((0, 8), (1, 6), (2, 8)), held, hours(0, 4))
    assert not can_be_told(before, level((0, 8), (1, 5), (2, 8)), held, hours(0, 4))
    assert can_be_told(before, level((0, 8), (1, 5), (2, 8)), held, hours(2, 4))
    assert can_be_told(before, level((0, 9)), held, hours(0, 4))


def test_more_may_be_said_of_a_past_that_was_overbooked_already():
    assert can_be_told(level((0, 4)), level((0, 5)), blocks((1, 3, 6)), hours(0, 4))
    assert not can_be_told(level((0, 5)), level((0, 4)), blocks((1, 3, 6)), hours(0, 4))


def test_a_change_that_displaces_says_how_many():
    assert "bookings: 0" in str(Displaces([]))


@dataclass(frozen=True)
class Life:
    """Bookings that fitted eight units a day long, and a cut."""

    standing: list[Standing]
    after: Steps

    @property
    def held(self) -> Steps:
        return Steps.total((one.window.start, one.window.end, one.units) for one in self.standing)

    def open(self, ids: set[int]) -> list[Displaced]:
        """These bookings as they stand displaced."""
        return [
            Displaced(one.booking_id, one.booking_id, 1, one.window, one.units, one.admitted, NOW)
            for one in self.standing
            if one.booking_id in ids
        ]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    standing: list[Standing] = []
    free = level((0, SUPPLY))
    for number in range(draw(st.integers(0, 12))):
        start = draw(st.integers(0, DAY - 1))
        window = hours(start, draw(st.integers(start + 1, DAY)))
        units = draw(st.integers(1, SUPPLY))
        if free.lowest(window) >= units:
            standing.append(Standing(number, window, units, (at(0, number), number)))
            free = free.minus(Steps.total([(window.start, window.end, units)]))
    changes = [CapacityChange(Change.SUPPLY, SUPPLY, at(0), None)]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, DAY - 1))
        end = at(draw(st.integers(start + 1, DAY))) if draw(st.booleans()) else None
        changes.append(CapacityChange(Change.OUTAGE, draw(st.integers(1, SUPPLY)), at(start), end))
    return Life(standing, offered(changes))


def ids(found: object) -> set[int]:
    return {one.booking_id for one in found}  # type: ignore[attr-defined]


@given(lives(), st.integers(0, DAY - 1))
def test_who_stands_where_less_is_offered_tells_whom_a_cut_displaces(life: Life, hour: int):
    now = at(hour)
    less = lowered(level((0, SUPPLY)), life.after, now)
    near = [one for one in life.standing if less and one.window.overlaps(less)]
    found = displaced(life.after, near, less.start) if less else []
    assert ids(found) == ids(displaced(life.after, life.standing, now))


@given(lives())
def test_nobody_gets_a_place_back_while_there_is_as_little_room(life: Life):
    gone = ids(displaced(life.after, life.standing, NOW))
    assert list(restored(life.after, life.held, life.open(gone), NOW)) == []


@given(lives())
def test_all_get_their_places_back_when_everything_is_offered_again(life: Life):
    gone = ids(displaced(life.after, life.standing, NOW))
    back = restored(level((0, SUPPLY)), life.held, life.open(gone), NOW)
    assert ids(back) == gone


@given(lives(), st.integers(0, SUPPLY))
def test_who_gets_a_place_back_leaves_nothing_overbooked(life: Life, offer: int):
    gone = ids(displaced(life.after, life.standing, NOW))
    some = Steps.of([(NOW, offer)])
    kept = [one for one in life.standing if one.booking_id not in gone]
    held_by_kept = Steps.total((one.window.start, one.window.end, one.units) for one in kept)
    back = list(restored(some, life.held, life.open(gone), NOW))
    held = held_by_kept.plus(Steps.total((one.occupied.start, one.occupied.end, one.units) for one in back))
    for one in back:
        assert some.minus(held).lowest(one.occupied) >= 0


def test_the_first_admitted_gets_the_place_back_and_what_is_over_does_not_count():
    def waits(number: int, start: float, end: float) -> Displaced:
        return Displaced(number, number, 1, hours(start, end), 6, (at(0, number), number), NOW)

    first, second, over = waits(1, 1, 3), waits(2, 2, 4), waits(3, 0, 1)
    held = blocks((1, 3, 6), (2, 4, 6), (0, 1, 6))
    offer = level((0, 8))
    back = restored(offer, held, [second, over, first], at(1) + timedelta(minutes=5))
    assert [one.id for one in back] == [1]
