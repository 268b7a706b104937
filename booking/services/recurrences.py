"""Rules of recurrence as days of the calendar, by python-dateutil, which the domain does without."""

from dataclasses import replace
from datetime import date, datetime, time
from itertools import islice

from dateutil.rrule import rrulestr

from booking.domain.localtime import YEARS
from booking.domain.recurrence import MOST_DATES, Rule

LAST_DAY = date(YEARS[-1], 12, 31)


def days_of(rule: Rule, first: date) -> list[date]:
    """The days of a rule from `first` on, one more than a series may have where there are too many.

    The first itself is one of them where the rule says so. Months without such a day are left out and do not count.
    """
    rule = rule.from_first(first)
    # Counted here, so that a rule that never comes true is not looked for until the year 9999.
    ending = replace(rule, count=None, until=min(rule.until or LAST_DAY, LAST_DAY))
    days = rrulestr(ending.text, dtstart=datetime.combine(first, time()))
    return [found.date() for found in islice(days, rule.count or MOST_DATES + 1)]
