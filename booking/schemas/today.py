"""Today and what-if, as the API gives them to who looks after resources."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from booking.domain.ledger import Cap, Per
from booking.domain.what_if import DAYS, Rule, Would
from booking.schemas.base import LARGEST_UNITS, HoursFromZero, Query, Shape, Timezone


class TodayShape(Shape):
    """How many bookings of what one looks after stand how today, and what waits for an answer since and until when."""

    running: int
    starts: int
    ends: int
    unchecked: int
    no_shows: int
    displaced: int
    approvals: int
    approvals_since: datetime | None
    approvals_until: datetime | None


class WhatIfFilter(Query):
    """A rule that is thought of: a cap of each team, a largest number of units of a booking, or both."""

    days: Annotated[int, Field(ge=DAYS[0], le=DAYS[-1])] = 90
    kind: Literal["pool", "dataset"] = "pool"
    unit_hours: HoursFromZero | None = None
    per: Per = Per.WEEK
    timezone: Timezone = "UTC"
    most_units: Annotated[int, Field(ge=0, le=LARGEST_UNITS)] | None = None

    def rule(self) -> Rule:
        """The same as the domain takes it; Invalid where it says nothing."""
        cap = None if self.unit_hours is None else Cap(self.unit_hours, self.per, self.timezone)
        return Rule(self.most_units, cap).checked()


class WouldShape(Shape):
    """What the rule would have done to a team (empty: to all)."""

    team: str
    made: int
    refused: int
    unit_seconds: int
    refused_unit_seconds: int

    @staticmethod
    def of(team: str, would: Would) -> "WouldShape":
        return WouldShape(
            team=team,
            made=would.made,
            refused=would.refused,
            unit_seconds=would.unit_seconds,
            refused_unit_seconds=would.refused_unit_seconds,
        )


class WhatIfShape(Shape):
    """By team, and together."""

    items: list[WouldShape]
    total: WouldShape
