"""Who reads a notice: the people of teams, those who look after resources, those who decide on applications."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from booking.domain.notices import Audience, Reader
from booking.domain.permissions import OWNER_OF, Role, TeamRole
from booking.models.attestations import Attestation
from booking.models.bookings import Claim
from booking.models.capacity import Displacement
from booking.models.change_requests import ChangeRequest, ChangeRequestClaim
from booking.models.outcomes import Outcome
from booking.models.permits import Permit
from booking.models.resources import Resource
from booking.models.scenarios import Scenario
from booking.models.teams import Membership, Team
from booking.models.users import Role as RoleRow
from booking.models.users import User

_PERSON = (User.name, User.email, User.language, User.id)
# An address that nobody has confirmed may be a stranger's.
_REACHABLE = (User.active, User.confirmed_at.is_not(None))


def members(
    session: Session, team_ids: Collection[int], roles: Collection[TeamRole] = ("lead", "member")
) -> dict[int, list[Reader]]:
    """By team: its active people, all or the leads alone, in the order in which they joined."""
    chosen = (
        select(Membership.team_id, *_PERSON)
        .join(User, User.id == Membership.user_id)
        .where(Membership.team_id.in_(team_ids), Membership.role.in_(roles), *_REACHABLE)
        .order_by(Membership.joined_at, User.id)
    )
    return _readers(session.execute(chosen), Audience.MEMBER)


def owners_asked(session: Session, booking_ids: Collection[int]) -> dict[int, list[Reader]]:
    """By booking: who looks after a claimed resource that still has to approve it."""
    waiting = (
        select(Claim.booking_id, Resource.organisation_id, Resource.kind)
        .join(Resource, Resource.id == Claim.resource_id)
        .where(Claim.booking_id.in_(booking_ids), Claim.approval == "waiting")
    )
    return _owners(session, waiting)


def owners_asked_for_more(session: Session, booking_ids: Collection[int]) -> dict[int, list[Reader]]:
    """By booking: who looks after a resource of which more is asked for and still has to approve it."""
    waiting = (
        select(ChangeRequest.booking_id, Resource.organisation_id, Resource.kind)
        .join(ChangeRequestClaim, ChangeRequestClaim.change_request_id == ChangeRequest.id)
        .join(Resource, Resource.id == ChangeRequestClaim.resource_id)
        .where(
            ChangeRequest.booking_id.in_(booking_ids),
            ChangeRequest.state == "open",
            ChangeRequestClaim.approval == "waiting",
        )
    )
    return _owners(session, waiting)


def owners_displacing(session: Session, booking_ids: Collection[int]) -> dict[int, list[Reader]]:
    """By booking: who looks after a resource in which it has lost its place."""
    displaced = (
        select(Displacement.booking_id, Resource.organisation_id, Resource.kind)
        .join(Resource, Resource.id == Displacement.resource_id)
        .where(Displacement.booking_id.in_(booking_ids), Displacement.resolved_at.is_(None))
    )
    return _owners(session, displaced)


def reviewers(session: Session) -> list[Reader]:
    """Who decides on applications: the reviewers, or the administrators where there are none."""
    chosen = (
        select(RoleRow.role, *_PERSON)
        .join(User, User.id == RoleRow.user_id)
        .where(RoleRow.role.in_((Role.REVIEWER.value, Role.ADMINISTRATOR.value)), *_REACHABLE)
        .order_by(User.id)
    )
    found = _readers(session.execute(chosen), Audience.REVIEWER)
    return found.get(Role.REVIEWER) or found.get(Role.ADMINISTRATOR) or []


def stewards_owed(session: Session, attestation_ids: Collection[int]) -> dict[int, list[Reader]]:
    """By attestation: who looks after the data that is to be deleted."""
    owed = (
        select(Attestation.id.label("booking_id"), Resource.organisation_id, Resource.kind)
        .join(Resource, Resource.id == Attestation.resource_id)
        .where(Attestation.id.in_(attestation_ids))
    )
    return _owners(session, owed)


def stewards_asked(session: Session, permit_ids: Collection[int]) -> dict[int, list[Reader]]:
    """By permit: who looks after the data that it is for."""
    asked = (
        select(Permit.id.label("booking_id"), Resource.organisation_id, Resource.kind)
        .join(Resource, Resource.id == Permit.resource_id)
        .where(Permit.id.in_(permit_ids))
    )
    return _owners(session, asked)


def outcome_reviewers(session: Session, outcome_ids: Collection[int]) -> dict[int, list[Reader]]:
    """By report: who decides on it, the owners of its scenario and the reviewers, and nobody of its own team."""
    everywhere = reviewers(session)
    chosen = (
        select(Outcome.id, *_PERSON)
        .join(Team, Team.id == Outcome.team_id)
        .join(Scenario, Scenario.id == Team.scenario_id)
        .join(RoleRow, RoleRow.organisation_id == Scenario.organisation_id)
        .join(User, User.id == RoleRow.user_id)
        .where(Outcome.id.in_(outcome_ids), RoleRow.role == Role.SCENARIO_OWNER.value, *_REACHABLE)
        .order_by(User.id)
    )
    owners = _readers(session.execute(chosen), Audience.REVIEWER)
    own = select(Outcome.id, Membership.user_id).join(Membership, Membership.team_id == Outcome.team_id)
    is_own = set(map(tuple, session.execute(own.where(Outcome.id.in_(outcome_ids)))))
    return {
        one: [reader for reader in owners.get(one, []) + everywhere if (one, reader.user_id) not in is_own]
        for one in outcome_ids
    }


def scenario_owners(session: Session, organisation_ids: Collection[int]) -> dict[int, list[Reader]]:
    """By organisation: who looks after its scenarios."""
    return with_roles(session, (Role.SCENARIO_OWNER,), organisation_ids, Audience.SCENARIO_OWNER)


def with_roles(
    session: Session, roles: Collection[Role], organisation_ids: Collection[int], audience: Audience
) -> dict[int, list[Reader]]:
    """By organisation: who has one of the roles for it."""
    chosen = (
        select(RoleRow.organisation_id, *_PERSON)
        .join(User, User.id == RoleRow.user_id)
        .where(RoleRow.role.in_(sorted(roles)), RoleRow.organisation_id.in_(organisation_ids), *_REACHABLE)
        .distinct()
        .order_by(RoleRow.organisation_id, User.id)
    )
    return _readers(session.execute(chosen), audience)


def _owners(session: Session, claimed: Select[int, int, str]) -> dict[int, list[Reader]]:
    found = claimed.subquery()
    chosen = (
        select(found.c.booking_id, *_PERSON)
        .join(RoleRow, and_(RoleRow.organisation_id == found.c.organisation_id, _owns(found.c.kind)))
        .join(User, User.id == RoleRow.user_id)
        .where(*_REACHABLE)
        .distinct()
        .order_by(found.c.booking_id, User.id)
    )
    return _readers(session.execute(chosen), Audience.OWNER)


def _owns(kind: ColumnElement[str]) -> ColumnElement[bool]:
    """Operators look after pools, stewards after datasets."""
    return or_(*(and_(kind == owned, RoleRow.role == role.value) for owned, role in OWNER_OF.items()))


def _readers(rows: Iterable[Any], audience: Audience) -> dict[Any, list[Reader]]:
    found: dict[Any, list[Reader]] = defaultdict(list)
    for key, name, address, language, user_id in rows:
        found[key].append(Reader(name, address, language, audience, user_id))
    return dict(found)
