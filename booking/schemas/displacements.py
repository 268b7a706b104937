"""Displaced bookings: how the API is told what becomes of them, and how it gives those that wait."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from booking.domain.displacements import UNDECIDED, OpenDisplacement, Resolution, Resolutions
from booking.domain.errors import Invalid
from booking.domain.lifecycle import State
from booking.domain.texts import LONGEST_TEXT, clean_text
from booking.schemas.base import Body, Shape, cleaned

LONGEST_ID = 19

Reason = Annotated[str, StringConstraints(max_length=2 * LONGEST_TEXT), cleaned(partial(clean_text, field="reason"))]
Said = Annotated[
    Literal["later"] | dict[str, Resolution] | None,
    Field(description="What becomes of each displaced booking, by its id; or “later” for all of them."),
]


def resolutions_of(said: Literal["later"] | Mapping[str, Resolution] | None) -> Resolutions:
    """What was decided, as the services take it; Invalid names an id that is none."""
    if said is None:
        return UNDECIDED
    if isinstance(said, str):
        return Resolutions(otherwise=Resolution(said))
    for booking_id in said:
        if not (booking_id.isascii() and booking_id.isdigit()) or len(booking_id) > LONGEST_ID:
            raise Invalid(f"resolution.{booking_id[:80]}", "This is no id of a booking.")
    return Resolutions({int(booking_id): resolution for booking_id, resolution in said.items()})


class Settlement(Body):
    """What becomes of a displaced booking that waits, and why."""

    resolution: Resolution
    reason: Reason = ""


class DisplacementShape(Shape):
    """A booking that has lost its place on a resource and waits for a decision."""

    id: str
    booking: str
    team: str
    state: State
    starts_at: datetime
    ends_at: datetime
    units: int
    since: datetime

    @staticmethod
    def of(displacement: OpenDisplacement) -> "DisplacementShape":
        return DisplacementShape(
            id=str(displacement.id),
            booking=str(displacement.booking_id),
            team=displacement.team,
            state=State(displacement.state),
            starts_at=displacement.window.start,
            ends_at=displacement.window.end,
            units=displacement.units,
            since=displacement.since,
        )
