"""Capacity changes: what an owner may publish, and how the past is kept as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from booking.domain.capacity import CapacityChange, Change, Steps, offered
from booking.domain.displacements import can_be_told
from booking.domain.errors import Conflict, Invalid
from booking.domain.listings import MOST_UNITS
from booking.domain.texts import clean_text
from booking.domain.windows import Window, floor_to_grid

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Between these instants capacity is published."""

LONGEST = timedelta(days=36_525)
LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class NewChange:
    """What is asked for: units more (positive), fewer (negative) or none (`closed`), until an end or for ever."""

    units: int | Literal["closed"]
    starts_at: datetime
    ends_at: datetime | None
    reason: str = ""

    def checked(self) -> CapacityChange:
        """The change that this is; Invalid names the field that cannot be meant."""
        _check_instant("starts_at", self.starts_at)
        if self.ends_at is not None:
            _check_instant("ends_at", self.ends_at)
            if self.ends_at <= self.starts_at:
                raise Invalid("ends_at", "This ends before it begins.")
            if self.ends_at - self.starts_at > LONGEST:
                raise Invalid(
                    "ends_at", "Capacity is published for at most %(years)s years, or without an end.", {"years": 100}
                )
        kind, units = self._kind_and_units()
        reason = clean_text(self.reason, "reason", most=LONGEST_REASON)
        return CapacityChange(kind, units, self.starts_at, self.ends_at, reason)

    def _kind_and_units(self) -> tuple[Change, int]:
        if self.units == "closed":
            return Change.CLOSED, 0
        if type(self.units) is not int or not 0 < abs(self.units) <= MOST_UNITS:
            raise Invalid(
                "units",
                "Say how many units more, or fewer with a minus, at most %(most)s; or “closed” for all of them.",
                {"most": MOST_UNITS},
            )
        return (Change.SUPPLY if self.units > 0 else Change.OUTAGE), abs(self.units)


@dataclass(frozen=True, slots=True)
class PublishedChange:
    """A capacity change as people read it; `units` is None for a closure."""

    id: int
    kind: Change
    units: int | None
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    created_at: datetime

    @property
    def change(self) -> CapacityChange:
        """What it does to the offer."""
        return CapacityChange(self.kind, self.units or 0, self.starts_at, self.ends_at, self.reason)

    @property
    def window(self) -> Window | None:
        """When it counts; None where it goes on for ever, or was ended as it began."""
        if self.ends_at is None or self.ends_at <= self.starts_at:
            return None
        return Window(self.starts_at, self.ends_at)

    def has_ended(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now


@dataclass(frozen=True, slots=True)
class Offering:
    """What a resource offers: its seats at all times, and its published changes."""

    seats: int
    published: tuple[PublishedChange, ...] = ()
    added: tuple[CapacityChange, ...] = ()

    @property
    def changes(self) -> list[CapacityChange]:
        return [*(one.change for one in self.published), *self.added]

    @property
    def steps(self) -> Steps:
        return offered(self.changes, self.seats)

    @property
    def closures(self) -> tuple[CapacityChange, ...]:
        return tuple(change for change in self.changes if change.kind is Change.CLOSED)

    def find(self, change_id: int) -> PublishedChange | None:
        return next((one for one in self.published if one.id == change_id), None)


def with_change(offering: Offering, change: CapacityChange, held: Steps, now: datetime) -> Offering:
    """The offering with one change more.

    What bookings held in the past was offered to them: a cut that says otherwise counts from now on. Conflict where
    nothing of it is left.
    """
    added = replace(offering, added=(*offering.added, change))
    if change.start >= now or _can_be_told(offering, added, held, change.start, now):
        return added
    if change.end is not None and change.end <= now:
        raise Conflict(
            "Bookings used these units then, and what was served stays on record. Begin the cut now or later.",
            field="starts_at",
        )
    return replace(offering, added=(*offering.added, replace(change, start=now)))


def with_end(offering: Offering, change_id: int, ends_at: datetime, held: Steps, now: datetime) -> Offering:
    """The offering with one of its changes ended earlier; a supply whose units were held until now ends now.

    Invalid where the end is not earlier, or before the start; a change ended as it begins never counts.
    """
    standing = next(one for one in offering.published if one.id == change_id)
    if standing.has_ended(now):
        raise Conflict("This ended at %(ends_at)s already.", {"ends_at": standing.ends_at}, field="ends_at")
    if ends_at < standing.starts_at:
        raise Invalid(
            "ends_at", "This began at %(starts_at)s; it cannot end before.", {"starts_at": standing.starts_at}
        )
    if standing.ends_at is not None and ends_at >= standing.ends_at:
        raise Invalid(
            "ends_at", "This ends at %(ends_at)s already. Say an earlier end, or publish more.",
            {"ends_at": standing.ends_at},
        )  # fmt: skip
    ended = _ended(offering, change_id, ends_at)
    if ends_at >= now or _can_be_told(offering, ended, held, ends_at, now):
        return ended
    return _ended(offering, change_id, now)


def with_seats(offering: Offering, seats: int, *, since: datetime, grid_minutes: int, now: datetime) -> Offering:
    """The offering with another number of seats from now on; what was offered before stays on record.

    More seats count from the running grid step on, in which a booking can still begin.
    """
    fewer = offering.seats - seats
    until = now if fewer > 0 else floor_to_grid(now, grid_minutes)
    since = floor_to_grid(since, grid_minutes)
    changed = replace(offering, seats=seats)
    if fewer == 0 or until <= since:
        return changed
    kind = Change.SUPPLY if fewer > 0 else Change.OUTAGE
    before = CapacityChange(kind, abs(fewer), since, until, f"{offering.seats} → {seats}")
    return replace(changed, added=(*offering.added, before))


def _ended(offering: Offering, change_id: int, ends_at: datetime) -> Offering:
    return replace(
        offering,
        published=tuple(replace(one, ends_at=ends_at) if one.id == change_id else one for one in offering.published),
    )


def _can_be_told(before: Offering, after: Offering, held: Steps, since: datetime, now: datetime) -> bool:
    return can_be_told(before.steps, after.steps, held, Window(since, now))


def _check_instant(field: str, instant: datetime) -> None:
    if not FIRST <= instant <= LAST:
        raise Invalid(field, "Capacity is published from %(first)s to %(last)s.", {"first": FIRST, "last": LAST})
