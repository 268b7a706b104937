"""Giving and taking back: what a grant is for, how much it can hold, and what a cut takes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.amounts import MOST_UNIT_SECONDS
from booking.domain.errors import Conflict, Invalid
from booking.domain.grants import Balance, Scope, check_amount, check_window, cut_of
from booking.domain.ledger import Cap, Grant, Per
from booking.domain.windows import Window

MARCH = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 3000))
def test_a_cut_takes_what_is_asked_or_left_and_never_what_is_held_or_charged(
    held: int, charged: int, left: int, asked: int
):
    grant = Grant(1, MARCH, held + charged + left, held, charged)
    if left == 0:
        with pytest.raises(Conflict) as raised:
            cut_of(grant, asked)
        assert raised.value.numbers["held_unit_seconds"] == held
        assert raised.value.numbers["charged_unit_seconds"] == charged
        return
    cut = cut_of(grant, asked)
    assert 0 < cut.taken_unit_seconds <= asked
    assert grant.amount - cut.taken_unit_seconds >= held + charged
    assert cut.is_whole == (asked <= left)
    assert cut.taken_unit_seconds + cut.stays_unit_seconds == asked
    assert cut.is_whole or cut.taken_unit_seconds == left


@pytest.mark.parametrize(
    ("kind", "resource_id", "facility_id"),
    [(None, None, None), ("pool", 1, None), ("pool", None, 1), (None, 1, 1), ("gpu", None, None)],
)
def test_a_grant_is_for_exactly_one_thing(kind: str | None, resource_id: int | None, facility_id: int | None):
    with pytest.raises(Invalid):
        Scope(kind, resource_id, facility_id)


def test_amounts_are_more_than_nothing_and_can_be_counted():
    check_amount(1)
    check_amount(1, standing=MOST_UNIT_SECONDS - 1)
    for amount, standing in ((0, 0), (-1, 0), (1, MOST_UNIT_SECONDS)):
        with pytest.raises(Invalid):
            check_amount(amount, standing=standing)


def test_a_grant_lasts_a_century_at_most():
    check_window(Window(MARCH.start, MARCH.start + timedelta(days=36_525)))
    with pytest.raises(Invalid):
        check_window(Window(MARCH.start, MARCH.start + timedelta(days=36_525, seconds=1)))


def balance(cap: Cap | None, used: dict[datetime, int] | None = None) -> Balance:
    grant = Grant(1, MARCH, 100, kind="pool", cap=cap, used=used or {})
    return Balance(grant, 1, "team", "Team", "UTC", "", MARCH.start, None)


def test_a_period_says_what_is_used_left_and_when_the_next_begins():
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    use = balance(Cap(10, Per.WEEK), {monday: 7}).period_use(NOON)
    assert use is not None
    assert (use.used_unit_seconds, use.left_unit_seconds) == (7, 3)
    assert use.window == Window(monday, monday + timedelta(days=7))


def test_a_cap_that_was_lowered_below_what_is_used_leaves_nothing():
    use = balance(Cap(5, Per.MONTH), {MARCH.start: 7}).period_use(NOON)
    assert use is not None
    assert use.left_unit_seconds == 0


def test_nothing_caps_a_grant_without_a_cap_or_outside_its_window():
    assert balance(None).period_use(NOON) is None
    assert balance(Cap(10, Per.WEEK)).period_use(MARCH.end) is None
    assert balance(Cap(10, Per.WEEK)).has_ended(MARCH.end)
    assert not balance(Cap(10, Per.WEEK)).has_ended(MARCH.end - timedelta(seconds=1))
