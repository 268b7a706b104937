"""Use cases on grants: give, top up, cut back, and what the clock takes at their end."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.changes.grants import Posting, post
from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.errors import Conflict, Forbidden, NotFound
from booking.domain.grants import (
    Balance,
    Cut,
    NewGrant,
    check_amount,
    check_subsidy,
    check_window,
    cut_of,
    eligible_for,
)
from booking.domain.jobs import JobResult, each
from booking.domain.ledger import Entry, Grant, Line
from booking.domain.outbox import NOTICES
from booking.domain.permissions import (
    Actor,
    Role,
    may_administer,
    may_change_grant,
    may_grant,
)
from booking.domain.texts import clean_text
from booking.domain.timezones import clean_timezone
from booking.models.grants import Grant as GrantRow
from booking.queries.balances import balance_of, organisation_of, owner_of, visible_balance
from booking.queries.grants import lock_grants
from booking.services.holdings import SYSTEM


def create_grant(new: NewGrant, *, actor: Actor, now: datetime) -> Balance:
    """Give a team an amount for one kind, resource or facility, over a window.

    Funders and administrators give for anything, owners for what is theirs. The amount stands in the ledger from the
    same moment.
    """
    check_window(new.window)
    check_amount(new.unit_seconds)
    timezone, reason = clean_timezone(new.timezone), clean_text(new.reason, "reason")
    with transaction() as session:
        kind_and_region = organisation_of(session, new.team_id)
        owner_id, kind = owner_of(session, new.scope)
        if not may_grant(actor, owner_id, kind):
            raise Forbidden("You can grant on what your organisation owns only; funders grant on everything.")

        issuer_id = _issuer(actor, owner_id)
        check_subsidy(new.subsidy_percent, issuer_id)
        eligible = eligible_for(new, *kind_and_region)
        lock_grants(session.connection(), [new.team_id])
        cap_unit_seconds, cap_per = new.cap or (None, None)
        row = GrantRow(
            team_id=new.team_id,
            organisation_id=issuer_id,
            kind=new.scope.kind,
            resource_id=new.scope.resource_id,
            facility_id=new.scope.facility_id,
            starts_at=new.window.start,
            ends_at=new.window.end,
            amount=0,
            cap_unit_seconds=cap_unit_seconds,
            cap_per=cap_per,
            subsidy_percent=new.subsidy_percent,
            **eligible,
            timezone=timezone,
            reason=reason,
            created_at=now,
        )
        session.add(row)
        session.flush()
        _post(session, Entry.GRANT, row.id, new.unit_seconds, actor=actor, now=now, reason=reason)
        return balance_of(session, row.id)


def top_up(grant_id: int, unit_seconds: int, *, actor: Actor, now: datetime, reason: str = "") -> Balance:
    """Add to a grant that has not ended."""
    reason = clean_text(reason, "reason")
    with transaction() as session:
        balance, grant = _to_change(session, grant_id, actor)
        if balance.has_ended(now):
            raise Conflict("This grant ended at %(ends_at)s. Give a new one.", {"ends_at": grant.window.end})
        check_amount(unit_seconds, standing=grant.amount)

        _post(session, Entry.GRANT, grant_id, unit_seconds, actor=actor, now=now, reason=reason)
        return balance_of(session, grant_id)


def cut_grant(
    grant_id: int, unit_seconds: int, *, actor: Actor, now: datetime, reason: str = ""
) -> tuple[Balance, Cut]:
    """Take back so much of a grant, or what bookings leave of it: never what is held or charged.

    The cut says what was taken and what stays. Conflict, with the numbers, where nothing can be taken.
    """
    reason = clean_text(reason, "reason")
    check_amount(unit_seconds)
    with transaction() as session:
        _, grant = _to_change(session, grant_id, actor)
        cut = cut_of(grant, unit_seconds)

        _post(session, Entry.CUT, grant_id, cut.taken_unit_seconds, actor=actor, now=now, reason=reason)
        return balance_of(session, grant_id), cut


def expire_grants(now: datetime) -> JobResult:
    """What is left of a grant after its end is taken back, at once; what bookings still hold, when they let it go.

    The team hears of the end once.
    """
    chosen = (
        select(GrantRow.id)
        .where(GrantRow.ends_at <= now)
        .where(GrantRow.expired_at.is_(None) | (GrantRow.amount > GrantRow.held + GrantRow.charged))
        .order_by(GrantRow.ends_at, GrantRow.id)
    )
    with db.engine.connect() as connection:
        todo = connection.scalars(chosen).all()
    return each(todo, lambda grant_id: _expire(grant_id, now))


def _expire(grant_id: int, now: datetime) -> bool:
    with transaction() as session:
        row, grant = _locked(session, grant_id)
        if row.ends_at > now or (row.expired_at and not grant.left):
            return False
        if grant.left:
            line = Line(grant_id, None, grant.left)
            post(session.connection(), [Posting(Entry.EXPIRE, line, now, SYSTEM, "the grant has ended")])
        if row.expired_at is None:
            row.expired_at = now
            tell(session, destination=NOTICES, subject=f"grant:{grant_id}", event="grant_expired", payload={}, now=now)
        return True


def _issuer(actor: Actor, owner_id: int | None) -> int | None:
    """In whose name a grant is given: a funder's organisation, or the owner; nobody's where an administrator gives."""
    funders = actor.organisations(Role.FUNDER)
    if funders:
        return min(funders)
    return None if may_administer(actor) else owner_id


def _to_change(session: Session, grant_id: int, actor: Actor) -> tuple[Balance, Grant]:
    """A grant that the actor may change, with all of its team's locked."""
    _, grant = _locked(session, grant_id)
    balance = visible_balance(session, grant_id, actor)
    if not may_change_grant(actor, balance.issuer_id, balance.owner_id, balance.owner_kind):
        raise Forbidden("Only who gave a grant can change it.")
    return balance, grant


def _locked(session: Session, grant_id: int) -> tuple[GrantRow, Grant]:
    """A grant's row and the grant, once all grants of its team are locked; NotFound where there is none."""
    team_id = session.scalar(select(GrantRow.team_id).where(GrantRow.id == grant_id))
    if team_id is None:
        raise NotFound("grant")
    grants = {grant.id: grant for grant in lock_grants(session.connection(), [team_id])[team_id]}
    return session.get_one(GrantRow, grant_id, populate_existing=True), grants[grant_id]


def _post(
    session: Session, kind: Entry, grant_id: int, unit_seconds: int, *, actor: Actor, now: datetime, reason: str
) -> None:
    posting = Posting(kind, Line(grant_id, None, unit_seconds), now, actor.email, reason)
    post(session.connection(), [posting])
