"""What administrators do with accounts: give and take roles, close and reopen. There is always an administrator."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.changes import audit, clusters
from booking.db import transaction
from booking.domain.accounts import LONGEST_NAME
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.lines import clean_line
from booking.domain.permissions import OF_THE_PLATFORM, Actor, Role, may_administer
from booking.models.users import Role as RoleRow
from booking.models.users import User
from booking.queries.applications import teams_of
from booking.queries.organisations import find_organisation
from booking.queries.people import other_administrators


def give_role(
    user_id: int,
    role: str,
    *,
    organisation: str = "",
    department: str = "",
    deputy: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a person be something for an organisation (its slug), or for the platform.

    `department` and `deputy` are a reviewer's: a deputy votes only once the other reviewers of the department have let
    a stated time pass.
    """
    _must_administer(actor)
    given = _role(role, organisation)
    if deputy and (given is not Role.REVIEWER or not department.strip()):
        raise Invalid("deputy", "A deputy is a reviewer of a department; name it.")
    department = clean_line(department, "department", most=LONGEST_NAME, least=0)
    with transaction() as session:
        user = _locked(session, user_id)
        organisation_id = _organisation_id(session, organisation)
        if _holds(session, user_id, given, organisation_id):
            raise Conflict("%(name)s has this role already.", {"name": user.name}, field="role")
        session.add(
            RoleRow(
                user_id=user_id, role=given, organisation_id=organisation_id, department=department or None,
                deputy=deputy,
            )
        )  # fmt: skip
        said = {"role": given, "organisation": organisation, "department": department, "deputy": deputy}
        _note(session, "give_role", user, actor, now, **said)


def take_role(user_id: int, role_id: int, *, actor: Actor, now: datetime) -> None:
    """End a role at once."""
    _must_administer(actor)
    with transaction() as session:
        _lock_administrators(session)
        user = _locked(session, user_id)
        held = session.get(RoleRow, role_id)
        if held is None or held.user_id != user_id:
            raise NotFound("role")
        if held.role == Role.ADMINISTRATOR:
            _must_leave_an_administrator(session, user)
        session.delete(held)
        _note(session, "take_role", user, actor, now, role=held.role, organisation=held.organisation_id)


def close_account(user_id: int, *, actor: Actor, now: datetime) -> None:
    """Keep a person out, sessions and tokens included; what they did stays."""
    _must_administer(actor)
    with transaction() as session:
        _lock_administrators(session)
        user = _locked(session, user_id)
        _must_leave_an_administrator(session, user)
        user.active = False
        user.session_key = secrets.token_hex(16)
        clusters.tell_of_teams(session.connection(), teams_of(session, user_id), "account_closed", now)
        _note(session, "close_account", user, actor, now)


def reopen_account(user_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a person in again, with the password, tokens and roles they had."""
    _must_administer(actor)
    with transaction() as session:
        user = _locked(session, user_id)
        user.active = True
        clusters.tell_of_teams(session.connection(), teams_of(session, user_id), "account_reopened", now)
        _note(session, "reopen_account", user, actor, now)


def _must_administer(actor: Actor) -> None:
    if not may_administer(actor):
        raise Forbidden("Only administrators look after accounts.")


def _role(role: str, organisation: str) -> Role:
    if role not in tuple(Role):
        raise Invalid("role", "There is no such role.")
    given = Role(role)
    if given in OF_THE_PLATFORM and organisation:
        raise Invalid("organisation", "This role is for the whole platform, not for one organisation.")
    if given not in OF_THE_PLATFORM and not organisation:
        raise Invalid("organisation", "Say for which organisation.")
    return given


def _organisation_id(session: Session, slug: str) -> int | None:
    if not slug:
        return None
    try:
        return find_organisation(session, slug).id
    except NotFound:
        raise Invalid("organisation", "There is no such organisation.") from None


def _holds(session: Session, user_id: int, role: Role, organisation_id: int | None) -> bool:
    same = RoleRow.organisation_id.is_not_distinct_from(organisation_id)
    return (
        session.scalars(select(RoleRow.id).where(RoleRow.user_id == user_id, RoleRow.role == role, same)).first()
        is not None
    )


def _locked(session: Session, user_id: int) -> User:
    user = session.scalars(select(User).where(User.id == user_id).with_for_update()).one_or_none()
    if user is None:
        raise NotFound("account")
    return user


def _lock_administrators(session: Session) -> None:
    """Of two administrators who end each other's role at once, the second finds out."""
    session.scalars(
        select(RoleRow.id).where(RoleRow.role == Role.ADMINISTRATOR).order_by(RoleRow.id).with_for_update()
    ).all()


def _must_leave_an_administrator(session: Session, user: User) -> None:
    if not other_administrators(session, user.id):
        raise Conflict("Nobody else could administer. Make somebody else an administrator first.")


def _note(session: Session, act: str, user: User, actor: Actor, now: datetime, **details: object) -> None:
    audit.record(
        session.connection(), by=actor.email, act=f"user.{act}", subject=f"user:{user.id}", details=details, now=now
    )
