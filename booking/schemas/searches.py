"""Searches as the API takes them, and the offers that it gives."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from booking.domain.search import Offer
from booking.schemas.base import LARGEST_PAGE, Body, HoursInSeconds, Instant, Reference, Shape, Units
from booking.schemas.bookings import ClaimShape


class NewSearch(Body):
    """Units wanted for some hours within a span, of a kind or of one resource, with a seat of a dataset or without."""

    kind: Literal["pool", "dataset"] | None = None
    resource: Reference | None = None
    units: Units
    seconds: HoursInSeconds = Field(alias="hours")
    earliest: Instant
    latest: Instant
    gpu_model: Reference | None = None
    region: Reference | None = None
    dataset: Reference | None = Field(None, description="A dataset to hold a seat of in the same window.")
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 20

    @model_validator(mode="after")
    def _says_of_what(self) -> Self:
        if self.kind is None and self.resource is None:
            raise ValueError("say a kind or a resource")
        return self


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
    why: str = Field(description="What it is the best of: earliest, fewer_units or shorter.")

    @staticmethod
    def of(offer: Offer, slugs: Mapping[int, str]) -> "OfferShape":
        """`slugs` name the claimed resources by id."""
        return OfferShape(
            resource=slugs[offer.claims[0].resource_id],
            claims=[ClaimShape(resource=slugs[claim.resource_id], units=claim.units) for claim in offer.claims],
            starts_at=offer.window.start,
            ends_at=offer.window.end,
            unit_hours=offer.unit_seconds / 3600,
            cost=offer.cost / 3600,
            unit_seconds=offer.unit_seconds,
            cost_unit_seconds=offer.cost,
            why=offer.why.value,
        )


class OffersShape(Shape):
    """The offers found, the earliest first."""

    offers: list[OfferShape]
