"""Series as the API takes and gives them: local times, a rule, and dates."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, field_validator, model_validator

from booking.domain.errors import Invalid
from booking.domain.lifecycle import State
from booking.domain.localtime import YEARS
from booking.domain.orders import Claim
from booking.domain.recurrence import LONGEST_RULE, MOST_DATES, Rule, read_rule
from booking.domain.series import Judged, LocalTimes, Plan, Preview, Series
from booking.schemas.base import Body, Reference, Refusal, Shape, Timezone
from booking.schemas.bookings import BookingShape, Claims, ClaimShape, Purpose, Reason, check_claims

_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _local(value: Any) -> Any:
    """A time without an offset, as clocks somewhere show it."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _LOCAL.fullmatch(value):
        raise ValueError("not a local time such as 2026-12-01T10:00, without an offset")
    return _read(datetime.fromisoformat, value)


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("not a date such as 2026-12-01")
    return _read(date.fromisoformat, value)


def _read(read: Any, text: str) -> Any:
    if int(text[:4]) not in YEARS:
        raise ValueError(f"not of the years {YEARS[0]} to {YEARS[-1]}")
    try:
        return read(text)
    except ValueError:
        raise ValueError("there is no such day or time") from None


LocalTime = Annotated[
    datetime,
    BeforeValidator(_local),
    WithJsonSchema({"type": "string", "pattern": _LOCAL.pattern, "examples": ["2026-12-01T10:00"]}),
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Days = Annotated[list[Day], Field(max_length=MOST_DATES)]
RuleText = Annotated[str, StringConstraints(max_length=LONGEST_RULE, pattern=r"^[^\x00]*$")]

RULE = (
    "A part of RRULE (RFC 5545): FREQ=DAILY, WEEKLY or MONTHLY; INTERVAL; BYDAY (MO,TH for WEEKLY; one such as 2MO or"
    " -1FR for MONTHLY); BYMONTHDAY (one day, MONTHLY); UNTIL (a date, that day included) or COUNT. Days that a month"
    " does not have are left out and do not count. What the rule leaves open is as on the date of starts_at."
)
TIMES = (
    "The local time on the first date; other dates have the same wall times. A time that clocks skip moves forward by"
    " the gap; one that they show twice is the first."
)


class NewSeries(Body):
    """What a team asks for on many dates: all of them, or the chosen ones, together or not at all."""

    team: Reference
    timezone: Timezone = Field(description="Whose clocks the local times are read from.")
    starts_at: LocalTime = Field(description=TIMES)
    ends_at: LocalTime = Field(description="The local end on the first date, the next day or later for a night.")
    rule: RuleText = Field(description=RULE)
    exceptions: Days = Field([], alias="except", description="Dates of the rule that are left out.")
    also: Days = Field([], description="Dates that are added to those of the rule.")
    dates: Days | None = Field(None, description="Only these of all dates, such as those that a dry run ticked.")
    claims: Claims
    purpose: Purpose
    dry_run: bool = Field(False, description="Only say what would become of each date.")
    reason: Reason = Field("", description="Why an owner books in the name of a team that he is not in.")

    def check(self) -> None:
        """Invalid for what nobody could book."""
        check_claims(self.claims)
        self.said_rule().from_first(self.starts_at.date())
        self.times()

    def said_rule(self) -> Rule:
        return read_rule(self.rule)

    def times(self) -> LocalTimes:
        return LocalTimes(self.timezone, self.starts_at.date(), self.starts_at, self.ends_at)

    def plan(self, team_id: int, claims: tuple[Claim, ...]) -> Plan:
        """The same as the service takes it."""
        return Plan(
            team_id,
            self.said_rule(),
            self.times(),
            claims,
            self.purpose,
            frozenset(self.exceptions),
            frozenset(self.also),
        )


class SeriesChange(Body):
    """What is to be different of the bookings that are still to come; what is left out stays as it is."""

    since: Day | None = Field(None, alias="from", description="Only this date and those after it.")
    starts_at: LocalTime | None = Field(None, description="The new local time on the date `from`, or on the first.")
    ends_at: LocalTime | None = None
    claims: Claims | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _is_something(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("leave it out to keep it as it is")
        return value

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.model_fields_set - {"since"}:
            raise ValueError("say what is to be different: starts_at, ends_at or claims")
        return self

    def check(self) -> None:
        """Invalid for what no series could be changed into."""
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise Invalid("ends_at", "The end is not after the start.")
        if self.claims is not None:
            check_claims(self.claims)


class SeriesCancellation(Body):
    """From which date on it is given up (all that is still to come, where none is said), and why."""

    since: Day | None = Field(None, alias="from")
    reason: Reason = ""


class SeriesShape(Shape):
    """A series with all its bookings; `starts_at` and `ends_at` are local times on the date `first_on`."""

    etag = True

    id: str
    team: str
    timezone: str
    first_on: date
    starts_at: str
    ends_at: str
    rule: str
    exceptions: list[date] = Field(serialization_alias="except")
    also: list[date]
    claims: list[ClaimShape]
    purpose: str
    version: int
    created_at: datetime
    bookings: list[BookingShape]

    @staticmethod
    def of(series: Series) -> "SeriesShape":
        plan = series.plan
        return SeriesShape(
            id=str(series.id),
            team=series.team,
            timezone=plan.times.zone,
            first_on=plan.times.first,
            starts_at=local_text(plan.times.start),
            ends_at=local_text(plan.times.end),
            rule=plan.rule.text,
            exceptions=sorted(plan.exceptions),
            also=sorted(plan.additions),
            claims=[
                ClaimShape(resource=series.slugs[claim.resource_id], units=claim.units)
                for claim in sorted(plan.claims, key=lambda claim: claim.resource_id)
            ],
            purpose=plan.purpose,
            version=series.version,
            created_at=series.created_at,
            bookings=[BookingShape.of(booking) for booking in series.bookings],
        )


class DateShape(Shape):
    """What would become of one date; `state` is null where it is refused."""

    date: date
    starts_at: datetime
    ends_at: datetime
    fits: bool
    state: State | None
    cost_unit_seconds: int
    refusals: list[Refusal]

    @staticmethod
    def of(one: Judged, refusals: Sequence[Refusal]) -> "DateShape":
        window = one.occurrence.order.window
        return DateShape(
            date=one.occurrence.day,
            starts_at=window.start,
            ends_at=window.end,
            fits=not refusals,
            state=None if refusals else one.decision.state,
            cost_unit_seconds=one.decision.cost,
            refusals=list(refusals),
        )


class SeriesPreviewShape(Shape):
    """What would become of each date, those that fit counted for the ones after them.

    `skipped` says in words which dates one may miss, and `cost_unit_seconds` is what all that fit would take.
    """

    id: None = None
    dry_run: bool = True
    team: str
    timezone: str
    rule: str
    dates: list[DateShape]
    skipped: list[str]
    cost_unit_seconds: int

    @staticmethod
    def of(asked: NewSeries, preview: Preview, dates: list[DateShape], skipped: list[str]) -> "SeriesPreviewShape":
        rule = asked.said_rule().from_first(asked.starts_at.date())
        return SeriesPreviewShape(
            team=asked.team,
            timezone=asked.timezone,
            rule=rule.text,
            dates=dates,
            skipped=skipped,
            cost_unit_seconds=preview.cost,
        )


def local_text(local: datetime) -> str:
    """A local time as bodies say it."""
    return local.isoformat(timespec="minutes" if local.second == 0 else "seconds")
