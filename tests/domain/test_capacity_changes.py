"""What an owner may publish, and how the past is kept as it was."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from booking.domain.capacity import NOTHING, CapacityChange, Change
from booking.domain.capacity_changes import (
    NewChange,
    Offering,
    PublishedChange,
    with_change,
    with_end,
    with_seats,
)
from booking.domain.errors import Conflict, Invalid
from tests.domain.examples import at, blocks

NOW = at(12)


def published(start: float, end: float | None, units: int = 8, kind: Change = Change.SUPPLY) -> PublishedChange:
    return PublishedChange(1, kind, units, at(start), None if end is None else at(end), "", at(0))


OFFERING = Offering(0, (published(0, None),))


def test_units_with_a_sign_and_closed_are_the_three_kinds_of_change():
    kinds: list[Any] = [8, -8, "closed"]
    changes = [NewChange(units, at(1), None, " why ").checked() for units in kinds]
    assert [(change.kind, change.units) for change in changes] == [("supply", 8), ("outage", 8), ("closed", 0)]
    assert changes[0].reason == "why"


@pytest.mark.parametrize("units", [0, 10_000_001, -10_000_001, 2_147_483_648, 1.0, True, False, "8", "CLOSED", None])
def test_units_that_cannot_be_meant_are_refused(units: Any):
    with pytest.raises(Invalid) as refused:
        NewChange(units, at(1), at(2)).checked()
    assert refused.value.field == "units"


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (at(1), at(1), "ends_at"),
        (at(2), at(1), "ends_at"),
        (at(1), at(1) + timedelta(days=36_526), "ends_at"),
        (at(1).replace(year=1999), None, "starts_at"),
        (at(1).replace(year=2201), None, "starts_at"),
        (at(1), at(1).replace(year=2201), "ends_at"),
    ],
)
def test_a_window_that_cannot_be_meant_is_refused(start: datetime, end: datetime | None, field: str):
    with pytest.raises(Invalid) as refused:
        NewChange(8, start, end).checked()
    assert refused.value.field == field


def test_exactly_a_hundred_years_can_be_published():
    assert NewChange(8, at(1), at(1) + timedelta(days=36_525)).checked().end is not None


def outage(start: float, end: float | None) -> CapacityChange:
    return CapacityChange(Change.OUTAGE, 4, at(start), None if end is None else at(end))


def test_a_cut_of_what_is_to_come_stands_as_it_was_said():
    assert with_change(OFFERING, outage(12, 13), NOTHING, NOW).added == (outage(12, 13),)


def test_a_cut_of_the_past_stands_where_nobody_held_the_units():
    assert with_change(OFFERING, outage(8, 13), blocks((8, 12, 4)), NOW).added == (outage(8, 13),)


def test_a_cut_of_the_past_that_somebody_held_counts_from_now_on():
    assert with_change(OFFERING, outage(8, 13), blocks((9, 10, 5)), NOW).added == (outage(12, 13),)
    with pytest.raises(Conflict):
        with_change(OFFERING, outage(8, 10), blocks((9, 10, 5)), NOW)


def test_a_supply_of_the_past_always_stands():
    more = CapacityChange(Change.SUPPLY, 4, at(-48), at(48))
    assert with_change(OFFERING, more, blocks((9, 10, 9)), NOW).added == (more,)


def ended(start: float, end: float | None, at_hour: float, held: Any = NOTHING) -> datetime | None:
    offering = Offering(0, (published(start, end),))
    return with_end(offering, 1, at(at_hour), held, NOW).published[0].ends_at


def test_a_change_ends_when_it_is_said():
    assert ended(0, None, 13) == at(13)
    assert ended(0, 20, 12) == at(12)
    assert ended(14, 20, 14) == at(14)


def test_a_supply_is_not_ended_before_what_was_held_of_it():
    assert ended(0, None, 10) == at(10)
    assert ended(0, None, 10, blocks((9, 11, 1))) == NOW


@pytest.mark.parametrize(
    ("start", "end", "said", "error"), [(14, 20, 13, Invalid), (0, 20, 20, Invalid), (0, 20, 21, Invalid)]
)
def test_an_end_that_is_not_earlier_or_lies_before_the_start_is_refused(
    start: float, end: float, said: float, error: type[Invalid]
):
    with pytest.raises(error) as refused:
        ended(start, end, said)
    assert refused.value.field == "ends_at"


def test_what_has_ended_is_over():
    with pytest.raises(Conflict):
        ended(0, 12, 11)


def test_seats_count_from_now_on_and_the_past_stays():
    since, seats = at(1), Offering(5)
    fewer = with_seats(seats, 2, since=since, grid_minutes=15, now=at(12, 7))
    assert fewer.steps.changes == ((at(1), 5), (at(12, 7), 2))
    assert fewer.steps.level_at(at(9)) == 5

    more = with_seats(seats, 7, since=since, grid_minutes=15, now=at(12, 7))
    assert (more.steps.level_at(at(11)), more.steps.level_at(at(12))) == (5, 7)
    assert with_seats(seats, 5, since=since, grid_minutes=15, now=NOW) == seats


def test_seats_of_a_dataset_that_is_new_have_no_past():
    assert with_seats(Offering(5), 7, since=at(12, 1), grid_minutes=15, now=at(12, 7)) == Offering(7)
