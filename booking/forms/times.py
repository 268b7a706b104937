"""Times and lengths of time as people type them; what cannot be meant is said beside the field."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Field

from booking.domain.amounts import unit_seconds_of
from booking.domain.errors import Invalid
from booking.domain.localtime import to_utc

LOCAL = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
"""How browsers send a local time."""

MOST_SECONDS = 200 * 366 * 86_400


def say(field: Field, reason: Any) -> None:
    """Put a reason beside a field, after those that are there."""
    field.errors = [*field.errors, reason]


def instant_of(field: Field, zone: str) -> datetime | None:
    """The instant at which clocks in `zone` show what was typed; None where none does."""
    try:
        return to_utc(field.data, zone)
    except ValueError as error:
        say(field, Invalid("", str(error)))
        return None


def seconds_of(field: Field) -> int:
    """Whole seconds of decimal hours; 0 where what was typed is no such number."""
    try:
        seconds = unit_seconds_of(field.data or "")
    except ValueError:
        seconds = 0
    if not 0 < seconds <= MOST_SECONDS:
        say(field, _("Say hours as a number, such as 4 or 1.5."))
        return 0
    return seconds
