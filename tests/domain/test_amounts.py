"""People read hours, the ledger counts whole unit-seconds, and nothing is lost between them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.amounts import MOST_UNIT_SECONDS, hours_text, unit_seconds_of


def test_a_tenth_of_an_hour_ten_times_is_exactly_one_hour():
    assert sum(unit_seconds_of("0.1") for _ in range(10)) == unit_seconds_of("1") == 3600


@pytest.mark.parametrize(
    ("written", "unit_seconds"),
    [("0", 0), (0, 0), ("1", 3600), (2, 7200), ("1.5", 5400), ("0.25", 900), (Decimal("0.0025"), 9), ("1e2", 360_000)],
)
def test_hours_are_read_as_decimals(written, unit_seconds):
    assert unit_seconds_of(written) == unit_seconds


@given(st.integers(0, 10**9))
def test_every_hundredth_of_an_hour_is_read_back_as_it_was_written(hundredths):
    text = hours_text(unit_seconds_of(Decimal(hundredths) / 100))
    assert Decimal(text.replace(",", "")) == Decimal(hundredths) / 100


@pytest.mark.parametrize("written", ["0.00001", "0.333", "1.0000000001", "1e-30", "0." + "1" * 60, "1e-999999"])
def test_a_fraction_of_a_second_is_refused(written):
    with pytest.raises(ValueError, match="fraction"):
        unit_seconds_of(written)


def test_a_fraction_beyond_what_a_decimal_usually_keeps_is_refused_too():
    with pytest.raises(ValueError, match="fraction"):
        unit_seconds_of("0.1" + "0" * 40 + "1")


@pytest.mark.parametrize("written", ["", " ", "ten", "1,5", "-1", "-0.1", "nan", "sNaN", "inf", "-Infinity", "1\x00"])
def test_what_is_no_number_of_hours_is_refused(written):
    with pytest.raises(ValueError, match="not a number of hours"):
        unit_seconds_of(written)


@pytest.mark.parametrize("written", ["2500000000000.01", "1e20", "1e999999", Decimal("9E+999999")])
def test_more_hours_than_can_be_counted_are_refused(written):
    with pytest.raises(ValueError, match="more hours"):
        unit_seconds_of(written)


def test_the_most_hours_are_still_counted():
    assert unit_seconds_of("2500000000000") == MOST_UNIT_SECONDS


@pytest.mark.parametrize(
    ("unit_seconds", "text"),
    [
        (0, "0"),
        (3600, "1"),
        (5400, "1.5"),
        (36_000, "10"),
        (360_000_000, "100,000"),
        (1200, "0.33"),
        (36, "0.01"),
        (MOST_UNIT_SECONDS, "2,500,000,000,000"),
    ],
)
def test_people_read_hours_without_idle_zeros(unit_seconds, text):
    assert hours_text(unit_seconds) == text
