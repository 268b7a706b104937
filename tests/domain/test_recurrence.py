"""Rules of recurrence: what is understood of RRULE, what is refused by its part, and which months are left out."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.errors import Invalid
from booking.domain.recurrence import MOST_DATES, WEEKDAYS, Frequency, Nth, Rule, months_without, read_rule

TUESDAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=DAILY;COUNT=3", Rule(Frequency.DAILY, count=3)),
        ("RRULE:FREQ=daily;INTERVAL=2;COUNT=3", Rule(Frequency.DAILY, 2, count=3)),
        ("FREQ=WEEKLY;BYDAY=TH,MO;UNTIL=20270131", Rule(Frequency.WEEKLY, weekdays=(0, 3), until=date(2027, 1, 31))),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4", Rule(Frequency.MONTHLY, month_day=31, count=4)),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=4", Rule(Frequency.MONTHLY, nth=Nth(-1, 4), count=4)),
        ("FREQ=MONTHLY;BYDAY=5MO;COUNT=4", Rule(Frequency.MONTHLY, nth=Nth(5, 0), count=4)),
    ],
)
def test_a_text_says_a_rule(text: str, rule: Rule) -> None:
    assert read_rule(text) == rule


WRONG = [
    ("", "rule"),
    ("every Monday", "rule"),
    ("COUNT=3", "rule.freq"),
    ("FREQ=YEARLY;COUNT=3", "rule.freq"),
    ("FREQ=HOURLY;COUNT=3", "rule.freq"),
    ("FREQ=DAILY", "rule.until"),
    ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "rule.count"),
    ("FREQ=DAILY;COUNT=3;COUNT=4", "rule.count"),
    ("FREQ=DAILY;COUNT=0", "rule.count"),
    ("FREQ=DAILY;COUNT=-1", "rule.count"),
    ("FREQ=DAILY;COUNT=1.5", "rule.count"),
    ("FREQ=DAILY;COUNT=٣", "rule.count"),
    (f"FREQ=DAILY;COUNT={MOST_DATES + 1}", "rule.count"),
    ("FREQ=DAILY;COUNT=99999999999999999999", "rule.count"),
    ("FREQ=DAILY;INTERVAL=0;COUNT=3", "rule.interval"),
    ("FREQ=DAILY;INTERVAL=100;COUNT=3", "rule.interval"),
    ("FREQ=DAILY;UNTIL=20270229", "rule.until"),
    ("FREQ=DAILY;UNTIL=20270101T000000Z", "rule.until"),
    ("FREQ=DAILY;UNTIL=2027-01-01", "rule.until"),
    ("FREQ=DAILY;BYDAY=MO;COUNT=3", "rule.byday"),
    ("FREQ=WEEKLY;BYDAY=;COUNT=3", "rule.byday"),
    ("FREQ=WEEKLY;BYDAY=2MO;COUNT=3", "rule.byday"),
    ("FREQ=MONTHLY;BYDAY=MO;COUNT=3", "rule.byday"),
    ("FREQ=MONTHLY;BYDAY=6MO;COUNT=3", "rule.byday"),
    ("FREQ=MONTHLY;BYDAY=1MO,2MO;COUNT=3", "rule.byday"),
    ("FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=3;COUNT=3", "rule.byday"),
    ("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3", "rule.bymonthday"),
    ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "rule.bymonthday"),
    ("FREQ=WEEKLY;BYMONTHDAY=1;COUNT=3", "rule.bymonthday"),
    ("FREQ=DAILY;BYHOUR=9;COUNT=3", "rule"),
    ("FREQ=DAILY;COUNT=3\nRDATE:20270101", "rule.count"),
    ("FREQ=DAILY;WKST=SU;COUNT=3", "rule"),
]


@pytest.mark.parametrize(("text", "field"), WRONG, ids=[text for text, _ in WRONG])
def test_what_is_not_understood_is_refused_and_its_part_is_named(text: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_rule(text)
    assert caught.value.field == field


def test_a_part_that_is_unknown_is_said_as_it_was_written() -> None:
    with pytest.raises(Invalid, match="“BYHOUR=9” is not understood here"):
        read_rule("FREQ=DAILY;BYHOUR=9;COUNT=3")


def test_an_end_before_the_first_date_is_refused_and_the_first_date_itself_is_an_end() -> None:
    with pytest.raises(Invalid) as caught:
        Rule(Frequency.DAILY, until=date(2026, 11, 30)).from_first(TUESDAY)
    assert caught.value.field == "rule.until"
    assert Rule(Frequency.DAILY, until=TUESDAY).from_first(TUESDAY).until == TUESDAY


def test_the_first_date_says_what_the_rule_leaves_out() -> None:
    assert Rule(Frequency.WEEKLY, count=2).from_first(TUESDAY).weekdays == (1,)
    assert Rule(Frequency.MONTHLY, count=2).from_first(date(2027, 1, 31)).month_day == 31
    assert Rule(Frequency.MONTHLY, nth=Nth(1, 0), count=2).from_first(TUESDAY).month_day is None


RULES = st.one_of(
    st.builds(Rule, st.just(Frequency.DAILY), st.integers(1, 99), count=st.integers(1, MOST_DATES)),
    st.builds(
        Rule,
        st.just(Frequency.WEEKLY),
        st.integers(1, 99),
        st.sets(st.sampled_from(range(len(WEEKDAYS)))).map(lambda days: tuple(sorted(days))),
        until=st.dates(),
    ),
    st.builds(Rule, st.just(Frequency.MONTHLY), month_day=st.integers(1, 31), count=st.integers(1, MOST_DATES)),
    st.builds(
        Rule,
        st.just(Frequency.MONTHLY),
        nth=st.builds(Nth, st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(0, 6)),
        until=st.dates(min_value=date(1000, 1, 1)),
    ),
)


@given(RULES)
def test_the_text_of_a_rule_says_the_same_rule(rule: Rule) -> None:
    assert read_rule(rule.text) == rule


@given(st.text(max_size=40) | st.text("FREQ=DAILYWKOUNT;,0129M", max_size=40))
def test_no_text_is_more_than_refused(text: str) -> None:
    with suppress(Invalid):
        read_rule(text)


def test_months_without_such_a_day_are_named() -> None:
    thirty_first = Rule(Frequency.MONTHLY, month_day=31, count=3)
    left_out = [one.numbers["month"] for one in months_without(thirty_first, date(2027, 1, 31), date(2027, 6, 1))]
    assert left_out == ["2027-02", "2027-04", "2027-06"]
    leap_day = Rule(Frequency.MONTHLY, 12, month_day=29, count=2)
    left_out = [one.numbers["month"] for one in months_without(leap_day, date(2028, 2, 29), date(2032, 2, 29))]
    assert left_out == ["2029-02", "2030-02", "2031-02"]


def test_months_with_four_mondays_have_no_fifth_and_every_month_has_a_last() -> None:
    fifth = Rule(Frequency.MONTHLY, nth=Nth(5, 0), count=3)
    left_out = [one.numbers["month"] for one in months_without(fifth, date(2026, 1, 1), date(2026, 6, 30))]
    assert left_out == ["2026-01", "2026-02", "2026-04", "2026-05"]
    last = Rule(Frequency.MONTHLY, nth=Nth(-1, 0), count=3)
    assert list(months_without(last, date(2026, 1, 1), date(2026, 12, 31))) == []
    assert list(months_without(Rule(Frequency.DAILY, count=3), date(2026, 1, 1), date(2026, 12, 31))) == []
