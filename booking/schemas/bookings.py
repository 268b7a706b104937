"""Bookings as the API takes and gives them."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from booking.domain.bookings import Booking, Move
from booking.domain.errors import Invalid
from booking.domain.lifecycle import State
from booking.domain.orders import Decision, Order
from booking.domain.texts import LONGEST_TEXT, clean_text
from booking.domain.windows import Window
from booking.schemas.base import Body, Instant, Page, Reference, Shape, Units, cleaned
from booking.schemas.change_requests import ChangeRequestShape

MOST_CLAIMS = 20

Purpose = Annotated[str, StringConstraints(max_length=2 * LONGEST_TEXT), cleaned(partial(clean_text, field="purpose"))]
Reason = Annotated[str, StringConstraints(max_length=2 * LONGEST_TEXT), cleaned(partial(clean_text, field="reason"))]


class NewClaim(Body):
    """Units wanted of one resource."""

    resource: Reference = Field(description="The slug of a pool or dataset.")
    units: Units
    least_units: Units | None = Field(None, description="So many would do as well, where an owner approves in part.")


Claims = Annotated[list[NewClaim], Field(min_length=1, max_length=MOST_CLAIMS)]


class NewBooking(Body):
    """What a team asks for: all claims together over one window, or nothing."""

    team: Reference
    starts_at: Instant
    ends_at: Instant
    claims: Claims
    purpose: Purpose
    dry_run: bool = Field(False, description="Only say what would become of it.")
    reason: Reason = Field("", description="Why an owner books in the name of a team that he is not in.")

    def window(self) -> Window:
        """The window asked for; Invalid where it is empty."""
        return window_of(self.starts_at, self.ends_at)


class BookingChange(Body):
    """What is to be different; what is left out stays as it is."""

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    claims: Claims | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _is_something(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("leave it out to keep it as it is")
        return value

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say what is to be different: starts_at, ends_at or claims")
        return self

    def window(self, standing: Window) -> Window | None:
        """The window asked for, what is left out taken from the present one; None where both are left out."""
        if self.starts_at is None and self.ends_at is None:
            return None
        return window_of(self.starts_at or standing.start, self.ends_at or standing.end)

    def check(self) -> None:
        """Invalid for what no booking could be changed into."""
        if self.starts_at is not None and self.ends_at is not None:
            window_of(self.starts_at, self.ends_at)
        if self.claims is not None:
            check_claims(self.claims)


class CounterOffer(Body):
    """What an owner offers instead of a waiting booking; what is left out is as it was asked for."""

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    claims: Claims | None = None
    hold_until: Instant | None = Field(None, description="Until when the team may answer; a day where nothing is said.")
    reason: Reason

    def window(self, asked: Window) -> Window | None:
        """The window offered, what is left out taken from the one asked for; None where both are left out."""
        if self.starts_at is None and self.ends_at is None:
            return None
        return window_of(self.starts_at or asked.start, self.ends_at or asked.end)


class Answer(Body):
    """What someone says to a booking, and why."""

    reason: Reason = ""


class Approval(Answer):
    """An owner's yes; `claims` are those that are approved in part, where the team named a least quantity."""

    claims: Claims | None = None


def _states(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


class BookingFilter(Page):
    """Which bookings are wanted; several states are separated by commas."""

    team: Reference | None = None
    resource: Reference | None = None
    state: Annotated[list[State], BeforeValidator(_states), Field(max_length=len(State))] | None = None
    since: Instant | None = Field(None, alias="from", description="Only bookings that end after this.")
    until: Instant | None = Field(None, alias="to", description="Only bookings that begin before this.")


def is_nothing(value: object) -> bool:
    """Whether a field has nothing to say and is left out."""
    return value is None


class ClaimShape(Shape):
    """One line of a booking."""

    resource: str
    units: int
    least_units: int | None = Field(default=None, exclude_if=is_nothing, description="There where the team named it.")


class MoveShape(Shape):
    """One move of a booking; `from` is null for the first."""

    at: datetime
    before: State | None = Field(serialization_alias="from")
    after: State = Field(serialization_alias="to")
    by: str
    reason: str

    @staticmethod
    def of(move: Move) -> "MoveShape":
        return MoveShape(at=move.at, before=move.before, after=move.after, by=move.by, reason=move.reason)


class BookingShape(Shape):
    """A booking; `unit_seconds` is its size, `cost_unit_seconds` what it takes of the quota, weighted."""

    etag = True

    id: str
    team: str
    state: State
    starts_at: datetime
    ends_at: datetime
    claims: list[ClaimShape]
    purpose: str
    hold_until: datetime | None
    version: int
    unit_seconds: int
    history: list[MoveShape]
    cost_unit_seconds: int
    waiting_for: list[str] = Field(description="The resources whose owner has not answered yet.")
    check_in_from: datetime | None
    check_in_until: datetime | None
    checked_in_at: datetime | None
    created_at: datetime
    ended_at: datetime | None
    series: str | None = Field(description="The series that it is a date of.")
    change_request: ChangeRequestShape | None = Field(
        description="The growth that waits for an owner; the booking stays as it is meanwhile."
    )
    counter_of: str | None = Field(description="The request that this was offered instead of.")
    how_to_use: dict[str, str] | None = Field(
        None, description="By resource, for the team of a confirmed or running booking that is read by itself."
    )

    @staticmethod
    def of(booking: Booking, how_to_use: Mapping[str, str] | None = None) -> "BookingShape":
        return BookingShape(
            id=str(booking.id),
            team=booking.team,
            state=booking.state,
            starts_at=booking.window.start,
            ends_at=booking.window.end,
            claims=[
                ClaimShape(resource=claim.resource, units=claim.units, least_units=claim.least_units)
                for claim in sorted(booking.claims, key=lambda claim: claim.resource_id)
            ],
            waiting_for=sorted(claim.resource for claim in booking.claims if claim.approval == "waiting"),
            purpose=booking.purpose,
            hold_until=booking.hold_until,
            version=booking.version,
            unit_seconds=booking.unit_seconds,
            history=[MoveShape.of(move) for move in booking.history],
            cost_unit_seconds=sum(claim.terms.whole for claim in booking.claims),
            check_in_from=booking.check_in_from,
            check_in_until=booking.check_in_until,
            checked_in_at=booking.checked_in_at,
            created_at=booking.created_at,
            ended_at=booking.ended_at,
            series=str(booking.series_id) if booking.series_id else None,
            change_request=ChangeRequestShape.of(booking.change_request) if booking.change_request else None,
            counter_of=str(booking.counter_of) if booking.counter_of else None,
            how_to_use=dict(how_to_use) if how_to_use is not None else None,
        )


class PreviewShape(Shape):
    """The booking that an order would become; it has no id because there is none."""

    id: None = None
    dry_run: bool = True
    team: str
    state: State
    starts_at: datetime
    ends_at: datetime
    claims: list[ClaimShape]
    purpose: str
    hold_until: datetime | None
    version: int = 0
    unit_seconds: int
    history: list[MoveShape] = Field(default_factory=list)
    cost_unit_seconds: int
    waiting_for: list[str]
    check_in_from: datetime | None
    check_in_until: datetime | None
    series: None = None

    @staticmethod
    def of(asked: NewBooking, order: Order, decision: Decision) -> "PreviewShape":
        lines = list(zip(asked.claims, order.claims, strict=True))
        return PreviewShape(
            team=asked.team,
            state=decision.state,
            starts_at=order.window.start,
            ends_at=order.window.end,
            claims=[
                ClaimShape(resource=line.resource, units=line.units, least_units=line.least_units)
                for line in asked.claims
            ],
            purpose=order.purpose,
            hold_until=decision.hold_until,
            unit_seconds=order.unit_seconds,
            cost_unit_seconds=decision.cost,
            waiting_for=sorted(line.resource for line, claim in lines if claim.resource_id in decision.approvals),
            check_in_from=decision.check_in_from,
            check_in_until=decision.check_in_until,
        )


def window_of(starts_at: datetime, ends_at: datetime, end: str = "ends_at") -> Window:
    """The window between two instants; Invalid, naming the `end`, where it is empty."""
    if ends_at <= starts_at:
        raise Invalid(end, "The end is not after the start.")
    return Window(starts_at, ends_at)


def check_claims(claims: list[NewClaim]) -> None:
    """Invalid, naming the claim, where a resource is claimed twice."""
    seen = set()
    for index, claim in enumerate(claims):
        if claim.resource in seen:
            raise Invalid(
                f"claims.{index}.resource", "%(resource)s is claimed twice. Add the units up.",
                {"resource": claim.resource[:80]},
            )  # fmt: skip
        if claim.least_units is not None and claim.least_units > claim.units:
            raise Invalid(f"claims.{index}.least_units", "The least quantity is not more than what is asked for.")
        seen.add(claim.resource)
