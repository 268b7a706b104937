"""Searches as the API takes them, and the offers that it gives."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from booking.domain.errors import Invalid
from booking.domain.search import Offer
from booking.schemas.base import LARGEST_PAGE, Body, HoursInSeconds, Instant, Reference, Refusal, Shape, Units
from booking.schemas.bookings import ClaimShape

MOST_NAMES = 50
Names = Annotated[list[Reference], Field(min_length=1, max_length=MOST_NAMES)]


class NewSearch(Body):
    """Units wanted for some hours within a span, of a kind or of one resource, with a seat of a dataset or without.

    Say `hours`, or `hours_min` and `hours_max`: then each offer begins where the least fits first, and is as long as
    fits there, up to the most.
    """

    kind: Literal["pool", "dataset"] | None = None
    resource: Reference | None = None
    units: Units
    seconds: HoursInSeconds | None = Field(None, alias="hours")
    least_seconds: HoursInSeconds | None = Field(None, alias="hours_min")
    most_seconds: HoursInSeconds | None = Field(None, alias="hours_max")
    earliest: Instant
    latest: Instant
    gpu_model: Reference | None = None
    gpu_models: Names | None = Field(None, description="Only these, the one that is liked best first.")
    memory_gib: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(None, description="The least memory of a GPU.")
    region: Reference | None = None
    regions: Names | None = Field(None, description="Only in these.")
    regions_denied: Names | None = Field(None, description="In none of these.")
    facility: Reference | None = None
    dataset: Reference | None = Field(None, description="A dataset to hold a seat of in the same window.")
    team: Reference | None = Field(
        None,
        description="One's own team: then only what it would be admitted to is offered.",
    )
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 20

    @model_validator(mode="after")
    def _says_of_what(self) -> Self:
        if self.kind is None and self.resource is None:
            raise ValueError("say a kind or a resource")
        return self

    def lengths(self) -> tuple[int, int]:
        """From how many seconds to how many; Invalid, naming the field, where neither is said, or both."""
        ranged = self.least_seconds is not None or self.most_seconds is not None
        if self.seconds is not None:
            if ranged:
                raise Invalid("hours", "Say either the hours, or the least and the most of them.")
            return self.seconds, self.seconds
        if not ranged:
            raise Invalid("hours", "Say for how many hours.")
        if self.least_seconds is None or self.most_seconds is None:
            missing = "hours_min" if self.least_seconds is None else "hours_max"
            raise Invalid(missing, "Of a range of hours, say both the least and the most.")
        if self.most_seconds < self.least_seconds:
            raise Invalid("hours_max", "The most hours are fewer than the least.")
        return self.least_seconds, self.most_seconds

    def models(self) -> tuple[str, ...]:
        """The GPU models that will do, the one that is liked best first."""
        return _both("gpu_model", self.gpu_model, "gpu_models", self.gpu_models)

    def allowed_regions(self) -> tuple[str, ...]:
        return _both("region", self.region, "regions", self.regions)


def _both(name: str, one: str | None, names: str, many: list[str] | None) -> tuple[str, ...]:
    """What is said by the field for one, or by the field for several."""
    if one is not None and many is not None:
        raise Invalid(names, "Say either %(one)s or %(many)s.", {"one": name, "many": names})
    return tuple(dict.fromkeys(many or ([one] if one else [])))


class OfferShape(Shape):
    """What could be booked at this moment; hours are decimal, `cost` is the hours of quota that it takes, weighted."""

    resource: str
    claims: list[ClaimShape]
    starts_at: datetime
    ends_at: datetime
    unit_hours: float
    cost: float
    unit_seconds: int
    cost_unit_seconds: int
    why: str = Field(description="What it is the best of: earliest, fewer_units, shorter or elsewhere.")
    waiting_for: list[str] = Field(description="The resources whose owner would have to approve it.")
    seat_held: str | None = Field(
        None, description="The dataset of which the team holds a seat throughout already, so that none is claimed."
    )
    first: list[Refusal] = Field(
        description="Why it would still be refused, where whoever asks can put that right: terms to accept, a permit."
    )

    @staticmethod
    def of(offer: Offer, first: Iterable[Refusal] = ()) -> "OfferShape":
        return OfferShape(
            resource=offer.resource,
            claims=[ClaimShape(resource=offer.slugs[claim.resource_id], units=claim.units) for claim in offer.claims],
            starts_at=offer.window.start,
            ends_at=offer.window.end,
            unit_hours=offer.unit_seconds / 3600,
            cost=offer.cost / 3600,
            unit_seconds=offer.unit_seconds,
            cost_unit_seconds=offer.cost,
            why=offer.why.value,
            waiting_for=list(offer.approvals),
            seat_held=offer.seat_held or None,
            first=list(first),
        )


class OffersShape(Shape):
    """The offers found, the earliest first."""

    offers: list[OfferShape]
