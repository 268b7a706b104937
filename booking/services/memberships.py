"""Use cases on who is in a team: add, remove, leave, and who leads. A team is never without a lead."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from booking.changes.teams import note_members
from booking.db import transaction
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.permissions import Actor, TeamRole, may_manage_team, may_see_team
from booking.domain.teams import Team
from booking.models.teams import Membership
from booking.models.teams import Team as TeamRow
from booking.queries.applications import leads_besides, lock_team, membership, team_by_id
from booking.services.people import person_named

ROLES: tuple[TeamRole, ...] = ("lead", "member")


def add_member(team_id: int, email: str, role: TeamRole, *, actor: Actor, now: datetime) -> Team:
    """Take a person into a team by e-mail address; they may book from then on."""
    _check_role(role)
    with transaction() as session:
        row = _to_manage(session, team_id, actor)
        person = person_named(session, email, "email")
        if membership(session, team_id, person.id):
            raise Conflict("%(name)s is in %(team)s already.", {"name": person.name, "team": row.name}, field="email")

        session.add(Membership(team_id=team_id, user_id=person.id, role=role, joined_at=now))
        return _noted(session, row, "add_member", actor, now, {"user": person.id, "role": role})


def remove_member(team_id: int, user_id: int, *, actor: Actor, now: datetime) -> Team:
    """Take a person out of a team, which ends their rights at once; anybody may take out themselves."""
    with transaction() as session:
        row = _to_manage(session, team_id, actor, leaves=user_id == actor.user_id)
        place = _place(session, team_id, user_id)
        if place.role == "lead":
            _must_keep_a_lead(session, row, user_id)

        session.delete(place)
        return _noted(session, row, "remove_member", actor, now, {"user": user_id})


def change_role(team_id: int, user_id: int, role: TeamRole, *, actor: Actor, now: datetime) -> Team:
    """Make a member a lead, or a lead a member."""
    _check_role(role)
    with transaction() as session:
        row = _to_manage(session, team_id, actor)
        place = _place(session, team_id, user_id)
        if place.role == "lead" and role != "lead":
            _must_keep_a_lead(session, row, user_id)

        place.role = role
        return _noted(session, row, "change_role", actor, now, {"user": user_id, "role": role})


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise Invalid("role", "A person leads a team or is a member of it: say lead or member.")


def _to_manage(session: Session, team_id: int, actor: Actor, *, leaves: bool = False) -> TeamRow:
    """The locked row of a team whose members the actor may change.

    What the actor is in the team is read again under the lock: it may have changed since the request began.
    """
    row = lock_team(session, team_id)
    own = membership(session, team_id, actor.user_id)
    elsewhere = {other: role for other, role in actor.teams.items() if other != team_id}
    here: dict[int, TeamRole] = {team_id: "lead" if own.role == "lead" else "member"} if own else {}
    present = replace(actor, teams=elsewhere | here)
    if not may_see_team(present, team_id, row.applied_by):
        raise NotFound("team")
    if not leaves and not may_manage_team(present, team_id):
        raise Forbidden("Only the team's lead changes who is in it.")
    return row


def _place(session: Session, team_id: int, user_id: int) -> Membership:
    place = membership(session, team_id, user_id)
    if place is None:
        raise NotFound("member")
    return place


def _must_keep_a_lead(session: Session, row: TeamRow, user_id: int) -> None:
    if leads_besides(session, row.id, user_id) == 0:
        raise Conflict("%(team)s would be without a lead. Make somebody else its lead first.", {"team": row.name})


def _noted(session: Session, row: TeamRow, act: str, actor: Actor, now: datetime, details: Mapping[str, Any]) -> Team:
    """The team as it is now, after what was done to it has gone into the audit log and out to the clusters."""
    session.flush()
    note_members(session.connection(), row.id, row.slug, act, by=actor.email, details=details, now=now)
    return team_by_id(session, row.id)
