"""Rates and settlements as the API takes and gives them: whole cents, whole unit-seconds."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from booking.domain.settlements import Line, Rate, Total
from booking.schemas.base import Body, Instant, Query, Shape

Kind = Literal["pool", "dataset"]
MonthName = Annotated[str, StringConstraints(max_length=7)]


class NewRate(Body):
    """What a charged unit-hour costs for bookings that are made from an instant on."""

    cents_per_unit_hour: int
    starts_at: Instant | None = Field(None, description="At once where it is absent.")


class RateShape(Shape):
    """What a charged unit-hour costs for bookings that are made from `starts_at` on, until the next rate."""

    starts_at: datetime
    cents_per_unit_hour: int

    @staticmethod
    def of(rate: Rate) -> "RateShape":
        return RateShape(starts_at=rate.starts_at, cents_per_unit_hour=rate.cents_per_unit_hour)


class RatesShape(Shape):
    """The rates of a resource, the first at the top."""

    resource: str
    items: list[RateShape]


class SettlementFilter(Query):
    """Which month, such as 2026-03; the present one where it is absent."""

    month: MonthName = ""


class CentsShape(Shape):
    """What it costs, the share that funders pay of it, and what is left to the teams, in cents."""

    cents: int
    subsidy_cents: int
    own_cents: int


class SumsShape(CentsShape):
    """What was charged as booked and as measured, and refunded, in unit-seconds; and what it costs, in cents.

    Those of a `pool` are of GPUs and those of a `dataset` of seats, so that they are never added up.
    """

    kind: Kind
    booked: int
    measured: int
    refunded: int

    @staticmethod
    def of(total: Total, kind: Kind) -> "SumsShape":
        return SumsShape(
            kind=kind,
            booked=total.booked,
            measured=total.measured,
            refunded=total.refunded,
            cents=total.cents,
            subsidy_cents=total.subsidy_cents,
            own_cents=total.own_cents,
        )


class LineShape(SumsShape):
    """One team's use of one resource at one rate, with the share that a funder pays of it."""

    operator: str
    funder: str | None
    team: str
    resource: str
    subsidy_percent: int
    cents_per_unit_hour: int

    @staticmethod
    def named(line: Line, *, operator: str, funder: str | None, team: str, resource: str, kind: Kind) -> "LineShape":
        sums = SumsShape.of(Total().plus(line), kind).model_dump()
        return LineShape(
            operator=operator,
            funder=funder,
            team=team,
            resource=resource,
            subsidy_percent=line.sum.subsidy_percent,
            cents_per_unit_hour=line.sum.cents_per_unit_hour,
            **sums,
        )


class SettlementShape(Shape):
    """The lines of a month that who asks may see; `closed_at` is null while it is open and may change."""

    month: str
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    items: list[LineShape]
    totals: list[SumsShape] = Field(description="Of all pools, and of all datasets.")
    total: CentsShape
