"""What is said of permits for datasets and of their terms, and to whom."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from booking.domain.lifecycle import OPEN
from booking.domain.notices import Notice
from booking.domain.outbox import Item
from booking.domain.permits import PermitState
from booking.models.bookings import Booking, Claim
from booking.models.facilities import Facility
from booking.models.permits import Permit
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.models.terms import TermsVersion
from booking.queries import readers
from booking.queries.readings import Event, Reading, each_of


def of_permits(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    """By item: who looks after the data where a permit is asked for, the team of whatever becomes of it."""
    if not events:
        return {}
    chosen = (
        select(Permit.id, Permit.team_id, Permit.until, Resource.name, Facility.timezone)
        .add_columns(Team.name.label("team"), Team.slug.label("team_slug"))
        .join(Team, Team.id == Permit.team_id)
        .join(Resource, Resource.id == Permit.resource_id)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .where(Permit.id.in_({number for _, number in events}))
    )
    permits = {row.id: row for row in session.execute(chosen)}
    members = readers.members(session, {row.team_id for row in permits.values()})
    stewards = readers.stewards_asked(session, permits.keys())
    found = {}
    for item, number in events:
        if number in permits:
            row = permits[number]
            words = {"about": str(number), "team": row.team, "team_slug": row.team_slug, "deadline": row.until}
            people = stewards.get(number, []) if item.event == "permit_asked" else members.get(row.team_id, [])
            found[item.id] = each_of(people, _notice(item, row, **words), item)
    return found


def of_terms(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    """By item: the members of all teams that have booked the dataset, or may."""
    if not events:
        return {}
    chosen = (
        select(TermsVersion.id, TermsVersion.resource_id, TermsVersion.effective_at)
        .add_columns(Resource.name, Resource.slug, Facility.timezone)
        .join(Resource, Resource.id == TermsVersion.resource_id)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .where(TermsVersion.id.in_({number for _, number in events}))
    )
    versions = {row.id: row for row in session.execute(chosen)}
    teams = _teams_with(session, {row.resource_id for row in versions.values()})
    members = readers.members(session, {row.id for rows in teams.values() for row in rows})
    found = {}
    for item, number in events:
        if number in versions:
            row = versions[number]
            notice = _notice(item, row, about=row.slug, deadline=row.effective_at)
            by_person = {
                reader.user_id: (reader, replace(notice, team=team.name, team_slug=team.slug))
                for team in teams[row.resource_id]
                for reader in members.get(team.id, [])
            }
            found[item.id] = list(by_person.values())
    return found


def _notice(item: Item, row: AnyRow, **words: Any) -> Notice:
    """What an event says of a dataset, whose name stands where other notices have a scenario's."""
    return Notice(item.event, scenario=row.name, timezone=row.timezone or "UTC", **words)


def _teams_with(session: Session, dataset_ids: Collection[int]) -> dict[int, list[AnyRow]]:
    """By dataset: the teams that have booked it, or whose permit has not ended."""
    booked = (
        select(Claim.resource_id, Booking.team_id)
        .join(Booking, Booking.id == Claim.booking_id)
        .where(Claim.resource_id.in_(dataset_ids), Booking.state.in_([state.value for state in OPEN]))
    )
    permitted = select(Permit.resource_id, Permit.team_id).where(
        Permit.resource_id.in_(dataset_ids), Permit.state == PermitState.GRANTED.value, Permit.expired_at.is_(None)
    )
    both = union(booked, permitted).subquery()
    chosen = select(both.c.resource_id, Team.id, Team.name, Team.slug).join(Team, Team.id == both.c.team_id)
    found: defaultdict[int, list[AnyRow]] = defaultdict(list)
    for row in session.execute(chosen.order_by(both.c.resource_id, Team.id)):
        found[row.resource_id].append(row)
    return found
