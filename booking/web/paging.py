"""Which part of a long list the address asks for, and the addresses of the parts beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from flask import request, url_for

from booking.domain.localtime import local_instant
from booking.domain.timezones import known_timezones

Item = TypeVar("Item")

YEARS = range(1971, 2199)
"""Other instants are mistakes, and some cannot be said in every zone."""

FURTHEST = 10_000
"""Nobody turns so many pages; a number beyond is a mistake, and databases count rows only so far."""


@dataclass(frozen=True)
class Asked:
    """The page that is asked for; `limit` is one more than it shows, so as to know whether there is another."""

    number: int
    size: int

    @property
    def limit(self) -> int:
        return self.size + 1

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def of(self, items: Sequence[Item]) -> "Shown[Item]":
        """The page of what was found with `limit` and `offset`."""
        return Shown(
            items[: self.size],
            previous=_address(self.number - 1) if self.number > 1 else "",
            next=_address(self.number + 1) if len(items) > self.size else "",
        )


@dataclass(frozen=True)
class Shown(Generic[Item]):
    """The items of a page, and the addresses of the pages beside it, empty where there is none."""

    items: Sequence[Item]
    previous: str = ""
    next: str = ""


def asked_page(size: int = 50) -> Asked:
    """The page that the address names by `page`; the first where it names none."""
    text = request.args.get("page", "")
    known = text.isascii() and text.isdigit() and len(text) <= len(str(FURTHEST))
    return Asked(min(max(int(text), 1), FURTHEST) if known else 1, size)


def asked_instant(name: str, zone: str | None = None) -> datetime | None:
    """The instant that the address names, with its offset or as clocks in `zone` show it.

    None where it names none that can be read.
    """
    try:
        instant = datetime.fromisoformat(request.args.get(name, ""))
        if instant.tzinfo is None and zone in known_timezones():
            instant = local_instant(instant, zone)
        return instant.astimezone(UTC) if instant.tzinfo and instant.year in YEARS else None
    except (ValueError, OverflowError):
        return None


def _address(number: int) -> str:
    others = {name: values for name, values in request.args.to_dict(flat=False).items() if name != "page"}
    more = {"page": number} if number > 1 else {}
    return url_for(request.endpoint, **{**(request.view_args or {}), **others, **more})
