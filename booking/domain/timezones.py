"""Time zones: the names that are known."""

from functools import cache
from zoneinfo import available_timezones

from booking.domain.errors import Invalid

# They stand for whatever the server is set to, or for nothing.
NOT_ZONES = frozenset({"localtime", "Factory", "posixrules"})
LONGEST_SHOWN = 40


def clean_timezone(name: str, field: str = "timezone") -> str:
    """The name of a time zone as it is; Invalid where nobody knows one of that name."""
    if name not in known_timezones():
        said = {"timezone": name[:LONGEST_SHOWN]}
        raise Invalid(field, "“%(timezone)s” is no time zone. Say one such as UTC or Asia/Shanghai.", said)
    return name


@cache
def known_timezones() -> frozenset[str]:
    """Every name of a time zone that can be said."""
    return frozenset(available_timezones()) - NOT_ZONES
