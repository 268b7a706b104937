"""The price of every end of a booking: cancelled, finished early, not shown up for (DESIGN.md, section 3)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.ledger import Terms, given_up, price_of, price_of_end, served
from booking.domain.policies import Charge
from tests.domain.examples import at, hours

HOUR = 3600

# Two units for four hours from ten to two; late from eight on, and then half of the whole.
AGREED = Terms(units=2, window=hours(10, 14), cancel_cutoff_minutes=120, late_cancel_percent=50)
MEASURED = Terms(units=2, window=hours(10, 14), charge=Charge.MEASURED, min_charge_percent=25)
BOTH = Terms(
    units=2,
    window=hours(10, 14),
    cancel_cutoff_minutes=120,
    late_cancel_percent=50,
    charge=Charge.MEASURED,
    min_charge_percent=25,
)


def price(terms, asked, measured=None):
    """Unit-hours charged when the team ends it at an hour of the day (None: it ran to its end)."""
    ended = at(14) if asked is None else at(asked)
    measured_unit_seconds = None if measured is None else int(measured * HOUR)
    end = price_of_end(
        terms, asked=None if asked is None else at(asked), served_until=ended, measured=measured_unit_seconds
    )
    return end / HOUR


@pytest.mark.parametrize(
    ("asked", "unit_hours"),
    [
        (6, 0),  # in good time
        (8, 0),  # at the cut-off itself
        (8 + 1 / HOUR, 4),  # a second later: half of eight
        (10, 4),
        (11, 4),  # two were served, half of the whole is more
        (12, 4),
        (13, 6),  # six were served, more than half of the whole
        (14, 8),
        (None, 8),
    ],
)
def test_after_the_cut_off_an_end_costs_what_was_served_and_at_least_the_late_share(asked, unit_hours):
    assert price(AGREED, asked) == unit_hours


@pytest.mark.parametrize("asked", [6, 10, 10.5, 13, 14])
def test_without_a_cut_off_only_what_was_served_is_paid(asked):
    assert price(Terms(units=2, window=hours(10, 14)), asked) == 2 * max(0, asked - 10)


@pytest.mark.parametrize(
    ("measured", "unit_hours"),
    [
        (None, 8),  # unknown is not zero: all that was served
        (0, 2),  # a quarter of what was booked
        (1.5, 2),
        (2, 2),
        (3, 3),
        (8, 8),
        (9, 8),  # never more than was booked
    ],
)
def test_measured_use_is_paid_between_its_least_share_and_what_was_booked(measured, unit_hours):
    assert price(MEASURED, None, measured) == unit_hours


def test_a_measure_of_zero_is_free_where_no_least_share_was_agreed():
    assert price(Terms(units=2, window=hours(10, 14), charge=Charge.MEASURED), None, 0) == 0


def test_an_unknown_measure_of_an_early_end_counts_as_served():
    assert price(MEASURED, 11) == 2
    assert price(MEASURED, 11, 0) == 2


def test_a_booking_that_ran_to_its_end_is_not_charged_as_given_up_late():
    assert price(BOTH, None, 3) == 3
    assert price(BOTH, 13.9, 3) == 4


def test_a_cancellation_in_good_time_is_free_whatever_the_least_share():
    # Nothing ran, so that the measure of zero is known; it was given back in time all the same.
    assert price(BOTH, 8, 0) == 0
    assert price(BOTH, 9, 0) == 4


def test_a_no_show_costs_what_a_late_cancellation_costs():
    # Nobody came until the grace was over at half past ten: it was held for them for half an hour.
    noticed = {"asked": at(10.5), "served_until": at(10.5)}
    assert price_of_end(AGREED, **noticed) == 4 * HOUR
    assert price_of_end(Terms(units=2, window=hours(10, 14)), **noticed) == HOUR


def test_a_part_that_is_given_up_is_priced_like_a_cancellation_of_that_part():
    part = Terms(units=2, window=hours(12, 14), cancel_cutoff_minutes=120, late_cancel_percent=50)
    assert price(part, 10) == 0
    assert price(part, 11) == 2


GIVEN_UP = {
    "everything": (0, hours(10, 14), 4),
    "an hour at the end": (2, hours(10, 13), 1),
    "an hour at the start": (2, hours(11, 14), 1),
    "one unit": (1, hours(10, 14), 2),
    "one unit and two hours": (1, hours(10, 12), 3),
    "the first half by a move": (2, hours(12, 16), 2),
    "all of it by a move": (2, hours(14, 18), 4),
    "nothing by an extension": (2, hours(9, 15), 0),
    "nothing by more units": (3, hours(10, 14), 0),
    "an hour, for more units": (3, hours(10, 13), 1),
}


@pytest.mark.parametrize(("units", "window", "unit_hours"), GIVEN_UP.values(), ids=GIVEN_UP)
def test_a_change_after_the_cut_off_costs_the_late_share_of_what_it_gives_up(units, window, unit_hours):
    late = at(8) + timedelta(seconds=1)
    assert given_up(AGREED, units, window, asked=late) == unit_hours * HOUR
    assert given_up(AGREED, units, window, asked=at(8)) == 0


def test_what_was_served_is_counted_to_the_second_and_within_the_window():
    assert served(AGREED, at(10)) == served(AGREED, at(9)) == 0
    assert served(AGREED, at(10, 0, 1)) == 2
    assert served(AGREED, at(14)) == served(AGREED, at(20)) == AGREED.whole == 8 * HOUR


def test_the_weight_counts_in_every_price():
    heavy = Terms(units=2, window=hours(10, 14), weight_percent=300, late_cancel_percent=50)
    assert heavy.whole == 24 * HOUR
    assert price_of_end(heavy, asked=at(11), served_until=at(11)) == 12 * HOUR
    assert served(heavy, at(11)) == 6 * HOUR


def test_without_quota_every_end_is_free():
    free = Terms(units=2, window=hours(10, 14), weight_percent=0, late_cancel_percent=100)
    assert price_of_end(free, asked=at(12), served_until=at(12)) == 0


terms = st.builds(
    Terms,
    units=st.integers(1, 9),
    window=st.just(hours(10, 14)),
    weight_percent=st.integers(0, 60).map(lambda fives: 5 * fives),
    cancel_cutoff_minutes=st.integers(0, 600),
    late_cancel_percent=st.integers(0, 100),
    charge=st.sampled_from(Charge),
    min_charge_percent=st.integers(0, 100),
)
seconds = st.integers(0, 15 * HOUR).map(lambda second: at(second=second))
measures = st.none() | st.integers(0, 200_000)


@given(terms, seconds, measures)
def test_no_end_costs_more_than_the_whole_or_less_than_nothing(agreed, asked, measured):
    assert 0 <= price_of_end(agreed, asked=asked, served_until=asked, measured=measured) <= agreed.whole
    assert agreed.whole == price_of(agreed.units, 4 * HOUR, agreed.weight_percent)


@given(terms, seconds, measures, st.integers(1, HOUR))
def test_ending_earlier_never_costs_more(agreed, asked, measured, sooner):
    earlier = asked - timedelta(seconds=sooner)
    now, before = (
        price_of_end(agreed, asked=instant, served_until=instant, measured=measured) for instant in (asked, earlier)
    )
    assert before <= now
