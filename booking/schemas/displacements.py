"""Displaced bookings: how the API is told what becomes of them, and how it gives those that wait."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from booking.domain.displacements import (
    UNDECIDED,
    Decided,
    MoveTo,
    OpenDisplacement,
    Resolution,
    Resolutions,
    Ways,
)
from booking.domain.errors import Invalid
from booking.domain.lifecycle import State
from booking.domain.texts import LONGEST_TEXT, clean_text
from booking.schemas.base import Body, Instant, Shape, cleaned

LONGEST_ID = 19

Reason = Annotated[str, StringConstraints(max_length=2 * LONGEST_TEXT), cleaned(partial(clean_text, field="reason"))]


class StartShape(Body):
    """The start of a window that was offered to move to."""

    starts_at: Instant


class MoveShape(Body):
    """A move to one of the windows that were offered."""

    move: StartShape

    @property
    def decided(self) -> MoveTo:
        """The same as the services take it."""
        return MoveTo(self.move.starts_at)


def _kind_of(said: Any) -> str:
    return "window" if isinstance(said, Mapping | MoveShape) else "word"


# Which of the two is meant is told by its type, so that one thing is said of what is neither.
OwnersWord = Annotated[
    Annotated[Literal["move", "reduce", "revoke", "later"], Tag("word")] | Annotated[MoveShape, Tag("window")],
    Discriminator(_kind_of),
]
AnyWord = Annotated[
    Annotated[Literal["move", "reduce", "revoke", "cancel", "later"], Tag("word")]
    | Annotated[MoveShape, Tag("window")],
    Discriminator(_kind_of),
]
Said = Annotated[
    Literal["later"] | dict[str, OwnersWord] | None,
    Field(
        description="What becomes of each displaced booking, by its id; or “later” for all of them. A move goes to the"
        ' earliest window, or to the one offered that `{"move": {"starts_at": …}}` names.'
    ),
]


def decided_of(said: str | MoveShape) -> Decided:
    """One decision as the services take it."""
    return said.decided if isinstance(said, MoveShape) else Resolution(said)


def resolutions_of(said: Literal["later"] | Mapping[str, str | MoveShape] | None) -> Resolutions:
    """What was decided, as the services take it; Invalid names an id that is none."""
    if said is None:
        return UNDECIDED
    if isinstance(said, str):
        return Resolutions(otherwise=Resolution(said))
    for booking_id in said:
        if not (booking_id.isascii() and booking_id.isdigit()) or len(booking_id) > LONGEST_ID:
            raise Invalid(f"resolution.{booking_id[:80]}", "This is no id of a booking.")
    return Resolutions({int(booking_id): decided_of(one) for booking_id, one in said.items()})


class Settlement(Body):
    """What becomes of a displaced booking that waits, and why; owners revoke, teams cancel."""

    resolution: AnyWord
    reason: Reason = ""


class WindowShape(Shape):
    """A window that a displaced booking could move to."""

    starts_at: datetime
    ends_at: datetime


class WaysShape(Shape):
    """What could be done with a displaced booking at this moment, each for it alone."""

    moves: list[WindowShape]
    reduced_units: int | None = Field(description="What reducing would leave; null where that is not possible.")

    @staticmethod
    def of(ways: Ways) -> "WaysShape":
        moves = [WindowShape(starts_at=window.start, ends_at=window.end) for window in ways.moves]
        return WaysShape(moves=moves, reduced_units=ways.reduced_units)


class DisplacementShape(Shape):
    """A booking that has lost its place on a resource and waits for a decision."""

    id: str
    booking: str
    resource: str
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
            resource=displacement.resource,
            team=displacement.team,
            state=State(displacement.state),
            starts_at=displacement.window.start,
            ends_at=displacement.window.end,
            units=displacement.units,
            since=displacement.since,
        )


class OneDisplacementShape(DisplacementShape):
    """The same with what could be done about it at this moment."""

    ways: WaysShape

    @staticmethod
    def with_ways(displacement: OpenDisplacement, ways: Ways) -> "OneDisplacementShape":
        plain = DisplacementShape.of(displacement).model_dump()
        return OneDisplacementShape(**plain, ways=WaysShape.of(ways))
