"""Refunds: never more than was charged, in the reverse order of the charges."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.errors import Conflict, Invalid
from booking.domain.ledger import Entry, Line
from booking.domain.refunds import refund, still_charged

MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def test_what_was_charged_last_is_given_back_first() -> None:
    charged = [Line(1, MARCH, 10), Line(1, APRIL, 5), Line(2, None, 7)]
    assert refund(charged, 9) == (Line(2, None, 7), Line(1, APRIL, 2))


def test_all_that_was_charged_can_be_given_back_and_no_second_more() -> None:
    charged = [Line(1, None, 10)]
    assert refund(charged, 10) == (Line(1, None, 10),)
    with pytest.raises(Conflict) as raised:
        refund(charged, 11)
    assert raised.value.field == "unit_hours"
    assert raised.value.numbers["charged_unit_seconds"] == 10


@pytest.mark.parametrize("unit_seconds", [0, -1])
def test_nothing_is_no_refund(unit_seconds: int) -> None:
    with pytest.raises(Invalid):
        refund([Line(1, None, 10)], unit_seconds)


def test_what_was_never_charged_is_not_given_back() -> None:
    with pytest.raises(Conflict):
        refund([], 1)


LINES = st.builds(Line, st.integers(1, 3), st.sampled_from([None, MARCH, APRIL]), st.integers(1, 100))


@given(st.lists(LINES, min_size=1, max_size=6), st.lists(st.integers(1, 200), max_size=6))
def test_refunds_one_after_the_other_give_back_exactly_what_they_say(lines: list[Line], wanted: list[int]) -> None:
    entries = [(Entry.HOLD, line) for line in lines] + [(Entry.CHARGE, line) for line in lines]
    left = sum(line.unit_seconds for line in lines)
    for unit_seconds in wanted:
        charged = still_charged(entries)
        assert sum(line.unit_seconds for line in charged) == left
        if unit_seconds > left:
            with pytest.raises(Conflict):
                refund(charged, unit_seconds)
            continue
        given_back = refund(charged, unit_seconds)
        assert sum(line.unit_seconds for line in given_back) == unit_seconds
        entries += [(Entry.REFUND, line) for line in given_back]
        left -= unit_seconds
    for grant_id in (1, 2, 3):
        for period in (None, MARCH, APRIL):
            same = [
                (kind, line.unit_seconds)
                for kind, line in entries
                if (line.grant_id, line.period_start) == (grant_id, period)
            ]
            assert sum(amount for kind, amount in same if kind is Entry.REFUND) <= sum(
                amount for kind, amount in same if kind is Entry.CHARGE
            )
