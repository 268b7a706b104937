"""The wait list as the API takes and gives it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from booking.domain.queues import HEAD_START, Priority
from booking.domain.waitlist import Entry, EntryState, Wish, sayable_hours
from booking.domain.windows import Window
from booking.schemas.base import Body, HoursInSeconds, Instant, Page, Reference, Shape, Units
from booking.schemas.bookings import Purpose, window_of


class NewEntry(Body):
    """What a team waits for: units for some hours within a span, of one resource or of any pool of a GPU model."""

    team: Reference
    resource: Reference | None = None
    gpu_model: Reference | None = Field(None, description="Any pool of this model, instead of one resource.")
    region: Reference | None = Field(None, description="Only pools of this region; goes with a GPU model.")
    dataset: Reference | None = Field(None, description="A dataset to hold a seat of in the same window.")
    units: Units
    seconds: HoursInSeconds = Field(alias="hours")
    max_seconds: HoursInSeconds | None = Field(None, alias="max_hours", description="The longest, where it is free.")
    earliest: Instant
    latest: Instant = Field(description="By when the window has to end.")
    purpose: Purpose = ""
    take_automatically: bool = Field(False, description="Book it at once instead of offering it.")

    def span(self) -> Window:
        """The time in which the window has to lie; Invalid where it is empty."""
        return window_of(self.earliest, self.latest, "latest")


def body_of(wish: Wish, *, team: str, slugs: Mapping[int, str]) -> dict[str, Any]:
    """The body that would ask for a wish."""
    beside = {"dataset": slugs[wish.dataset_id]} if wish.dataset_id is not None else {}
    target = {"resource": slugs[wish.resource_id]} if wish.resource_id is not None else {"gpu_model": wish.gpu_model}
    return {
        "team": team,
        **target,
        **beside,
        "units": wish.units,
        "hours": sayable_hours(wish.min_seconds),
        "earliest": f"{wish.span.start:%Y-%m-%dT%H:%M:%SZ}",
        "latest": f"{wish.span.end:%Y-%m-%dT%H:%M:%SZ}",
        "purpose": wish.purpose,
    }


class NewPriority(Body):
    """The class of an entry on one's own resources."""

    priority: Priority


def _states(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


class EntryFilter(Page):
    """Which entries are wanted; several states are separated by commas."""

    team: Reference | None = None
    resource: Reference | None = None
    state: Annotated[list[EntryState], BeforeValidator(_states), Field(max_length=len(EntryState))] | None = None


class PlaceShape(Shape):
    """Where an entry stands in the queue of one resource, and how many stand before it for which reason."""

    resource: str
    position: int
    total: int
    higher_level: int
    fewer_hours: int
    older: int
    level: int = Field(description="The head start of its class, and one for every three days of waiting.")
    head_start: int
    priority: Priority
    used_unit_seconds: int = Field(description="What its team has had here in the last 30 days, and has booked ahead.")
    why: str

    @staticmethod
    def of(standing: Any, why: str) -> "PlaceShape":
        """`standing` is of queries/waitlist.py; `why` says it in words."""
        place = standing.place
        return PlaceShape(
            resource=standing.resource,
            position=place.position,
            total=place.total,
            higher_level=place.higher,
            fewer_hours=place.lighter,
            older=place.older,
            level=place.level,
            head_start=HEAD_START[place.priority],
            priority=place.priority,
            used_unit_seconds=place.used_unit_seconds,
            why=why,
        )


class EntryShape(Shape):
    """An entry of the wait list; `position` is the best of its places, null for one that waits no more."""

    id: str
    team: str
    state: EntryState
    resource: str | None
    gpu_model: str | None
    region: str | None
    dataset: str | None
    units: int
    hours: float
    max_hours: float
    earliest: datetime
    latest: datetime
    purpose: str
    take_automatically: bool
    booking: str | None = Field(description="The booking that is offered, or that it has become.")
    created_at: datetime
    closed_at: datetime | None
    reason: str
    position: int | None
    why: str | None
    places: list[PlaceShape]

    @staticmethod
    def of(entry: Entry, places: Iterable[PlaceShape]) -> "EntryShape":
        """`places`: the best first."""
        wish, known = entry.wish, list(places)
        return EntryShape(
            id=str(entry.id),
            team=entry.team,
            state=entry.state,
            resource=entry.resource or None,
            gpu_model=wish.gpu_model or None,
            region=wish.region or None,
            dataset=entry.dataset or None,
            units=wish.units,
            hours=wish.min_seconds / 3600,
            max_hours=wish.max_seconds / 3600,
            earliest=wish.span.start,
            latest=wish.span.end,
            purpose=wish.purpose,
            take_automatically=wish.take_automatically,
            booking=str(entry.booking_id) if entry.booking_id is not None else None,
            created_at=entry.created_at,
            closed_at=entry.closed_at,
            reason=entry.reason,
            position=known[0].position if known else None,
            why=known[0].why if known else None,
            places=known,
        )
