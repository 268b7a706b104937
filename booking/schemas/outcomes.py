"""Outcomes as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from booking.domain.outcomes import LONGEST_LINK, MOST_LINKS, Outcome, OutcomeState, Report
from booking.schemas.base import Body, HoursFromZero, Line, Page, Reference, Shape, Words
from booking.schemas.bookings import Reason

Link = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=LONGEST_LINK)]


class ReportBody(Body):
    """What came of a booking. With `version`, nothing is overwritten that was written meanwhile."""

    title: Line
    results: Words
    used_unit_seconds: HoursFromZero = Field(alias="hours_used", description="GPU-hours, or access-hours of seats.")
    links: Annotated[list[Link], Field(max_length=MOST_LINKS)] = Field(
        default_factory=list, description="https only; they are never opened here."
    )
    version: Annotated[int, Field(ge=1)] | None = None

    def report(self) -> Report:
        """The report as the service takes it."""
        return Report(self.title, self.results, self.used_unit_seconds, tuple(self.links))


class ReviewBody(Body):
    """Why it is decided so; the team reads it. With `version`, what was read is what is decided on."""

    reason: Reason = ""
    version: Annotated[int, Field(ge=1)] | None = None


def _states(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


class OutcomeFilter(Page):
    """Which reports are wanted; several states are separated by commas."""

    team: Reference | None = None
    scenario: Reference | None = None
    facility: Reference | None = None
    region: Reference | None = None
    state: Annotated[list[OutcomeState], BeforeValidator(_states), Field(max_length=len(OutcomeState))] | None = None


class OutcomeShape(Shape):
    """A report, which is a case once it is published; `kind` says whether units are GPUs (`pool`) or seats.

    `booking` and `reason` are for the team and for who decides on it; others read null and nothing.
    """

    id: str
    state: OutcomeState
    team: str
    team_name: str
    scenario: str
    scenario_name: str
    facilities: list[str]
    booking: str | None
    starts_at: datetime
    ends_at: datetime
    kind: str
    booked_unit_seconds: int
    used_unit_seconds: int
    title: str
    results: str
    links: list[str]
    asked_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    reason: str
    version: int

    @staticmethod
    def of(outcome: Outcome, *, inside: bool) -> "OutcomeShape":
        return OutcomeShape(
            id=str(outcome.id),
            state=outcome.state,
            team=outcome.team,
            team_name=outcome.team_name,
            scenario=outcome.scenario,
            scenario_name=outcome.scenario_name,
            facilities=[place.slug for place in outcome.places],
            booking=str(outcome.booking_id) if inside else None,
            starts_at=outcome.window.start,
            ends_at=outcome.window.end,
            kind=outcome.kind,
            booked_unit_seconds=outcome.booked_unit_seconds,
            used_unit_seconds=outcome.report.used_unit_seconds,
            title=outcome.report.title,
            results=outcome.report.results,
            links=list(outcome.report.links),
            asked_at=outcome.asked_at,
            submitted_at=outcome.submitted_at,
            decided_at=outcome.decided_at,
            reason=outcome.reason if inside else "",
            version=outcome.version,
        )
