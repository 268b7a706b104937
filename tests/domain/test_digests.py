"""When a summary of the day is due, whatever the zone and however long the scheduler slept."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.domain.digests import Preferences, is_digest_due, last_hour
from booking.domain.errors import Invalid
from booking.domain.notices import Way

SHANGHAI = "Asia/Shanghai"
EIGHT = datetime(2026, 3, 2, tzinfo=UTC)  # in Shanghai
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def test_the_hour_is_that_of_the_readers_clock():
    assert last_hour(8, SHANGHAI, EIGHT) == EIGHT
    assert last_hour(8, SHANGHAI, EIGHT - SECOND) == EIGHT - DAY


@pytest.mark.parametrize("now", [datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)])
def test_an_hour_that_a_clock_skips_or_shows_twice_comes_once(now: datetime):
    """At two in Paris clocks are put forward in March, and back in October."""
    found = {last_hour(2, "Europe/Paris", now - timedelta(minutes=15 * step)) for step in range(4 * 24)}
    assert len(found) == 2, "that of today and that of yesterday"


@pytest.mark.parametrize(
    ("oldest", "last", "now", "due"),
    [
        (EIGHT - SECOND, None, EIGHT, True),
        (EIGHT - SECOND, None, EIGHT - SECOND, False),
        (EIGHT, None, EIGHT + SECOND, False),
        (EIGHT - SECOND, EIGHT, EIGHT + SECOND, False),
        (EIGHT - SECOND, EIGHT - DAY, EIGHT + SECOND, True),
        (EIGHT - 3 * DAY, EIGHT - 4 * DAY, EIGHT + 5 * SECOND, True),
    ],
)
def test_a_summary_is_due_once_a_day_where_there_is_something_to_say(oldest, last, now, due):
    assert is_digest_due(8, SHANGHAI, oldest=oldest, last=last, now=now) is due


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Preferences(hour=24), "hour"),
        (Preferences(timezone="Mars/Olympus"), "timezone"),
        (Preferences(ways={"reset_password": Way.PAGE}), "ways.reset_password"),
    ],
)
def test_what_cannot_be_meant_is_named(wrong: Preferences, field: str):
    with pytest.raises(Invalid) as refused:
        wrong.checked()
    assert refused.value.field == field


def test_mail_at_once_is_the_rule():
    assert Preferences().way("confirmed") is Way.MAIL
    assert Preferences(ways={"confirmed": Way.PAGE}).way("confirmed") is Way.PAGE
