"""By when a deletion is attested, and of what the team hears meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.domain.attestations import clean_days, clean_statement, due_after, next_word
from booking.domain.errors import Invalid

END = datetime(2026, 3, 2, 12, tzinfo=UTC)
A_DAY = timedelta(days=1)


def test_the_time_is_counted_from_the_end_and_there_is_always_a_day_to_answer() -> None:
    assert due_after(END, END, 7) == END + 7 * A_DAY
    assert due_after(END, END + 20 * A_DAY, 7) == END + 21 * A_DAY


def test_a_team_is_reminded_once_and_told_once_that_it_is_late() -> None:
    due = END + 7 * A_DAY
    near, second = due - 2 * A_DAY, timedelta(seconds=1)
    assert next_word(END, due, None, near - second) == ""
    assert next_word(END, due, None, near) == "attestation_due"
    assert next_word(END, due, near, due - second) == ""
    assert next_word(END, due, near, due) == next_word(END, due, None, due) == "attestation_overdue"
    assert next_word(END, due, due, due + A_DAY) == ""
    assert next_word(near, due, None, due - second) == "", "who was asked two days before is not reminded at once"


def test_days_are_whole_and_a_statement_says_something() -> None:
    assert [clean_days(days) for days in (None, 1, 365)] == [None, 1, 365]
    for days in (0, -1, 366, True):
        with pytest.raises(Invalid):
            clean_days(days)
    with pytest.raises(Invalid, match="Say what was deleted"):
        clean_statement(" \n")
