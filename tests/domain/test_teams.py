"""What a team's rights rest on, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.domain.errors import IllegalMove, Invalid
from booking.domain.teams import GRACE, VERBS, Standing, TeamState, check_verb, clean_until, year_hence

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=30)
SECOND = timedelta(seconds=1)


def test_an_approved_team_has_access_until_its_approval_ends_and_no_second_longer():
    standing = Standing(TeamState.APPROVED, LATER)
    assert standing.has_access(LATER - SECOND)
    assert not standing.has_access(LATER)
    assert standing.bookings_end == LATER


def test_a_suspended_team_has_no_access_and_its_bookings_a_days_grace():
    standing = Standing(TeamState.SUSPENDED, LATER, NOON)
    assert not standing.has_access(NOON - SECOND)
    assert standing.access_ends == NOON
    assert standing.bookings_end == NOON + GRACE


def test_the_grace_of_a_suspension_does_not_outlive_the_approval():
    standing = Standing(TeamState.SUSPENDED, NOON + timedelta(hours=2), NOON)
    assert standing.bookings_end == NOON + timedelta(hours=2)
    assert standing.reinstated(NOON + timedelta(hours=1)) is TeamState.APPROVED
    assert standing.reinstated(NOON + timedelta(hours=2)) is TeamState.EXPIRED


@pytest.mark.parametrize("state", [TeamState.APPLIED, TeamState.DECLINED, TeamState.EXPIRED])
def test_any_other_team_has_no_access(state: TeamState):
    assert not Standing(state, LATER).has_access(NOON)
    assert Standing(state).access_ends is Standing(state).bookings_end is None


def test_every_state_but_the_first_can_be_reached_and_left():
    assert set().union(*VERBS.values()) == set(TeamState)
    with pytest.raises(IllegalMove, match="suspended"):
        check_verb(TeamState.SUSPENDED, "approve")


def test_an_approval_lasts_a_year_where_nobody_says_and_ends_in_the_future():
    assert clean_until(None, NOON) == datetime(2027, 3, 2, 12, tzinfo=UTC)
    assert clean_until(NOON + SECOND, NOON) == NOON + SECOND
    for until in (NOON, NOON - SECOND, NOON + timedelta(days=36_526)):
        with pytest.raises(Invalid) as raised:
            clean_until(until, NOON)
        assert raised.value.field == "until"


def test_a_year_after_the_29th_of_february_is_the_28th():
    assert year_hence(datetime(2028, 2, 29, 12, tzinfo=UTC)) == datetime(2029, 2, 28, 12, tzinfo=UTC)
