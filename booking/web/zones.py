"""The zone of pages that belong to no single facility."""

from booking.http.reading import reading
from booking.http.words import read_in
from booking.queries.facilities import timezones


def read_where_most_are() -> str:
    """Let this page show its instants in the zone of most facilities, and return it."""
    zone = timezones(reading())[0]
    read_in(zone)
    return zone
