"""What people are given back of a time in which the product was down."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.downtime import downtime, is_excused, moved_deadline
from booking.domain.windows import Window
from tests.domain.examples import MONDAY, at, minutes

NEVER = at(day=1000)
FROM_NINE_TO_TEN = Window(at(9), at(10))


def test_two_minutes_without_a_word_are_no_downtime():
    assert downtime(at(9), at(9, 2)) is None
    assert downtime(at(9), at(9, 2, 1)) == Window(at(9), at(9, 2, 1))


def test_a_clock_that_was_set_back_is_no_downtime():
    assert downtime(at(10), at(9)) is None


def test_a_deadline_within_the_downtime_leaves_the_time_that_was_left_before_it():
    assert moved_deadline(at(9, 20), FROM_NINE_TO_TEN, opens=at(8), at_most=NEVER) == at(10, 20)


def test_a_deadline_after_the_downtime_moves_by_the_time_that_was_lost():
    assert moved_deadline(at(10, 5), FROM_NINE_TO_TEN, opens=at(8), at_most=NEVER) == at(11, 5)


def test_time_that_had_not_begun_is_not_lost():
    assert moved_deadline(at(10, 15), FROM_NINE_TO_TEN, opens=at(9, 45), at_most=NEVER) == at(10, 30)
    assert moved_deadline(at(10, 15), FROM_NINE_TO_TEN, opens=at(10), at_most=NEVER) == at(10, 15)


def test_a_deadline_that_had_passed_before_stays_passed():
    assert moved_deadline(at(9), FROM_NINE_TO_TEN, opens=at(8), at_most=NEVER) == at(9)


def test_no_deadline_moves_beyond_what_bounds_it():
    assert moved_deadline(at(9, 30), FROM_NINE_TO_TEN, opens=at(8), at_most=at(10, 10)) == at(10, 10)
    assert moved_deadline(at(9, 30), FROM_NINE_TO_TEN, opens=at(8), at_most=at(9, 10)) == at(9, 30)


offsets = st.integers(min_value=0, max_value=600)


@given(opens=offsets, length=st.integers(1, 300), begins=offsets, lasts=st.integers(3, 300))
def test_as_much_time_to_act_is_there_as_without_a_downtime(opens: int, length: int, begins: int, lasts: int):
    first, deadline = at(minute=opens), at(minute=opens + length)
    down = minutes(begins, begins + lasts)

    moved = moved_deadline(deadline, down, opens=first, at_most=NEVER)

    lost = Window(first, moved).intersection(down)
    if deadline > down.start:
        assert moved - first - timedelta(seconds=lost.seconds if lost else 0) == deadline - first
    else:
        assert moved == deadline


def test_who_could_not_act_is_excused():
    assert is_excused(Window(at(8), at(9, 1)), [Window(MONDAY, at(1)), FROM_NINE_TO_TEN])
    assert not is_excused(Window(at(8), at(9)), [FROM_NINE_TO_TEN])
