"""The only module that reads the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant in UTC, to be read once at an edge and passed on as an argument."""
    return datetime.now(UTC)
