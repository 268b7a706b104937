"""Values that commands are given: instants, hours, and units of a resource; and how commands write them."""

from datetime import UTC, datetime

import click

from booking.domain.amounts import unit_seconds_of

YEARS = range(2000, 2100)
MOST_SECONDS = 200 * 366 * 86_400
MOST_UNITS = 1_000_000


class Instant(click.ParamType):
    """An instant with its zone, such as 2026-03-01T00:00:00Z."""

    name = "instant"

    def convert(self, value, param, ctx):
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no instant such as 2026-03-01T00:00:00Z.", param, ctx)
        if instant.tzinfo is None:
            self.fail(f"{value!r} has no zone; say 2026-03-01T00:00:00Z.", param, ctx)
        if instant.year not in YEARS:
            self.fail(f"{value!r} is not between {YEARS[0]} and {YEARS[-1]}.", param, ctx)
        return instant.astimezone(UTC)


class Hours(click.ParamType):
    """Decimal hours, in whole seconds."""

    name = "hours"

    def convert(self, value, param, ctx):
        if isinstance(value, int):
            return value
        try:
            seconds = unit_seconds_of(value)
        except ValueError as error:
            self.fail(f"{value!r}: {error}.", param, ctx)
        if not 0 < seconds <= MOST_SECONDS:
            self.fail(f"{value!r} is no number of hours such as 4 or 1.5.", param, ctx)
        return seconds


class Units(click.ParamType):
    """A resource and units of it, such as demo-a100=8."""

    name = "slug=units"

    def convert(self, value, param, ctx):
        if isinstance(value, tuple):
            return value
        slug, _, units = value.partition("=")
        is_number = units.isascii() and units.isdigit() and len(units) < 10
        if not slug or not is_number or not 0 < int(units) <= MOST_UNITS:
            self.fail(f"{value!r} is not a resource and units of it, such as demo-a100=8.", param, ctx)
        return slug, int(units)


def stamp(instant):
    """An instant as commands write and read it."""
    return instant.isoformat().replace("+00:00", "Z")
