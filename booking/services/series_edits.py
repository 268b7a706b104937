"""Use cases of changing or cancelling many bookings of a series: all that are still to come, or those from a date on.

What has begun, what has ended, and what was changed by itself stay as they are.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from sqlalchemy.orm import Session

from booking.changes import series as changes
from booking.db import db, transaction
from booking.domain.bookings import Booking, Change
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from booking.domain.lifecycle import State
from booking.domain.orders import Claim, Order, is_shrink
from booking.domain.permissions import Actor, may_cancel, may_edit
from booking.domain.refusals import Refused
from booking.domain.series import CAN_CANCEL, CAN_CHANGE, LocalTimes, Series, of_date, subject_of, window_on
from booking.queries import bookings, grants, resources
from booking.queries import series as questions
from booking.services import holdings, looks
from booking.services.booking_edits import no_growth_that_asks
from booking.services.holdings import Locked
from booking.services.judging import judge_together
from booking.services.rewrites import rewrite_all

Concerned = Callable[[Series], list[Booking]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be different: local times as said for the date `since` (or the first), claims; None stays.

    It is about the bookings from the date `since` on, or about all.
    """

    since: date | None = None
    start: datetime | None = None
    end: datetime | None = None
    claims: tuple[Claim, ...] | None = None

    def times(self, series: Series) -> LocalTimes:
        """The local times that the series shall have."""
        standing = series.plan.times
        return standing.moved(self.since or standing.first, self.start, self.end)

    def order(self, series: Series, booking: Booking) -> Order:
        """The order in the place of one booking."""
        standing = booking.order()
        differs = self.claims is not None and set(self.claims) != set(standing.claims)
        claims = self.claims if differs and self.claims else standing.claims
        if (self.start is None and self.end is None) or booking.occurrence is None:
            return replace(standing, claims=claims)
        window = window_on(self.times(series), booking.occurrence)
        if window is None:
            said = {"date": booking.occurrence.isoformat()}
            raise Invalid("starts_at", "Clocks are put forward over all of it on %(date)s. Take other times.", said)
        return replace(standing, window=window, claims=claims)


def change_series(series_id: int, wanted: Wanted, *, actor: Actor, now: datetime, version: int) -> Series:
    """Bring the bookings of a series to other local times or claims, all that are still to come or none.

    They are judged as a whole, what they hold counting as free; a growth comes after those who wait for the same.
    Raises Refused with every refusal of every date, Stale where `version` is not the present one, Conflict where
    nothing can be changed any more.
    """
    change = partial(_change, series_id, wanted, actor, now, version)
    return looks.after_those_who_wait(change, now=now)


def _change(series_id: int, wanted: Wanted, actor: Actor, now: datetime, version: int) -> Series:
    with transaction() as session:
        more = {claim.resource_id for claim in wanted.claims or ()}
        series, held = _locked(session, series_id, _can_change(wanted, actor, now, version), more)
        changed = _judged(series, wanted, held, actor, now)
        if not changed:
            return questions.find_series(session.connection(), series.id, history=True)

        for one, change in changed:
            no_growth_that_asks(one.booking, change)
            if not is_shrink(change.order, one.booking.order()):
                looks.check_owes_nothing(one.rows)
        rewrite_all(changed, now=now, by=actor.email, told_by=subject_of(series.id))
        plan = replace(series.plan, times=wanted.times(series), claims=wanted.claims or series.plan.claims)
        changes.change(session.connection(), series.id, plan)
        after = questions.find_series(session.connection(), series.id, history=True)
        told = [one for one in after.bookings if one.id in {each.booking.id for each, _ in changed}]
        changes.tell(session.connection(), series.id, "series_changed", told, now=now, by=actor.email)
        return after


def preview_series_change(
    series_id: int, wanted: Wanted, *, actor: Actor, now: datetime, version: int
) -> list[tuple[Booking, Change]]:
    """What a change would do to each booking at this moment, its price included, without doing it."""
    with db.engine.connect() as connection:
        series = questions.find_series(connection, series_id)
        concerned = _can_change(wanted, actor, now, version)(series)
        wanted_ids = {claim.resource_id for claim in wanted.claims or ()}
        rows = list(resources.read_resources(connection, _resources(concerned) | wanted_ids))
        team_grants = grants.read_grants(connection, [series.plan.team_id])[series.plan.team_id]
        held = [Locked(connection, booking, rows, team_grants) for booking in concerned]
        return [(one.booking, change) for one, change in _judged(series, wanted, held, actor, now)]


def cancel_series(
    series_id: int, *, since: date | None = None, actor: Actor, now: datetime, reason: str = ""
) -> Series:
    """Give up the bookings of a series that are still to come, or those from a date on, each at its price."""

    def concerned(series: Series) -> list[Booking]:
        _must_see(actor, series)
        if not may_cancel(actor, series.plan.team_id, series.created_by):
            raise Forbidden("Only the team's lead, or who requested the series, can cancel it.")
        return _some(series, since, CAN_CANCEL, now)

    with transaction() as session:
        series, held = _locked(session, series_id, concerned)
        subject = subject_of(series.id)
        for one in held:
            holdings.end(one, State.CANCELLED, "cancel", now=now, by=actor.email, reason=reason, told_by=subject)
        gone = [one.booking for one in held]
        changes.tell(session.connection(), series.id, "series_cancelled", gone, now=now, by=actor.email, reason=reason)
        return questions.find_series(session.connection(), series.id, history=True)


def _can_change(wanted: Wanted, actor: Actor, now: datetime, version: int) -> Concerned:
    """Which bookings of a series a change is about, where the actor may ask for it."""

    def concerned(series: Series) -> list[Booking]:
        _must_see(actor, series)
        if not may_edit(actor, series.plan.team_id, series.created_by):
            raise Forbidden("Only the team's lead, or who requested the series, can change it.")
        if series.version != version:
            raise Stale(series.version)
        wanted.times(series)
        return _some(series, wanted.since, CAN_CHANGE, now)

    return concerned


def _some(series: Series, since: date | None, states: frozenset[State], now: datetime) -> list[Booking]:
    if since is not None and since not in {booking.occurrence for booking in series.bookings}:
        raise Invalid("from", "%(date)s is no date of this series.", {"date": since.isoformat()})
    found = series.concerned(since, states, now)
    if not found:
        raise Conflict(
            "No booking of this series can be changed any more: they have begun, ended, or go their own way."
        )
    return found


def _must_see(actor: Actor, series: Series) -> None:
    if not series.seen_by(actor).bookings:
        raise NotFound("series")


def _locked(
    session: Session, series_id: int, concerned: Concerned, more_resources: Iterable[int] = ()
) -> tuple[Series, list[Locked]]:
    """Lock the bookings that a verb is about in the order that everyone keeps, the series last.

    They are read without locks first; when they changed meanwhile, the locks are let go, and it begins again.
    """
    connection = session.connection()
    while True:
        start = connection.begin_nested()
        seen = concerned(questions.find_series(connection, series_id))
        rows = list(resources.lock_resources(connection, {*_resources(seen), *more_resources}))
        team_grants = grants.lock_grants(connection, [seen[0].team_id])[seen[0].team_id]
        bookings.lock_bookings(connection, [booking.id for booking in seen])
        series = questions.lock_series(connection, series_id)
        found = concerned(series)
        if [(one.id, one.touched_ids) for one in found] == [(one.id, one.touched_ids) for one in seen]:
            start.commit()
            return series, [Locked(connection, booking, rows, team_grants) for booking in found]
        start.rollback()


def _resources(some: Iterable[Booking]) -> set[int]:
    return {resource_id for booking in some for resource_id in booking.touched_ids}


def _judged(
    series: Series, wanted: Wanted, held: Sequence[Locked], actor: Actor, now: datetime
) -> list[tuple[Locked, Change]]:
    """Each booking that becomes another one with its change; Refused with what is refused of any."""
    orders = [(one, wanted.order(series, one.booking)) for one in held]
    asked = [(one, order) for one, order in orders if order != one.booking.order()]
    judged = judge_together(asked, now, by=actor.user_id) if asked else []
    changed = list(zip((one for one, _ in asked), judged, strict=True))
    refusals = [
        refusal
        for index, (one, change) in enumerate(changed)
        if one.booking.occurrence is not None
        for refusal in of_date(change.decision.refusals, index, one.booking.occurrence)
    ]
    if refusals:
        raise Refused(refusals)
    return changed
