"""In which order those who wait get their turn, why somebody is where he is, and that nobody starves."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.amounts import hours_text
from booking.domain.queues import AGEING, UNPASSED, Priority, Waiting, in_order, place_of
from tests.domain.examples import MONDAY, at

LONG_AFTER = at(day=60)
waiting = st.builds(
    Waiting,
    st.integers(1, 99),
    st.integers(0, 40 * 24).map(at),
    st.sampled_from(Priority),
    st.sampled_from([0, 3600, 7200]),
)
queues = st.lists(waiting, min_size=1, max_size=12, unique_by=lambda one: one.entry_id)


def numbers(*queue: Waiting, now=MONDAY) -> list[int]:
    return [one.entry_id for one in in_order(queue, now)]


def test_the_class_comes_first_then_the_fewest_hours_then_age():
    old, light = Waiting(1, at(0)), Waiting(2, at(1))
    assert numbers(light, old, now=at(2)) == [1, 2]
    heavy = Waiting(1, at(0), used_unit_seconds=1)
    assert numbers(light, heavy, now=at(2)) == [2, 1]
    urgent = Waiting(3, at(2), Priority.HIGH, 3600)
    assert numbers(light, heavy, urgent, now=at(2)) == [3, 2, 1]
    assert numbers(Waiting(4, at(0), Priority.LOW), light, now=at(2)) == [2, 4]


def test_three_days_of_waiting_are_worth_a_class():
    first, second = Waiting(1, at(0), Priority.NORMAL), Waiting(2, at(0) + AGEING, Priority.HIGH)
    assert numbers(first, second, now=second.since + timedelta(seconds=1)) == [1, 2]
    heavy = Waiting(1, at(0), Priority.NORMAL, 3600)
    assert numbers(heavy, second, now=second.since) == [2, 1], "on the same level the lighter team is first"


@given(queues, st.integers(0, 60))
def test_nobody_who_comes_nine_days_later_is_ever_served_before(queue, days):
    now = max(one.since for one in queue) + timedelta(days=days)
    ordered = in_order(queue, now)
    for index, one in enumerate(ordered):
        assert all(other.since > one.since - UNPASSED for other in ordered[index + 1 :])


@given(queues)
def test_a_place_counts_everybody_before_it_for_one_reason(queue):
    ordered = in_order(queue, LONG_AFTER)
    for position, one in enumerate(ordered, 1):
        place = place_of(one.entry_id, queue, LONG_AFTER)
        assert (place.position, place.total) == (position, len(queue))
        assert place.higher + place.lighter + place.older == position - 1
        assert place.level == one.level(LONG_AFTER)


def test_a_place_says_its_reasons_with_numbers():
    queue = [
        Waiting(1, at(0), Priority.HIGH),
        Waiting(2, at(1), used_unit_seconds=1800),
        Waiting(3, at(0), used_unit_seconds=3600),
        Waiting(4, at(1), used_unit_seconds=3600),
        Waiting(5, at(0), Priority.LOW),
    ]
    place = place_of(4, queue, at(1, day=4))
    assert (place.position, place.higher, place.lighter, place.older) == (4, 1, 1, 1)
    said = place.why.message % {**place.why.numbers, "used_hours": hours_text(place.used_unit_seconds)}
    assert said.startswith("Number 4 of 5. Of those before it, 1 have a higher level")
    assert "level is 2: 1 for its class (normal), and 1 for every 3 days of its 4 days" in said
    assert "used 1 hours here in the last 30 days" in said


def test_who_does_not_wait_has_no_place():
    with pytest.raises(ValueError, match="not in this queue"):
        place_of(7, [Waiting(1, at(0))], at(1))
