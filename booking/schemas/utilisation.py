"""Utilisation as the API is asked for it and gives it, in whole unit-seconds."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from booking.domain.refused_wishes import Refusals, Unmet
from booking.domain.utilisation import Totals, checked_span
from booking.schemas.base import Query, Reference, Shape

Day = Annotated[date, Field(examples=["2026-03-02"])]


class UtilisationFilter(Query):
    """Which days, through `to`, of which resources; days are those of each facility's own clock."""

    since: Day = Field(alias="from")
    through: Day = Field(alias="to")
    by: Literal["facility", "resource", "region", "team", "day", "week", "month"] = "facility"
    kind: Literal["pool", "dataset"] = "pool"
    facility: Reference = ""
    resource: Reference = ""
    region: Reference = ""
    gpu_model: Reference = ""

    def span(self) -> tuple[date, date]:
        """The first day and the one after the last; Invalid where they make no sense."""
        return checked_span(self.since, self.through)


class SumShape(Shape):
    """What was published and what became of it; `measured` is of the `measured_of` unit-seconds that were measured."""

    key: str
    name: str
    published: int
    booked: int
    checked_in: int
    no_show: int
    measured: int
    measured_of: int

    @staticmethod
    def of(key: str, name: str, totals: Totals) -> "SumShape":
        share = totals.share
        return SumShape(
            key=key,
            name=name,
            published=totals.published,
            booked=share.booked,
            checked_in=share.checked_in,
            no_show=share.no_show,
            measured=share.measured,
            measured_of=share.measured_of,
        )


class RefusalsShape(Shape):
    """How many different wishes were refused with a code, how often they were asked, and what they wanted."""

    code: str
    wishes: int
    times: int
    unit_seconds: int

    @staticmethod
    def of(refusals: Refusals) -> "RefusalsShape":
        return RefusalsShape.model_validate(refusals)


class UnmetShape(Shape):
    """Demand that found no supply, by the Monday of the week for which it was wanted."""

    week: date
    model: str
    wishes: int
    unit_seconds: int

    @staticmethod
    def of(demand: Unmet) -> "UnmetShape":
        return UnmetShape.model_validate(demand)


class UtilisationShape(Shape):
    """Sums by what was asked, all of them together, the booked share by weekday and hour, and what was refused.

    `hours` has for each weekday from Monday and each hour of the facility's clock `[published, booked]`.
    """

    since: date = Field(alias="from")
    through: date = Field(alias="to")
    by: str
    kind: str
    items: list[SumShape]
    total: SumShape
    hours: list[list[tuple[int, int]]]
    refusals: list[RefusalsShape]
    unmet: list[UnmetShape]


def hours_shape(hours: Sequence[Sequence[Totals]]) -> list[list[tuple[int, int]]]:
    """What was published and booked by weekday and hour."""
    return [[(cell.published, cell.share.booked) for cell in day] for day in hours]
