"""What is said of bookings, teams and grants, and to whom: a few statements for many events at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.domain.notices import Line, Notice, Reader, is_moot
from booking.domain.outbox import Item
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim
from booking.models.facilities import Facility
from booking.models.outcomes import Outcome
from booking.models.resources import Resource
from booking.models.scenarios import Scenario
from booking.models.series import Series, SeriesClaim
from booking.models.teams import Team
from booking.queries import attestations, dataset_notices, noticed, personal_notices, readers, settled_notices
from booking.queries.readings import Event, Reading, each_of


def readings(session: Session, items: Sequence[Item]) -> dict[int, list[Reading]]:
    """By item: who is to read it and what it says; an item that is missing here tells of nothing that exists."""
    events: dict[str, list[Event]] = defaultdict(list)
    for item in items:
        noun, _, number = item.subject.partition(":")
        if number.isdecimal():
            events[noun].append((item, int(number)))
    return (
        _of_bookings(session, events["booking"])
        | _of_teams(session, events["team"])
        | _of_grants(session, events["grant"])
        | _of_waitlist(session, events["waitlist"])
        | _of_demands(session, events["demand"])
        | _of_series(session, events["series"])
        | _of_outcomes(session, events["outcome"])
        | _of_attestations(session, events["attestation"])
        | _of_scenarios(session, events["scenario"])
        | settled_notices.of_rates(session, events["resource"])
        | settled_notices.of_months(session, events["month"])
        | dataset_notices.of_permits(session, events["permit"])
        | dataset_notices.of_terms(session, events["terms"])
        | personal_notices.of_enrolments(session, events["enrolment"])
        | personal_notices.of_completions(session, events["completion"])
    )


def state_of(session: Session, booking_id: int | None) -> str:
    """The present state of a booking; empty where there is none."""
    return session.scalar(select(Booking.state).where(Booking.id == booking_id)) or ""


def _of_bookings(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    ids = {booking_id for _, booking_id in events}
    bookings = _bookings(session, ids)
    members = readers.members(session, {team_id for team_id, _, _ in bookings.values()})
    owners = {
        "pending": readers.owners_asked(session, ids),
        "change_requested": readers.owners_asked_for_more(session, ids),
        "displaced": readers.owners_displacing(session, ids),
    }
    found = {}
    for item, booking_id in events:
        if booking_id in bookings:
            team_id, state, notice = bookings[booking_id]
            people = owners.get(item.event, {}).get(booking_id, []) + members.get(team_id, [])
            is_told = is_moot(item.event, state) or "told_by" in item.payload
            found[item.id] = [] if is_told else each_of(people, notice, item)
    return found


def _of_teams(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    ids = {team_id for _, team_id in events}
    teams = _teams(session, ids)
    members = readers.members(session, ids)
    applied = any(item.event == "team_applied" for item, _ in events)
    reviewers = readers.reviewers(session) if applied else []
    return {
        item.id: each_of(
            (reviewers if item.event == "team_applied" else []) + members.get(team_id, []), teams[team_id], item
        )
        for item, team_id in events
        if team_id in teams
    }


def _of_grants(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    grants = noticed.grants_told(session, {grant_id for _, grant_id in events})
    members = readers.members(session, {team_id for team_id, _ in grants.values()})
    return {
        item.id: each_of(members.get(grants[grant_id][0], []), grants[grant_id][1], item)
        for item, grant_id in events
        if grant_id in grants
    }


def _of_waitlist(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    entries = noticed.entries_told(session, {entry_id for _, entry_id in events})
    members = readers.members(session, {team_id for team_id, _ in entries.values()})
    return {
        item.id: each_of(members.get(entries[entry_id][0], []), entries[entry_id][1], item)
        for item, entry_id in events
        if entry_id in entries
    }


def _of_demands(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    if not events:
        return {}
    demands = noticed.demands_told(session, {demand_id for _, demand_id in events})
    members = readers.members(session, {team_id for team_id, _ in demands.values()})
    return {
        item.id: each_of(members.get(demands[demand_id][0], []), demands[demand_id][1], item)
        for item, demand_id in events
        if demand_id in demands
    }


def _of_outcomes(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    """Reports: what is submitted is read by who decides on it, everything else by its team."""
    if not events:
        return {}
    outcomes = _outcomes(session, {outcome_id for _, outcome_id in events})
    members = readers.members(session, {team_id for team_id, _ in outcomes.values()})
    reviewers = readers.outcome_reviewers(session, outcomes.keys())
    found = {}
    for item, outcome_id in events:
        if outcome_id in outcomes:
            team_id, notice = outcomes[outcome_id]
            is_review = item.event == "outcome_submitted"
            found[item.id] = each_of(reviewers[outcome_id] if is_review else members.get(team_id, []), notice, item)
    return found


def _of_attestations(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    """What is owed is read by the team, what is late by the stewards too, what is given by these alone."""
    if not events:
        return {}
    known = attestations.told_of(session, {one for _, one in events})
    members = readers.members(session, {team_id for team_id, _ in known.values()})
    stewards = readers.stewards_owed(session, known.keys())
    found = {}
    for item, one in (event for event in events if event[1] in known):
        team_id, notice = known[one]
        owners = [] if item.event in ("attestation_asked", "attestation_due") else stewards.get(one, [])
        people = owners + ([] if item.event == "attestation_given" else members.get(team_id, []))
        found[item.id] = each_of(people, notice, item)
    return found


def _of_series(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    """One letter for many bookings; who has to approve any of them reads it too."""
    if not events:
        return {}
    ids = {series_id for _, series_id in events}
    series = _series(session, ids)
    members = readers.members(session, {team_id for team_id, _ in series.values()})
    asked: dict[int, list[Reader]] = defaultdict(list)
    rows = session.execute(select(Booking.id, Booking.series_id).where(Booking.series_id.in_(ids)))
    series_of = {row.id: row.series_id for row in rows}
    for booking_id, people in readers.owners_asked(session, series_of.keys()).items():
        asked[series_of[booking_id]] += people
    found = {}
    for item, series_id in events:
        if series_id in series:
            team_id, notice = series[series_id]
            owners = asked[series_id] if item.event == "series_booked" else []
            found[item.id] = each_of(owners + members.get(team_id, []), _summed(notice, item), item)
    return found


def _of_scenarios(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    """What became of an entry, for its owners; who reviews entries reads what was handed in."""
    if not events:
        return {}
    chosen = select(Scenario.id, Scenario.slug, Scenario.name, Scenario.organisation_id)
    rows = session.execute(chosen.where(Scenario.id.in_({number for _, number in events})))
    scenarios = {row.id: row for row in rows}
    owners = readers.scenario_owners(session, {row.organisation_id for row in scenarios.values()})
    reviewers = readers.reviewers(session) if any(item.event == "entry_submitted" for item, _ in events) else []
    found = {}
    for item, number in events:
        if number in scenarios:
            row = scenarios[number]
            notice = Notice(event="", about=row.slug, scenario=row.name)
            asked = reviewers if item.event == "entry_submitted" else []
            found[item.id] = each_of(asked + owners.get(row.organisation_id, []), notice, item)
    return found


def _summed(notice: Notice, item: Item) -> Notice:
    """The notice with how many bookings an event is about, and from when until when."""
    start, end = (datetime.fromisoformat(edge) for edge in item.payload["window"])
    return replace(notice, bookings=item.payload["bookings"], window=Window(start, end))


def _bookings(session: Session, ids: Collection[int]) -> dict[int, tuple[int, str, Notice]]:
    """By booking: its team, its state, and its notice without an event."""
    lines, zones = _lines(session, ids)
    chosen = (
        select(
            Booking.id,
            Booking.team_id,
            Booking.state,
            Booking.starts_at,
            Booking.ends_at,
            Booking.hold_until,
            Booking.check_in_until,
            Team.name,
            Team.slug,
        )
        .join(Team, Team.id == Booking.team_id)
        .where(Booking.id.in_(ids))
    )
    return {
        row.id: (
            row.team_id,
            row.state,
            Notice(
                event="",
                about=str(row.id),
                state=row.state,
                team=row.name,
                team_slug=row.slug,
                lines=tuple(lines[row.id]),
                window=Window(row.starts_at, row.ends_at),
                timezone=zones.get(row.id, "UTC"),
                deadline=_deadline(row.state, row.hold_until, row.check_in_until),
            ),
        )
        for row in session.execute(chosen)
    }


def _series(session: Session, ids: Collection[int]) -> dict[int, tuple[int, Notice]]:
    """By series: its team, and its notice without an event."""
    lines: dict[int, list[Line]] = defaultdict(list)
    claims = (
        select(SeriesClaim.series_id, SeriesClaim.units, Resource.kind, Resource.name)
        .join(Resource, Resource.id == SeriesClaim.resource_id)
        .where(SeriesClaim.series_id.in_(ids))
        .order_by(Resource.kind.desc(), Resource.id)
    )
    for row in session.execute(claims):
        lines[row.series_id].append(Line(row.units, row.kind, row.name))
    chosen = select(Series.id, Series.team_id, Series.timezone, Team.name, Team.slug).join(Team)
    return {
        row.id: (
            row.team_id,
            Notice(
                event="",
                about=str(row.id),
                team=row.name,
                team_slug=row.slug,
                lines=tuple(lines[row.id]),
                timezone=row.timezone,
            ),
        )
        for row in session.execute(chosen.where(Series.id.in_(ids)))
    }


def _deadline(state: str, hold_until: datetime | None, check_in_until: datetime | None) -> datetime | None:
    """By when somebody has to act: an offer and a request are held for a while, a booking wants its check-in."""
    if state in ("offered", "pending"):
        return hold_until
    return check_in_until if state == "confirmed" else None


def _lines(session: Session, booking_ids: Collection[int]) -> tuple[dict[int, list[Line]], dict[int, str]]:
    """What each booking claims, pools first, and the time zone of the first facility among it."""
    chosen = (
        select(Claim.booking_id, Claim.units, Resource.kind, Resource.name, Facility.timezone)
        .join(Resource, Resource.id == Claim.resource_id)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .where(Claim.booking_id.in_(booking_ids))
        .order_by(Resource.kind.desc(), Resource.id)
    )
    lines: dict[int, list[Line]] = defaultdict(list)
    zones: dict[int, str] = {}
    for row in session.execute(chosen):
        lines[row.booking_id].append(Line(row.units, row.kind, row.name))
        if row.timezone:
            zones.setdefault(row.booking_id, row.timezone)
    return lines, zones


def _teams(session: Session, ids: Collection[int]) -> dict[int, Notice]:
    """By team: the notice of its approval, without an event."""
    chosen = select(Team, Scenario.name).join(Scenario, Scenario.id == Team.scenario_id).where(Team.id.in_(ids))
    return {
        team.id: Notice(
            event="",
            about=str(team.id),
            team=team.name,
            team_slug=team.slug,
            scenario=scenario,
            deadline=team.approved_until,
        )
        for team, scenario in session.execute(chosen)
    }


def _outcomes(session: Session, ids: Collection[int]) -> dict[int, tuple[int, Notice]]:
    """By report: its team, and the notice about it without an event, with what was booked and when."""
    chosen = (
        select(Outcome.id, Outcome.booking_id, Outcome.team_id, Scenario.name)
        .join(Team, Team.id == Outcome.team_id)
        .join(Scenario, Scenario.id == Team.scenario_id)
        .where(Outcome.id.in_(ids))
    )
    rows = session.execute(chosen).all()
    bookings = _bookings(session, {row.booking_id for row in rows})
    return {
        row.id: (
            row.team_id,
            replace(bookings[row.booking_id][2], about=str(row.id), state="", deadline=None, scenario=row.name),
        )
        for row in rows
    }
