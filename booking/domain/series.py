"""Series: one order asked for on many dates, at the same local times whatever the clocks do in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from booking.domain.bookings import Booking
from booking.domain.errors import Invalid
from booking.domain.lifecycle import State
from booking.domain.localtime import wall_to_utc
from booking.domain.orders import Claim, Decision, Order
from booking.domain.permissions import Actor, may_see_booking
from booking.domain.recurrence import MOST_DATES, Rule, months_without
from booking.domain.refusals import Refusal
from booking.domain.windows import Window

CAN_CHANGE = frozenset({State.PENDING, State.CONFIRMED})
CAN_CANCEL = CAN_CHANGE | {State.OFFERED}


def subject_of(series_id: int) -> str:
    """What the outbox calls a series."""
    return f"series:{series_id}"


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """From when until when, as clocks in `zone` show it on the date `first`; other dates have the same wall times.

    A time that clocks skip moves forward by the gap, one that they show twice is the first, so that a booking over a
    change of clocks is an hour longer or shorter than the others. Raises Invalid where the end is not after the start.
    """

    zone: str
    first: date
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise Invalid("ends_at", "The end is not after the start.")

    def on(self, day: date) -> Window | None:
        """The window of one date; None where clocks are put forward over all of it.

        Raises ValueError for a date so far away that nobody can mean it.
        """
        later = day - self.first
        try:
            start, end = (wall_to_utc(edge + later, self.zone) for edge in (self.start, self.end))
        except OverflowError:
            raise ValueError("This time is too far away. Take another one.") from None
        return Window(start, end) if start < end else None

    def moved(self, reference: date, start: datetime | None, end: datetime | None) -> LocalTimes:
        """Other times, said for the date `reference`; what is None stays."""
        back = self.first - reference
        return LocalTimes(
            self.zone,
            self.first,
            self.start if start is None else start + back,
            self.end if end is None else end + back,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a team asks for: an order without a window, local times, and a rule with its exceptions and additions."""

    team_id: int
    rule: Rule
    times: LocalTimes
    claims: tuple[Claim, ...]
    purpose: str = ""
    exceptions: frozenset[date] = frozenset()
    additions: frozenset[date] = frozenset()

    def order(self, window: Window) -> Order:
        """The order of one date."""
        return Order(self.team_id, window, self.claims, self.purpose)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a plan, with the order that it is."""

    day: date
    order: Order


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a plan in order of time, and why others that one may look for are not among them."""

    occurrences: tuple[Occurrence, ...]
    skipped: tuple[Invalid, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One date of a plan and the evaluator's decision on it, what is taken by the dates before it left out."""

    occurrence: Occurrence
    decision: Decision


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a plan: each date by itself, and what is skipped."""

    judged: tuple[Judged, ...]
    skipped: tuple[Invalid, ...]

    @property
    def cost(self) -> int:
        """Unit-seconds of quota for all dates that fit."""
        return sum(one.decision.cost for one in self.judged if not one.decision.refusals)


@dataclass(frozen=True, slots=True)
class Series:
    """A series as it stands; its bookings have the dates, some of which may have been changed by themselves.

    `slugs` name the resources of its plan by id.
    """

    id: int
    team: str
    plan: Plan
    version: int
    created_at: datetime
    created_by: int | None
    slugs: Mapping[int, str]
    bookings: tuple[Booking, ...] = field(default=())

    def seen_by(self, actor: Actor) -> Series:
        """The same with only the bookings that the actor may see."""
        team_id = self.plan.team_id
        seen = tuple(one for one in self.bookings if may_see_booking(actor, team_id, one.owners))
        return replace(self, bookings=seen)

    def concerned(self, since: date | None, states: frozenset[State], now: datetime) -> list[Booking]:
        """Its bookings from the date `since` on that a change of the series is about.

        What has begun, what has ended, and what was changed by itself stay as they are.
        """
        return [
            booking
            for booking in self.bookings
            if booking.state in states
            and now < booking.window.start
            and booking.apart_since is None
            and booking.occurrence is not None
            and (since is None or since <= booking.occurrence)
        ]


def dates_of(plan: Plan, days: Sequence[date]) -> Dates:
    """The dates of a plan, from the days that its rule gives; Invalid where there are none, or too many.

    An exception that is no day of the rule is a slip, and refused as one.
    """
    for day in sorted(plan.exceptions - set(days)):
        raise Invalid("except", "The rule has no date %(date)s to leave out.", {"date": day.isoformat()})
    wanted = sorted((set(days) - plan.exceptions) | plan.additions)
    if len(wanted) > MOST_DATES:
        raise Invalid("rule", "These are more than %(most)s dates. Let the series end earlier.", {"most": MOST_DATES})
    rule, first = plan.rule.from_first(plan.times.first), plan.times.first
    found, skipped = [], list(months_without(rule, first, rule.until or max(days, default=first)))
    for day in wanted:
        window = window_on(plan.times, day)
        if window is None:
            said = {"date": day.isoformat()}
            skipped.append(
                Invalid("rule", "Clocks are put forward over all of it on %(date)s: nothing is booked.", said)
            )
        else:
            found.append(Occurrence(day, plan.order(window)))
    if not found:
        raise Invalid("rule", "This rule has no date at all.")
    return Dates(tuple(found), tuple(skipped))


def chosen(dates: Dates, days: Sequence[date]) -> Dates:
    """Only some dates, in the order in which they are named; Invalid, naming it, for one that is none of them."""
    if not days:
        raise Invalid("dates", "Choose at least one date.")
    known = {one.day: one for one in dates.occurrences}
    for index, day in enumerate(days):
        if day not in known:
            raise Invalid(f"dates.{index}", "%(date)s is no date of this series.", {"date": day.isoformat()})
        if day in days[:index]:
            raise Invalid(f"dates.{index}", "%(date)s is chosen twice.", {"date": day.isoformat()})
    return Dates(tuple(known[day] for day in sorted(days)), dates.skipped)


def of_date(refusals: Iterable[Refusal], index: int, day: date) -> list[Refusal]:
    """Refusals of one date as those of a series: the field says which, and so do the numbers."""
    return [
        Refusal(each.code, each.message, f"dates.{index}.{each.field}".rstrip("."), _dated(each.numbers, day))
        for each in refusals
    ]


def _dated(numbers: Mapping[str, object], day: date) -> dict[str, object]:
    return {**numbers, "date": day.isoformat()}


def window_on(times: LocalTimes, day: date) -> Window | None:
    """The window of one date, or None; Invalid for a date that nobody can mean."""
    try:
        return times.on(day)
    except ValueError as error:
        raise Invalid("rule", str(error)) from None
