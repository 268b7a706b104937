"""What a month costs is shared to the cent: nothing is lost, nothing is made, and months follow one another."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.errors import Conflict, Invalid
from booking.domain.settlements import (
    Rate,
    Sum,
    check_free,
    check_start,
    due,
    month_named,
    month_of,
    name_of,
    rate_at,
    settle,
)
from booking.domain.windows import Window

HOUR = 3600
MARCH = Window(datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC))

amounts = st.integers(0, 10**10)
sums = st.builds(
    Sum,
    operator_id=st.integers(1, 3),
    funder_id=st.integers(1, 3),
    team_id=st.integers(1, 3),
    resource_id=st.integers(1, 3),
    subsidy_percent=st.integers(0, 100),
    cents_per_unit_hour=st.integers(0, 10**6),
    booked=amounts,
    measured=amounts,
    refunded=amounts,
)


def plain(booked: int, cents: int, percent: int = 0, refunded: int = 0) -> Sum:
    return Sum(1, 2 if percent else None, 3, 4, percent, cents, booked=booked, refunded=refunded)


@given(st.lists(sums, max_size=12))
def test_the_lines_of_a_month_are_its_ledger_to_the_second_and_to_the_cent(found):
    lines = settle(found)
    exact = sum(one.net * one.cents_per_unit_hour for one in found)
    assert sum(line.sum.net for line in lines) == sum(one.net for one in found)
    assert abs(2 * (sum(line.cents for line in lines) * HOUR - exact)) <= HOUR
    for line in lines:
        assert line.subsidy_cents + line.own_cents == line.cents
        assert abs(line.cents * HOUR - line.sum.net * line.sum.cents_per_unit_hour) < HOUR
        assert abs(100 * line.subsidy_cents - line.cents * line.sum.subsidy_percent) <= 50


def test_cents_go_to_the_largest_remainders_so_that_they_add_up():
    lines = settle([plain(HOUR // 3, 1), plain(HOUR // 3, 1), plain(HOUR // 3 + 1, 1)])
    assert [line.cents for line in lines] == [0, 0, 1]


def test_a_voucher_pays_its_share_and_the_team_the_rest():
    (line,) = settle([plain(10 * HOUR, 1250, 40)])
    assert (line.cents, line.subsidy_cents, line.own_cents) == (12_500, 5_000, 7_500)


def test_a_refund_of_an_earlier_month_is_money_back_for_both():
    (line,) = settle([plain(0, 1250, 40, refunded=HOUR)])
    assert (line.cents, line.subsidy_cents, line.own_cents) == (-1250, -500, -750)


def test_months_are_named_and_begin_by_the_clock_of_the_programme():
    assert month_named("2026-03") == MARCH == month_of(MARCH.start)
    assert name_of(MARCH) == "2026-03"
    for wrong in ("", "2026", "2026-13", "2026-3", "26-03", "2026-03-01", "２０２６-03", "x" * 1000):
        with pytest.raises(Invalid):
            month_named(wrong)


def test_the_oldest_month_that_has_ended_is_closed_next():
    february = month_named("2026-02")
    assert due(None, None, MARCH.end) is None
    assert due(None, MARCH.start, MARCH.end) == MARCH
    assert due(None, MARCH.start, MARCH.end - timedelta(seconds=1)) is None
    assert due(february, MARCH.start, MARCH.end) == MARCH
    assert due(MARCH, MARCH.start, MARCH.end) is None


def test_a_rate_counts_from_an_instant_on_and_never_in_the_past():
    rates = [Rate(MARCH.start, 100), Rate(MARCH.end, 200)]
    assert [rate_at(rates, at) for at in (MARCH.start - timedelta(1), MARCH.start, MARCH.end)] == [None, 100, 200]
    check_start(rates, MARCH.start + timedelta(1), MARCH.start)
    with pytest.raises(Invalid):
        check_start(rates, MARCH.start, MARCH.start + timedelta(seconds=1))
    check_start(rates, MARCH.end, MARCH.start + timedelta(1))
    with pytest.raises(Conflict):
        check_start(rates, MARCH.end, MARCH.end)


def test_nothing_is_free_of_charge_while_it_costs_something_now_or_later():
    free = [Rate(MARCH.start, 100), Rate(MARCH.end, 0)]
    check_free([], MARCH.start)
    check_free(free, MARCH.end)
    for rates, now in ((free, MARCH.start), ([Rate(MARCH.end, 100)], MARCH.start)):
        with pytest.raises(Invalid) as refused:
            check_free(rates, now)
        assert (refused.value.field, refused.value.numbers) == ("policy.opening", {"cents": 100})
