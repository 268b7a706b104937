"""Who hears what a resource costs from now on, and that a month is closed: who pays for it, and who is paid."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.domain.notices import Audience, Notice, Reader
from booking.domain.permissions import OWNER_OF, Role, TeamRole
from booking.domain.settlements import month_of, name_of
from booking.models.bookings import Booking, Claim
from booking.models.facilities import Facility
from booking.models.grants import Grant
from booking.models.resources import Resource
from booking.models.settlements import SettlementLine, SettlementMonth
from booking.queries import readers
from booking.queries.readings import Event, Reading, each_of

BOOKED_WITHIN = timedelta(days=90)
"""Teams whose last booking of a resource ended longer ago do not hear what it costs now."""

LEAD: tuple[TeamRole, ...] = ("lead",)
PAYS = (Role.FUNDER,)
IS_PAID = tuple(OWNER_OF.values())


def of_rates(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    """By item: the leads of teams that have booked the resource lately or hold a voucher for it, and its funders."""
    found = {}
    for item, resource_id in events:
        row = session.get(Resource, resource_id)
        if row is None:
            continue
        facility = session.get(Facility, row.facility_id) if row.facility_id else None
        notice = Notice(
            event="",
            about=row.slug,
            scenario=row.name,
            cents=item.payload["cents"],
            deadline=datetime.fromisoformat(item.payload["starts_at"]),
            timezone=facility.timezone if facility else "UTC",
        )
        found[item.id] = each_of(_who_pays(session, row, item.created_at), notice, item)
    return found


def of_months(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    """By item: the leads of the teams, the funders and the owners that have a line in the closed month."""
    found = {}
    for item, month_id in events:
        month = session.get(SettlementMonth, month_id)
        if month is None:
            continue
        chosen = select(SettlementLine.team_id, SettlementLine.funder_id, SettlementLine.operator_id).distinct()
        lines = session.execute(chosen.where(SettlementLine.month_id == month_id)).all()
        people = [
            *_leads(session, {line.team_id for line in lines}),
            *_settled(session, PAYS, {line.funder_id for line in lines if line.funder_id}),
            *_settled(session, IS_PAID, {line.operator_id for line in lines}),
        ]
        notice = Notice(event="", about=name_of(month_of(month.starts_at)))
        found[item.id] = each_of(people, notice, item)
    return found


def _who_pays(session: Session, resource: Resource, at: datetime) -> list[Reader]:
    booked = (
        select(Booking.team_id)
        .join(Claim, Claim.booking_id == Booking.id)
        .where(Claim.resource_id == resource.id, Claim.ends_at > at - BOOKED_WITHIN, Booking.created_at <= at)
    )
    vouchers = select(Grant.team_id, Grant.organisation_id).where(
        Grant.subsidy_percent.is_not(None),
        Grant.created_at <= at,
        Grant.ends_at > at,
        or_(
            Grant.resource_id == resource.id,
            Grant.facility_id == resource.facility_id,
            Grant.kind == resource.kind,
        ),
    )
    rows = session.execute(vouchers.distinct()).all()
    teams = {row.team_id for row in rows} | set(session.scalars(booked.distinct()))
    return [*_leads(session, teams), *_settled(session, PAYS, {row.organisation_id for row in rows})]


def _leads(session: Session, team_ids: set[int]) -> list[Reader]:
    found = readers.members(session, sorted(team_ids), roles=LEAD)
    return [reader for people in found.values() for reader in people]


def _settled(session: Session, roles: Sequence[Role], organisation_ids: set[int]) -> list[Reader]:
    found = readers.with_roles(session, roles, sorted(organisation_ids), Audience.SETTLED)
    return [reader for people in found.values() for reader in people]
