"""Availability: levels inside a window."""

from datetime import UTC, datetime, timedelta

from booking.domain.availability import Level, Span, levels, spans
from booking.domain.capacity import Steps
from booking.domain.windows import Window

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_first_level_is_at_the_start_of_the_window_and_each_other_at_a_change() -> None:
    offer = Steps(((NOON - HOUR, 8), (NOON + 2 * HOUR, 4)))
    held = Steps(((NOON + HOUR, 3), (NOON + 2 * HOUR, 0)))

    found = levels(offer, held, Window(NOON, NOON + 3 * HOUR))

    assert found == [Level(NOON, 8, 0), Level(NOON + HOUR, 8, 3), Level(NOON + 2 * HOUR, 4, 0)]
    assert [level.free for level in found] == [8, 5, 4]


def test_changes_at_the_end_of_the_window_and_after_are_left_out() -> None:
    offer = Steps(((NOON, 8), (NOON + HOUR, 4)))
    assert levels(offer, Steps(), Window(NOON, NOON + HOUR)) == [Level(NOON, 8, 0)]


def test_free_is_negative_while_more_is_held_than_offered() -> None:
    assert levels(Steps((), 2), Steps((), 3), Window(NOON, NOON + HOUR))[0].free == -1


def test_levels_that_follow_each_other_differ() -> None:
    # The offer and what is held both change at noon + 1 h; at noon + 2 h each falls, by the same.
    offer = Steps(((NOON, 4), (NOON + HOUR, 6), (NOON + 2 * HOUR, 5)))
    held = Steps(((NOON + HOUR, 1), (NOON + 2 * HOUR, 0)))
    found = levels(offer, held, Window(NOON, NOON + 4 * HOUR))
    assert [(level.offered, level.held) for level in found] == [(4, 0), (6, 1), (5, 0)]


def test_a_span_has_the_least_and_the_most_that_is_free_in_it() -> None:
    found = [Level(NOON, 8, 2), Level(NOON + HOUR, 8, 7), Level(NOON + 2 * HOUR, 4, 0)]
    first, second = Window(NOON, NOON + 2 * HOUR), Window(NOON + 2 * HOUR, NOON + 3 * HOUR)
    assert spans(found, [first, second]) == [Span(first, 8, 1, 6), Span(second, 4, 4, 4)]
