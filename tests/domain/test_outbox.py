"""When a failed delivery is tried again, and when it waits for people."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.outbox import (
    LONGEST_PAUSE,
    MOST_ATTEMPTS,
    ItemState,
    Permanent,
    Temporary,
    Unreachable,
    Verdict,
    kept_payload,
    pause_after,
    verdict,
)
from tests.domain.examples import MONDAY


def test_pauses_double_from_half_a_minute_up_to_an_hour():
    assert [pause_after(failures) / timedelta(seconds=1) for failures in range(1, 10)] == [
        30, 60, 120, 240, 480, 960, 1920, 3600, 3600,
    ]  # fmt: skip


@given(st.integers(min_value=1, max_value=10**9))
def test_no_pause_is_longer_than_an_hour_or_shorter_than_the_one_before(failures: int):
    assert pause_after(failures) <= pause_after(failures + 1) <= LONGEST_PAUSE


def test_a_receiver_that_is_down_for_two_days_is_still_tried():
    given_up_after = sum((pause_after(failures) for failures in range(1, MOST_ATTEMPTS)), timedelta())

    assert timedelta(days=3) <= given_up_after < timedelta(days=3, hours=2)


@pytest.mark.parametrize("error", [Temporary("4.2.1"), Unreachable("refused"), RuntimeError("a fault of ours")])
def test_what_may_go_through_later_waits_for_its_pause(error: Exception):
    assert verdict(error, 3, MONDAY) == Verdict(ItemState.WAITING, MONDAY + timedelta(minutes=2))


def test_the_last_attempt_parks_an_item():
    assert verdict(Temporary("4.2.1"), MOST_ATTEMPTS - 1, MONDAY).state is ItemState.WAITING
    assert verdict(Temporary("4.2.1"), MOST_ATTEMPTS, MONDAY).state is ItemState.PARKED


def test_a_refusal_for_good_parks_an_item_at_once():
    assert verdict(Permanent("5.1.1 no such mailbox"), 1, MONDAY).state is ItemState.PARKED


def test_a_link_that_opens_an_account_is_forgotten_once_it_has_left():
    assert kept_payload("reset_password", {"link_token": "secret"}) == {}
    assert kept_payload("confirmed", {"reason": "fits"}) == {"reason": "fits"}
