"""Local times as people type them, and the one rule by which they become instants."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from booking.domain.windows import Window

YEARS = range(1970, 2200)


def to_utc(naive: datetime, zone: str) -> datetime:
    """The instant at which clocks in `zone` show this time; the first, where they show it twice.

    Raises ValueError, in words for people, where clocks are put forward over it and never show it, and where nobody
    can mean the year.
    """
    if naive.year not in YEARS:
        raise ValueError("This time is too far away. Take another one.")
    instant = naive.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    if to_local(instant, zone) != naive:
        raise ValueError("Clocks are put forward over this time, so that it does not exist. Take another one.")
    return instant


def wall_to_utc(naive: datetime, zone: str) -> datetime:
    """The instant of a local time that nobody typed, such as a date of a series, which always has one.

    A time that clocks in `zone` skip moves forward by the gap; one that they show twice is the first. Raises ValueError
    where nobody can mean the year.
    """
    if naive.year not in YEARS:
        raise ValueError("This time is too far away. Take another one.")
    return naive.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def to_local(instant: datetime, zone: str) -> datetime:
    """The naive time that clocks in `zone` show at an instant."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def local_days(window: Window, zone: str) -> list[Window]:
    """The days of a calendar in `zone` that a window touches, cut to the window; some have 23 or 25 hours."""
    found = []
    start = window.start
    while start < window.end:
        midnight = to_local(start, zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        end = min(midnight.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), window.end)
        found.append(Window(start, end))
        start = end
    return found


def local_instant(naive: datetime, zone: str) -> datetime:
    """The instant at which clocks in `zone` show this time; where they skip it, the one at which they go on."""
    return naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
