"""Digests: at which instant of a day somebody's summary is due, and how each person wants to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from booking.domain.errors import Invalid
from booking.domain.localtime import to_local
from booking.domain.notices import Way
from booking.domain.timezones import clean_timezone
from booking.domain.wording import TELLS

HOURS = range(24)
USUAL_HOUR = 8
MOST_PARTS = 100
"""Notices in one summary; the others stand in the page."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """How somebody hears of what, and at which hour of which zone the summary comes; by mail at once is the rule."""

    hour: int = USUAL_HOUR
    timezone: str = "UTC"
    ways: Mapping[str, Way] = field(default_factory=dict)

    def way(self, event: str) -> Way:
        return self.ways.get(event, Way.MAIL)

    def checked(self) -> "Preferences":
        """The same, where it makes sense; Invalid names the field where it does not."""
        if self.hour not in HOURS:
            raise Invalid("hour", "An hour is a number from 0 to 23.")
        for event in self.ways:
            if event not in TELLS:
                raise Invalid(f"ways.{event[:40]}", "There is no such event.")
        return Preferences(self.hour, clean_timezone(self.timezone), dict(self.ways))


def last_hour(hour: int, zone: str, now: datetime) -> datetime:
    """The last instant at which clocks in `zone` showed this full hour."""
    local = to_local(now, zone)
    today = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    for day in (today, today - timedelta(days=1)):
        instant = day.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if instant <= now:
            return instant
    raise AssertionError("an hour of yesterday lies in the past")


def is_digest_due(hour: int, zone: str, *, oldest: datetime, last: datetime | None, now: datetime) -> bool:
    """Whether a summary is due that begins with a notice of `oldest`, where the `last` one was made then."""
    due = last_hour(hour, zone, now)
    return oldest < due and (last is None or last < due)
