"""The docking board as the API takes and gives it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from booking.domain.docking import MOST_CHOICES, MOST_MEMORY_GIB, Demand, DemandState, Gap, NewDemand, Offer
from booking.domain.lifecycle import State
from booking.domain.matching import Aim
from booking.domain.organisations import OrganisationKind
from booking.domain.texts import Sentence
from booking.domain.waitlist import sayable_hours
from booking.domain.windows import Window
from booking.schemas.base import Body, HoursInSeconds, Instant, Page, Query, Reference, Shape, Units
from booking.schemas.bookings import Purpose, Reason, window_of

Choices = Annotated[list[Reference], Field(max_length=MOST_CHOICES)]


class NewDemandBody(Body):
    """What a team looks for: units for some hours within a span, of some GPU models or of a dataset."""

    team: Reference
    gpu_models: Choices = Field(default_factory=list, description="The best first. Without, units are seats.")
    dataset: Reference | None = Field(None, description="What seats are of, or to have a seat of beside the GPUs.")
    units: Units
    seconds: HoursInSeconds = Field(alias="hours")
    earliest: Instant
    latest: Instant = Field(description="By when the window has to end.")
    regions: Choices = Field(default_factory=list, description="Only there, the best first.")
    memory_gib: Annotated[int, Field(ge=0, le=MOST_MEMORY_GIB)] = 0
    note: Purpose = ""

    def asked(self, team_id: int, dataset_id: int | None) -> NewDemand:
        """The demand as the service takes it; Invalid where its span is empty."""
        return NewDemand(
            team_id=team_id,
            units=self.units,
            seconds=self.seconds,
            span=window_of(self.earliest, self.latest, "latest"),
            gpu_models=tuple(self.gpu_models),
            dataset_id=dataset_id,
            regions=tuple(self.regions),
            memory_gib=self.memory_gib,
            note=self.note,
        )


def body_of(asked: NewDemand, *, team: str, slugs: Mapping[int, str]) -> dict[str, Any]:
    """The body that would ask for a demand."""
    beside = {"dataset": slugs[asked.dataset_id]} if asked.dataset_id is not None else {}
    return {
        "team": team,
        "gpu_models": list(asked.gpu_models),
        **beside,
        "units": asked.units,
        "hours": sayable_hours(asked.seconds),
        "earliest": f"{asked.span.start:%Y-%m-%dT%H:%M:%SZ}",
        "latest": f"{asked.span.end:%Y-%m-%dT%H:%M:%SZ}",
        "note": asked.note,
    }


def _states(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


class DemandFilter(Page):
    """Which demands are wanted; several states are separated by commas."""

    team: Reference | None = None
    state: Annotated[list[DemandState], BeforeValidator(_states), Field(max_length=len(DemandState))] | None = None


class MatchFilter(Query):
    """Matches of one demand; of all open demands together where none is named."""

    demand: Reference | None = None


class DemandShape(Shape):
    """What a team looks for, and the booking that is proposed to it, or was taken."""

    id: str
    team: str
    state: DemandState
    gpu_models: list[str]
    dataset: str | None
    units: int
    hours: float
    earliest: datetime
    latest: datetime
    regions: list[str]
    memory_gib: int
    note: str
    booking: str | None
    entry: str | None = Field(description="The wait-list entry that it came from.")
    created_at: datetime
    closed_at: datetime | None
    reason: str

    @staticmethod
    def of(demand: Demand) -> "DemandShape":
        asked = demand.asked
        return DemandShape(
            id=str(demand.id),
            team=demand.team,
            state=demand.state,
            gpu_models=list(asked.gpu_models),
            dataset=demand.dataset or None,
            units=asked.units,
            hours=asked.seconds / 3600,
            earliest=asked.span.start,
            latest=asked.span.end,
            regions=list(asked.regions),
            memory_gib=asked.memory_gib,
            note=asked.note,
            booking=str(demand.booking_id) if demand.booking_id is not None else None,
            entry=str(demand.entry_id) if demand.entry_id is not None else None,
            created_at=demand.created_at,
            closed_at=demand.closed_at,
            reason=demand.reason,
        )


class NewOfferBody(Body):
    """Units that an owner offers over a window: to one team, to a region or kind of organisation, or to everybody."""

    resource: Reference
    units: Units
    starts_at: Instant
    ends_at: Instant
    until: Instant = Field(description="Until when it can be taken.")
    team: Reference | None = None
    region: Reference | None = None
    kind: OrganisationKind | None = None
    note: Reason = ""

    def window(self) -> Window:
        """The window offered; Invalid where it is empty."""
        return window_of(self.starts_at, self.ends_at)


class DockingOfferShape(Shape):
    """An offer that stands; it holds nothing, and what is of it is booked like everything else."""

    id: str
    resource: str
    gpu_model: str | None
    units: int
    starts_at: datetime
    ends_at: datetime
    until: datetime
    to: Aim = Field(description="For whom: everybody, some, or a team.")
    team: str | None
    region: str | None
    kind: str | None
    note: str
    created_at: datetime
    withdrawn_at: datetime | None

    @staticmethod
    def of(offer: Offer) -> "DockingOfferShape":
        offered = offer.offered
        return DockingOfferShape(
            id=str(offer.id),
            resource=offer.resource,
            gpu_model=offer.choice if offer.resource_kind == "pool" else None,
            units=offered.units,
            starts_at=offered.span.start,
            ends_at=offered.span.end,
            until=offered.until,
            to=offered.aim,
            team=offer.team or None,
            region=offered.region or None,
            kind=offered.kind or None,
            note=offered.note,
            created_at=offer.created_at,
            withdrawn_at=offer.withdrawn_at,
        )


class TermShape(Shape):
    """One part of a score, and why."""

    name: str
    points: int
    most: int
    why: str


class MatchShape(Shape):
    """One way to serve a demand: what, when, and how well of a hundred; it holds nothing."""

    demand: str
    resource: str
    offer: str | None = Field(description="The offer that it is of; null for free capacity.")
    units: int
    starts_at: datetime
    ends_at: datetime
    score: int
    terms: list[TermShape]

    @staticmethod
    def of(way: Any, say: Callable[[Sentence], str]) -> "MatchShape":
        """`way` is of services/matches.py; `say` puts a sentence into words."""
        return MatchShape(
            demand=str(way.demand.id),
            resource=way.row.slug,
            offer=str(way.offer_id) if way.offer_id is not None else None,
            units=way.match.units,
            starts_at=way.window.start,
            ends_at=way.window.end,
            score=way.match.score,
            terms=[
                TermShape(name=term.name, points=term.points, most=term.most, why=say(term.why))
                for term in way.match.terms
            ],
        )


class MatchesShape(Shape):
    """Matches, the best first."""

    matches: list[MatchShape]


class NewProposal(Body):
    """What an owner proposes to a demand; its team has until `hold_until` to accept it."""

    demand: Reference
    resource: Reference
    units: Units
    starts_at: Instant
    ends_at: Instant
    hold_until: Instant | None = Field(None, description="Until when the team may answer; a day where nothing is said.")
    reason: Reason = Field("", description="What the team reads beside it.")

    def window(self) -> Window:
        """The window proposed; Invalid where it is empty."""
        return window_of(self.starts_at, self.ends_at)


class ProposalShape(Shape):
    """A booking that was proposed to a demand; the team accepts or declines the booking."""

    id: str = Field(description="The booking.")
    demand: str
    team: str
    state: State
    hold_until: datetime | None

    @staticmethod
    def of(demand: Demand, booking: Any) -> "ProposalShape":
        """`booking` has an id, a state, and until when it is held."""
        return ProposalShape(
            id=str(booking.id),
            demand=str(demand.id),
            team=demand.team,
            state=State(booking.state),
            hold_until=booking.hold_until,
        )


class GapShape(Shape):
    """Demand of one week (by its Monday) and GPU model that found no supply; no team is named."""

    week: date
    gpu_model: str
    wishes: int
    unit_seconds: int
    most_units: int = Field(description="Those of the largest wish.")
    refused: int
    waiting: int
    demanded: int

    @staticmethod
    def of(gap: Gap) -> "GapShape":
        return GapShape(
            week=gap.week,
            gpu_model=gap.model,
            wishes=gap.wishes,
            unit_seconds=gap.unit_seconds,
            most_units=gap.most_units,
            refused=gap.refused,
            waiting=gap.waiting,
            demanded=gap.demanded,
        )


class GapsShape(Shape):
    """Unmet demand of the weeks to come, the earliest first."""

    gaps: list[GapShape]

    @staticmethod
    def of(gaps: Iterable[Gap]) -> "GapsShape":
        return GapsShape(gaps=[GapShape.of(gap) for gap in gaps])
