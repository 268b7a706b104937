"""Displacements: bookings that what is offered no longer has room for, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from booking.domain.bookings import Booking
from booking.domain.capacity import Steps
from booking.domain.errors import Conflict
from booking.domain.windows import Window

ENDLESS = datetime(2600, 1, 1, tzinfo=UTC)
"""After everything that can be booked or offered."""


class Resolution(StrEnum):
    """What can be done with a displaced booking; later: it stands as displaced until somebody decides.

    Owners revoke, teams cancel; either costs the team nothing.
    """

    MOVE = "move"
    REDUCE = "reduce"
    REVOKE = "revoke"
    LATER = "later"
    CANCEL = "cancel"


OWNERS_CHOICE = (Resolution.MOVE, Resolution.REDUCE, Resolution.REVOKE, Resolution.LATER)
TEAMS_CHOICE = (Resolution.MOVE, Resolution.REDUCE, Resolution.CANCEL)


@dataclass(frozen=True, slots=True)
class MoveTo:
    """A move to the window that begins then, one of those that were offered; a plain move takes the earliest."""

    starts_at: datetime


Decided = Resolution | MoveTo


def verb_of(decided: Decided) -> Resolution:
    """What is done, whenever to."""
    return Resolution.MOVE if isinstance(decided, MoveTo) else decided


@dataclass(frozen=True, slots=True)
class Ways:
    """What can be done with a displaced booking at this moment: windows to move to, units that reducing would leave.

    Each is for this booking alone: what is done with others may take it.
    """

    moves: tuple[Window, ...] = ()
    reduced_units: int | None = None


class Outcome(StrEnum):
    """How a displacement ended."""

    MOVE = "move"
    REDUCE = "reduce"
    REVOKE = "revoke"
    RESTORED = "restored"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Resolutions:
    """What was decided for displaced bookings, by their ids; `otherwise` for all that are not named."""

    named: Mapping[int, Decided] = field(default_factory=dict)
    otherwise: Resolution | None = None

    def of(self, booking_id: int) -> Decided | None:
        return self.named.get(booking_id, self.otherwise)


UNDECIDED = Resolutions()
"""Nothing was said of any booking."""


class Displaces(Conflict):
    """A change would displace bookings of which nobody has said what becomes of them; nothing was done.

    `ways` say by booking what could be done.
    """

    code = "displaces_bookings"

    def __init__(self, bookings: Sequence[Booking], ways: Mapping[int, Ways] | None = None) -> None:
        super().__init__(
            "This displaces bookings: %(count)s. Say for each whether it is moved, reduced, revoked or decided later.",
            {"count": len(bookings)},
        )
        self.bookings = tuple(bookings)
        self.ways = dict(ways or {})


def lowered(before: Steps, after: Steps, since: datetime) -> Window | None:
    """From the first to the last instant, from `since` on, at which less is offered than before."""
    edges = [*after.minus(before).within(Window(since, ENDLESS)), (ENDLESS, 0)]
    less = [(at, edges[place + 1][0]) for place, (at, difference) in enumerate(edges) if difference < 0]
    return Window(less[0][0], less[-1][1]) if less else None


def can_be_told(before: Steps, after: Steps, held: Steps, past: Window) -> bool:
    """Whether the past may be put on record so: nowhere was more held than is now said to have been offered."""
    instants = {at for steps in (before, after, held) for at, _ in steps.within(past)}
    return not any(after.level_at(at) < min(before.level_at(at), held.level_at(at)) for at in instants)


@dataclass(frozen=True, slots=True)
class OpenDisplacement:
    """A booking that waits for a decision, as the owner of the resource reads it."""

    id: int
    booking_id: int
    resource: str
    resource_name: str
    kind: str
    timezone: str
    team: str
    team_name: str
    state: str
    window: Window
    units: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Displaced:
    """An open displacement: a booking and what it holds of the resource that has no room for it."""

    id: int
    booking_id: int
    resource_id: int
    occupied: Window
    units: int
    admitted: tuple[datetime, int]
    created_at: datetime


def restored(offer: Steps, held: Steps, displaced: Iterable[Displaced], now: datetime) -> Iterator[Displaced]:
    """Those that fit again from now on: the first admitted first, each beside what is kept before it.

    `held` counts the displaced ones too.
    """
    standing = sorted((one for one in displaced if one.occupied.end > now), key=lambda one: one.admitted)
    room = offer.minus(held).plus(_blocks(standing))
    for one in standing:
        if room.lowest(Window(max(one.occupied.start, now), one.occupied.end)) >= one.units:
            room = room.minus(_blocks([one]))
            yield one


def _blocks(displaced: Iterable[Displaced]) -> Steps:
    return Steps.total((one.occupied.start, one.occupied.end, one.units) for one in displaced)
