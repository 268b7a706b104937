"""Docking: what teams look for, what operators offer to whom, how a demand ends, and what demand finds no supply."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from booking.domain.amounts import hours_text
from booking.domain.errors import Conflict, IllegalMove, Invalid
from booking.domain.lines import clean_line
from booking.domain.matching import Aim, Sought
from booking.domain.orders import Claim, Order
from booking.domain.texts import clean_text
from booking.domain.utilisation import Per, period_of
from booking.domain.waitlist import Wish
from booking.domain.windows import Window

FARTHEST = timedelta(days=366)
"""So far ahead a demand, or an offer, may reach: a year."""

MOST_CHOICES = 4
"""So many GPU models, or regions, one demand names."""

MOST_STANDING = 20
"""So many demands of one team stand at a time; more of them would say nothing of what it needs."""

MOST_UNITS = 2_147_483_647
MOST_MEMORY_GIB = 100_000
LONGEST_WORD = 80


class DemandState(StrEnum):
    """Where a demand stands; it is matched while a proposal is held for its team."""

    OPEN = "open"
    MATCHED = "matched"
    FULFILLED = "fulfilled"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


STANDING = frozenset({DemandState.OPEN, DemandState.MATCHED})
"""The states of demands that can still be fulfilled."""


def after_proposal(verb: str) -> DemandState:
    """What becomes of a demand when its proposal ends by a verb: taken, or open again for others."""
    return DemandState.FULFILLED if verb == "accept" else DemandState.OPEN


@dataclass(frozen=True, slots=True)
class NewDemand:
    """What a team looks for: units for `seconds` anywhere inside `span`.

    `units` are GPUs of one of some models, the best first, where models are named; a dataset is then one to have a seat
    of beside them. Without models they are seats of the dataset. Regions, the best first, narrow the models down.
    """

    team_id: int
    units: int
    seconds: int
    span: Window
    gpu_models: tuple[str, ...] = ()
    dataset_id: int | None = None
    regions: tuple[str, ...] = ()
    memory_gib: int = 0
    note: str = ""

    def checked(self, now: datetime) -> NewDemand:
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        clean = replace(
            self,
            gpu_models=_clean_choices(self.gpu_models, "gpu_models"),
            regions=_clean_choices(self.regions, "regions"),
            note=clean_text(self.note, "note"),
        )
        if not clean.gpu_models and clean.dataset_id is None:
            raise Invalid("gpu_models", "Say what is looked for: one or more GPU models, or a dataset.")
        if clean.regions and not clean.gpu_models:
            raise Invalid("regions", "Regions go with GPU models; a dataset has its place already.")
        if clean.memory_gib and not clean.gpu_models:
            raise Invalid("memory_gib", "Memory goes with GPU models.")
        if not 0 <= clean.memory_gib <= MOST_MEMORY_GIB:
            raise Invalid("memory_gib", "Say between 0 and %(most)s GiB.", {"most": MOST_MEMORY_GIB})
        if not 1 <= clean.units <= MOST_UNITS:
            raise Invalid("units", "Ask for at least one unit.")
        if clean.seconds < 1:
            raise Invalid("hours", "Say more than 0 hours.")
        _check_span(clean, now)
        return clean

    def is_the_same(self, other: NewDemand) -> bool:
        """Whether it looks for exactly the same, whatever is said beside it."""
        return replace(self, note="") == replace(other, note="")


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand on the board; the dataset by slug. `booking_id` is the booking proposed now, or taken."""

    id: int
    team: str
    team_name: str
    state: DemandState
    asked: NewDemand
    dataset: str
    dataset_name: str
    booking_id: int | None
    entry_id: int | None
    created_at: datetime
    created_by: int | None
    closed_at: datetime | None = None
    reason: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """What would serve it, the best first: GPU models, or the slug of its dataset."""
        return self.asked.gpu_models or (self.dataset,)

    @property
    def sought(self) -> Sought:
        """The same as matching takes it."""
        asked = self.asked
        return Sought(
            self.id, self.choices, asked.units, asked.seconds, asked.span, asked.regions, asked.memory_gib
        )  # fmt: skip

    def must_be_open(self, verb: str) -> None:
        """Conflict, saying what to do, where a proposal is held; IllegalMove where it has ended."""
        if self.state is DemandState.MATCHED:
            raise Conflict(
                "A proposal is held for this demand already: booking %(booking)s.", {"booking": str(self.booking_id)}
            )
        if self.state is not DemandState.OPEN:
            raise IllegalMove(self.state, verb)


def check_beside(asked: NewDemand, standing: Collection[NewDemand]) -> None:
    """Conflict where the team looks for exactly this already, or for too much."""
    if any(asked.is_the_same(other) for other in standing):
        raise Conflict("Your team looks for exactly this already.")
    if len(standing) >= MOST_STANDING:
        raise Conflict(
            "Your team looks for %(count)s things already, which is the most. Withdraw one first.",
            {"count": len(standing)},
        )


def is_past(asked: NewDemand, now: datetime) -> bool:
    """Whether no window of the demand can begin any more."""
    return max(asked.span.start, now) + timedelta(seconds=asked.seconds) > asked.span.end


def demand_of(wish: Wish, gpu_model: str) -> NewDemand:
    """The demand for what an entry of the wait list waits for; `gpu_model` is that of the pool it names, if any."""
    model = wish.gpu_model or gpu_model
    return NewDemand(
        team_id=wish.team_id,
        units=wish.units,
        seconds=wish.min_seconds,
        span=wish.span,
        gpu_models=(model,) if model else (),
        dataset_id=wish.dataset_id if model else wish.resource_id,
        regions=(wish.region,) if wish.region else (),
        note=wish.purpose,
    )


def proposed(demand: Demand, resource_id: int, kind: str, units: int, window: Window) -> Order:
    """The order that a proposal is; Invalid where it is not what the demand looks for.

    Fewer units, another length and another model may be proposed: the team decides whether they would do.
    """
    asked = demand.asked
    if (kind == "pool") != bool(asked.gpu_models) or (kind == "dataset" and resource_id != asked.dataset_id):
        raise Invalid("resource", "This is not what the demand looks for.")
    if units < 1:
        raise Invalid("units", "Ask for at least one unit.")
    if units > asked.units:
        raise Invalid("units", "%(wanted)s units were asked for, not more.", {"wanted": asked.units})
    for field, lies_outside in (
        ("starts_at", window.start < asked.span.start), ("ends_at", window.end > asked.span.end)
    ):  # fmt: skip
        if lies_outside:
            raise Invalid(
                field, "The team looks for a window between %(earliest)s and %(latest)s.",
                {"earliest": asked.span.start, "latest": asked.span.end},
            )  # fmt: skip
    beside = (Claim(asked.dataset_id, 1),) if asked.dataset_id is not None and kind == "pool" else ()
    return Order(asked.team_id, window, (Claim(resource_id, units), *beside), asked.note)


@dataclass(frozen=True, slots=True)
class NewOffer:
    """Units of a resource that an operator offers over a window, to be taken until an instant.

    To everybody, to teams of organisations of a region or kind or both, or to one team. It holds nothing: what it is
    about is published like everything else, and is booked like everything else.
    """

    resource_id: int
    units: int
    span: Window
    until: datetime
    region: str = ""
    kind: str = ""
    team_id: int | None = None
    note: str = ""

    def checked(self, now: datetime) -> NewOffer:
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        region = clean_line(self.region, "region", most=LONGEST_WORD) if self.region.strip() else ""
        if self.team_id is not None and (region or self.kind):
            raise Invalid("team", "Offer it to one team, or to a region or kind of organisation, not to both.")
        if not 1 <= self.units <= MOST_UNITS:
            raise Invalid("units", "Offer at least one unit.")
        if self.span.end <= now:
            raise Invalid("ends_at", "%(ends_at)s is past. Take a later end.", {"ends_at": self.span.end})
        if self.span.end > now + FARTHEST:
            raise Invalid("ends_at", "The board reaches %(days)s days ahead.", {"days": FARTHEST.days})
        if not now < self.until <= self.span.end:
            raise Invalid(
                "until", "It can be taken until some time from now on and by its end, %(ends_at)s.",
                {"ends_at": self.span.end},
            )  # fmt: skip
        return replace(self, region=region, note=clean_text(self.note, "note"))

    @property
    def aim(self) -> Aim:
        """For whom it is meant."""
        if self.team_id is not None:
            return Aim.TEAM
        return Aim.SOME if self.region or self.kind else Aim.EVERYBODY


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer on the board, with what it is of; the team that it is for by slug."""

    id: int
    offered: NewOffer
    resource: str
    resource_name: str
    resource_kind: str
    choice: str
    organisation_id: int
    timezone: str
    team: str
    team_name: str
    created_at: datetime
    withdrawn_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Whether it can still be taken."""
        return self.withdrawn_at is None and now < self.offered.until


class Source(StrEnum):
    """Where demand shows; what a team has got by another way shows no more."""

    MET = "met"
    DEMAND = "demand"
    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Lack:
    """What one team could not have: units of a model for so long, wanted within a span; `day` is that of its start."""

    source: Source
    team_id: int
    model: str
    units: int
    seconds: int
    span: Window
    day: date


@dataclass(frozen=True, slots=True)
class Gap:
    """Demand of one week (by its Monday) and model that found no supply, whoever it is from.

    `most_units` are those of the largest wish: publishing fewer would leave it unserved.
    """

    week: date
    model: str
    wishes: int
    unit_seconds: int
    most_units: int
    refused: int
    waiting: int
    demanded: int


def gaps(lacks: Iterable[Lack]) -> list[Gap]:
    """Demand without supply by week and model.

    What one team was refused, waits for and looks for on the board is one wish, and none once the team has got it.
    """
    order = list(Source)
    wishes: dict[tuple[object, ...], Lack] = {}
    for lack in sorted(lacks, key=lambda one: order.index(one.source)):
        wishes.setdefault((lack.team_id, lack.model, lack.units, lack.span), lack)
    found: defaultdict[tuple[date, str], list[Lack]] = defaultdict(list)
    for lack in wishes.values():
        if lack.source is not Source.MET:
            found[period_of(lack.day, Per.WEEK), lack.model].append(lack)
    return [
        Gap(
            week,
            model,
            wishes=len(own),
            unit_seconds=sum(one.units * one.seconds for one in own),
            most_units=max(one.units for one in own),
            refused=sum(one.source is Source.REFUSED for one in own),
            waiting=sum(one.source is Source.WAITING for one in own),
            demanded=sum(one.source is Source.DEMAND for one in own),
        )
        for (week, model), own in sorted(found.items())
    ]


def _clean_choices(words: Iterable[str], field: str) -> tuple[str, ...]:
    """Words without repetition, in their order."""
    clean = tuple(dict.fromkeys(clean_line(word, field, most=LONGEST_WORD) for word in words))
    if len(clean) > MOST_CHOICES:
        raise Invalid(field, "Name at most %(most)s.", {"most": MOST_CHOICES})
    return clean


def _check_span(asked: NewDemand, now: datetime) -> None:
    if asked.span.end <= now:
        raise Invalid("latest", "%(latest)s is past. Take a later end.", {"latest": asked.span.end})
    if asked.span.end > now + FARTHEST:
        raise Invalid("latest", "The board reaches %(days)s days ahead.", {"days": FARTHEST.days})
    if is_past(asked, now):
        raise Invalid(
            "latest", "%(hours)s hours do not fit before %(latest)s. Take a later end, or fewer hours.",
            {"hours": hours_text(asked.seconds), "latest": asked.span.end},
        )  # fmt: skip
