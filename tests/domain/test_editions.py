"""Scenario lists: the times by which they go on, and the rule by which their applications are decided."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.editions import EditionState, NewEdition, Rule, Times, steps
from booking.domain.errors import Invalid

OPENS = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TIMES = Times(OPENS, OPENS + 10 * DAY, OPENS + 30 * DAY)
SECOND = timedelta(seconds=1)


def test_a_list_stands_where_its_times_say_to_the_second() -> None:
    seen = [
        TIMES.state_at(at + by)
        for at in (TIMES.opens_at, TIMES.publishes_at, TIMES.closes_at)
        for by in (-SECOND, 0 * SECOND)
    ]
    assert [str(one) for one in seen] == ["planned", "open", "open", "published", "published", "closed"]


@pytest.mark.parametrize(
    ("publishes", "closes", "field"),
    [
        (10, 0, "closes_at"),
        (10, -1, "closes_at"),
        (-1, 10, "publishes_at"),
        (10, 10, "publishes_at"),
        (11, 10, "publishes_at"),
        (1, 100_000, "closes_at"),
    ],
)
def test_times_in_the_wrong_order_are_refused_beside_their_field(publishes: int, closes: int, field: str) -> None:
    times = Times(OPENS, OPENS + publishes * DAY, OPENS + closes * DAY)
    with pytest.raises(Invalid) as raised:
        NewEdition("Spring", times).checked()
    assert raised.value.field == field


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(quorum=0), "quorum"),
        (Rule(quorum=21), "quorum"),
        (Rule(quorum=True), "quorum"),
        (Rule(vote_days=0), "vote_days"),
        (Rule(vote_days=10, deputy_days=10), "deputy_days"),
        (Rule(deputy_days=0), "deputy_days"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_beside_its_field(rule: Rule, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        rule.checked()
    assert raised.value.field == field


@given(st.lists(st.integers(-5, 40), min_size=1, max_size=6))
def test_however_often_somebody_looks_each_state_is_entered_once_and_in_order(days: list[int]) -> None:
    state, entered = EditionState.PLANNED, []
    for day in sorted(days):
        now = OPENS + day * DAY
        done = steps(state, TIMES, now)
        entered += done
        state = done[-1] if done else state
        assert state is TIMES.state_at(now)
        assert not steps(state, TIMES, now)
    assert entered == list(EditionState)[1 : len(entered) + 1]
