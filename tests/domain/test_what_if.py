"""What a rule would have refused of what was booked."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.domain.errors import Invalid
from booking.domain.ledger import Cap, Per
from booking.domain.what_if import Past, Rule, Would, what_if
from booking.domain.windows import Window

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = 3600
WEEKLY = Cap(10 * HOUR, Per.WEEK)


def past(number: int, start: float, hours: int, units: int = 1, team: str = "a") -> Past:
    begin = MONDAY + timedelta(hours=start)
    window = Window(begin, begin + timedelta(hours=hours))
    return Past(number, team, window, units, units * hours * HOUR, MONDAY + timedelta(minutes=number))


def test_exactly_the_cap_is_allowed_and_one_hour_more_is_not():
    found = what_if(Rule(cap=WEEKLY), [past(1, 0, 4), past(2, 10, 6), past(3, 20, 1)])
    assert found == {"a": Would(3, 1, 11 * HOUR, HOUR)}


def test_what_would_have_been_refused_makes_room_for_the_next():
    found = what_if(Rule(cap=WEEKLY), [past(1, 0, 11), past(2, 20, 10)])
    assert found == {"a": Would(2, 1, 21 * HOUR, 11 * HOUR)}


def test_a_booking_over_the_end_of_a_week_counts_in_both():
    over = past(1, 7 * 24 - 8, 16)
    assert what_if(Rule(cap=WEEKLY), [over])["a"].refused == 0
    assert what_if(Rule(cap=WEEKLY), [over, past(2, 7 * 24 + 20, 3)])["a"].refused == 1


def test_each_team_has_a_cap_of_its_own():
    found = what_if(Rule(cap=WEEKLY), [past(1, 0, 10), past(2, 0, 10, team="b")])
    assert [one.refused for one in found.values()] == [0, 0]


def test_a_largest_number_of_units_counts_by_booking():
    assert what_if(Rule(most_units=8), [past(1, 0, 1, 8), past(2, 0, 1, 9)])["a"].refused == 1


def test_the_order_is_that_in_which_they_were_made():
    later, earlier = past(2, 0, 10), past(1, 50, 10)
    assert what_if(Rule(cap=WEEKLY), [later, earlier])["a"] == Would(2, 1, 20 * HOUR, 10 * HOUR)
    with pytest.raises(Invalid):
        Rule().checked()
