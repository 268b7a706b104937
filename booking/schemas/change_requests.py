"""Change requests as the API gives them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from booking.domain.change_requests import ChangeRequest, RequestState
from booking.schemas.base import Page, Reference, Shape


def _states(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


class ChangeRequestFilter(Page):
    """Which change requests are wanted; several states are separated by commas."""

    team: Reference | None = None
    booking: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}$")] | None = None
    state: Annotated[list[RequestState], BeforeValidator(_states), Field(max_length=len(RequestState))] | None = None


class RequestedClaimShape(Shape):
    """One line of the order that is asked for: all of its units, not only those that are added."""

    resource: str
    units: int


class BlockShape(Shape):
    """Units of one resource over one window, held until the request ends."""

    resource: str
    units: int
    starts_at: datetime
    ends_at: datetime


class ChangeRequestShape(Shape):
    """A growth of a confirmed or running booking that waits for an owner; `held` is the addition alone."""

    id: str
    booking: str
    team: str
    state: RequestState
    starts_at: datetime
    ends_at: datetime
    claims: list[RequestedClaimShape]
    held: list[BlockShape]
    waiting_for: list[str] = Field(description="The resources whose owner has not answered yet.")
    hold_until: datetime
    created_at: datetime
    ended_at: datetime | None
    reason: str

    @staticmethod
    def of(request: ChangeRequest) -> "ChangeRequestShape":
        slugs = {claim.resource_id: claim.resource for claim in request.claims}
        return ChangeRequestShape(
            id=str(request.id),
            booking=str(request.booking_id),
            team=request.team,
            state=request.state,
            starts_at=request.window.start,
            ends_at=request.window.end,
            claims=[RequestedClaimShape(resource=claim.resource, units=claim.units) for claim in request.claims],
            held=[
                BlockShape(
                    resource=slugs[block.resource_id],
                    units=block.units,
                    starts_at=block.window.start,
                    ends_at=block.window.end,
                )
                for block in request.blocks
            ],
            waiting_for=sorted(slugs[resource_id] for resource_id in request.waiting_for),
            hold_until=request.hold_until,
            created_at=request.created_at,
            ended_at=request.ended_at,
            reason=request.reason,
        )
