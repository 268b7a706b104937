"""Capacity as the API takes and gives it: published changes, and what is free over time."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from booking.domain.capacity import Change
from booking.domain.capacity_changes import LONGEST_REASON, PublishedChange
from booking.domain.capacity_changes import NewChange as AskedChange
from booking.schemas.base import Body, Instant, Query, Shape
from booking.schemas.displacements import Said


class NewChange(Body):
    """Units more, fewer (negative) or none (`closed`), until an end or, with null, for ever."""

    starts_at: Instant
    ends_at: Instant | None
    units: int | Literal["closed"]
    reason: Annotated[str, StringConstraints(max_length=2 * LONGEST_REASON)] = ""
    resolution: Said = None

    def asked(self) -> AskedChange:
        """The same as the service takes it."""
        return AskedChange(self.units, self.starts_at, self.ends_at, self.reason)


class EarlierEnd(Body):
    """When a change of capacity is to end, before its time."""

    ends_at: Instant
    resolution: Said = None


class ChangeShape(Shape):
    """A published change of capacity."""

    id: str
    resource: str
    kind: Change
    units: int | Literal["closed"]
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    created_at: datetime

    @staticmethod
    def of(change: PublishedChange, resource: str) -> "ChangeShape":
        sign = -1 if change.kind is Change.OUTAGE else 1
        return ChangeShape(
            id=str(change.id),
            resource=resource,
            kind=change.kind,
            units="closed" if change.units is None else sign * change.units,
            starts_at=change.starts_at,
            ends_at=change.ends_at,
            reason=change.reason,
            created_at=change.created_at,
        )


class AvailabilityQuery(Query):
    """The window that is asked about: a fortnight from now where nobody says."""

    since: Instant | None = Field(None, alias="from")
    until: Instant | None = Field(None, alias="to")


class StepShape(Shape):
    """Units from an instant on; `free` is negative while bookings are displaced."""

    at: datetime
    offered: int
    held: int
    free: int


class AvailabilityShape(Shape):
    """What a resource offers and what is held of it; the first step is at `from`, and consecutive steps differ."""

    resource: str
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    steps: list[StepShape]
