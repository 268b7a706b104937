"""Permits as the API takes and gives them."""

from datetime import datetime
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from booking.domain.permits import Permit, PermitState, clean_purpose
from booking.domain.texts import LONGEST_TEXT, clean_text
from booking.schemas.base import Body, Instant, Page, Reference, Shape, cleaned

Purpose = Annotated[str, StringConstraints(max_length=2 * LONGEST_TEXT), cleaned(clean_purpose)]
Reason = Annotated[str, StringConstraints(max_length=2 * LONGEST_TEXT), cleaned(partial(clean_text, field="reason"))]


class NewPermit(Body):
    """What a team asks for; with `until`, what a steward gives a team without being asked."""

    team: Reference
    dataset: Reference
    purpose: Purpose
    until: Instant | None = Field(None, description="Said by a steward: then the permit is granted at once.")


class PermitGrant(Body):
    """Until when a permit is granted, and why."""

    until: Instant
    reason: Reason = ""


class PermitDecision(Body):
    """What a steward says to a permit."""

    reason: Reason = ""


def _states(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


class PermitFilter(Page):
    """Which permits are wanted; several states are separated by commas."""

    team: Reference | None = None
    dataset: Reference | None = None
    state: Annotated[list[PermitState], BeforeValidator(_states), Field(max_length=len(PermitState))] | None = None


class PermitShape(Shape):
    """A permit, or a team's wish for one."""

    id: str
    team: str
    dataset: str
    purpose: str
    state: PermitState
    until: datetime | None
    asked_at: datetime
    asked_by: str
    decided_at: datetime | None
    reason: str
    withdrawn_at: datetime | None

    @staticmethod
    def of(permit: Permit) -> "PermitShape":
        return PermitShape(
            id=str(permit.id),
            team=permit.team,
            dataset=permit.dataset,
            purpose=permit.purpose,
            state=permit.state,
            until=permit.until,
            asked_at=permit.asked_at,
            asked_by=permit.asked_by,
            decided_at=permit.decided_at,
            reason=permit.reason,
            withdrawn_at=permit.withdrawn_at,
        )
