"""Use cases of permits: a team asks for one, a steward decides once for all its windows, or takes it back; they end."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from booking.changes import audit
from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.errors import Conflict, Forbidden, NotFound
from booking.domain.jobs import JobResult, each
from booking.domain.listings import Listing
from booking.domain.outbox import NOTICES
from booking.domain.permissions import Actor, may_book_for, may_steward
from booking.domain.permits import NEWS, Permit, PermitState, after_verb, clean_purpose, clean_reason, clean_until
from booking.models.permits import Permit as Row
from booking.queries import permits, resources
from booking.queries.bases import permitted_until
from booking.queries.listings import find_listing

TOLD_AS = {
    PermitState.ASKED: "permit_asked",
    PermitState.GRANTED: "permit_granted",
    PermitState.DECLINED: "permit_declined",
    PermitState.WITHDRAWN: "permit_withdrawn",
}


def ask_for_permit(slug: str, team_id: int, purpose: str, *, actor: Actor, now: datetime) -> Permit:
    """Ask, in a team's name, to use a dataset for a purpose; its stewards decide."""
    with transaction() as session:
        dataset = find_listing(session, slug, actor=actor, kind="dataset")
        if not may_book_for(actor, team_id):
            raise Forbidden("You are not a member of this team and cannot ask for it.", code="not_a_member")
        return _added(session, dataset, team_id, purpose, None, actor, now)


def give_permit(slug: str, team_id: int, purpose: str, until: datetime, *, actor: Actor, now: datetime) -> Permit:
    """Give a team a permit that it has not asked for, as a steward of the dataset."""
    with transaction() as session:
        dataset = find_listing(session, slug, actor=actor, kind="dataset")
        if not may_steward(actor, dataset.organisation_id):
            raise _only_stewards()
        return _added(session, dataset, team_id, purpose, clean_until(until, now), actor, now)


def grant_permit(permit_id: int, until: datetime, *, actor: Actor, now: datetime, reason: str = "") -> Permit:
    """Say yes until a date; every window of the team until then is covered."""
    return _decide(permit_id, "grant", actor=actor, now=now, reason=reason, until=clean_until(until, now))


def decline_permit(permit_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Permit:
    """Say no."""
    return _decide(permit_id, "decline", actor=actor, now=now, reason=reason)


def withdraw_permit(permit_id: int, *, actor: Actor, now: datetime, reason: str = "") -> Permit:
    """Take a permit back: access under it ends at once, and bookings that rest on it end with it."""
    return _decide(permit_id, "withdraw", actor=actor, now=now, reason=reason, withdrawn_at=now)


def note_ends(now: datetime) -> JobResult:
    """Teams hear of the end of a permit, once, while that is news and unless another one of theirs goes on."""
    with db.engine.connect() as connection:
        todo = permits.ended(connection, now)
    return each(todo, lambda permit_id: _note_end(permit_id, now))


def _note_end(permit_id: int, now: datetime) -> bool:
    with transaction() as session:
        connection = session.connection()
        known = permits.find_permit(connection, permit_id)
        resources.lock_resources(connection, [known.dataset_id])
        row = permits.lock_permit(session, permit_id)
        if row.state != PermitState.GRANTED or row.expired_at is not None or row.until is None or row.until > now:
            return False
        row.expired_at = now
        last = permitted_until(connection, [row.resource_id], [row.team_id])[row.team_id, row.resource_id]
        if last <= now < row.until + NEWS:
            _tell(session, permit_id, "permit_expired", now)
        return True


def _added(
    session: Session, dataset: Listing, team_id: int, purpose: str, until: datetime | None, actor: Actor, now: datetime
) -> Permit:
    connection = session.connection()
    resources.lock_resources(connection, [dataset.id])
    if until is None and permits.is_asked_for(connection, team_id, dataset.id):
        raise Conflict("Your team waits for an answer about this dataset already.")
    decided: dict[str, Any] = {}
    if until is not None:
        decided = {"until": until, "decided_at": now, "decided_by": actor.email}
    row = Row(
        team_id=team_id,
        resource_id=dataset.id,
        purpose=clean_purpose(purpose),
        state=(PermitState.GRANTED if until else PermitState.ASKED).value,
        asked_at=now,
        asked_by=actor.email,
        **decided,
    )
    session.add(row)
    session.flush()
    _note(session, row, dataset.slug, "give" if until else "ask", actor, now)
    _tell(session, row.id, TOLD_AS[PermitState(row.state)], now)
    return permits.find_permit(connection, row.id)


def _decide(permit_id: int, verb: str, *, actor: Actor, now: datetime, reason: str, **columns: Any) -> Permit:
    with transaction() as session:
        connection = session.connection()
        known = permits.find_permit(connection, permit_id)
        if not may_steward(actor, known.organisation_id):
            raise _only_stewards() if known.team_id in actor.teams else NotFound("permit")
        resources.lock_resources(connection, [known.dataset_id])
        row = permits.lock_permit(session, permit_id)
        row.state = after_verb(PermitState(row.state), verb).value
        row.decided_at, row.decided_by, row.reason = now, actor.email, clean_reason(reason)
        for name, value in columns.items():
            setattr(row, name, value)
        session.flush()
        _note(session, row, known.dataset, verb, actor, now)
        _tell(session, row.id, TOLD_AS[PermitState(row.state)], now, row.reason)
        return permits.find_permit(connection, permit_id)


def _tell(session: Session, permit_id: int, event: str, now: datetime, reason: str = "") -> None:
    tell(
        session,
        destination=NOTICES,
        subject=f"permit:{permit_id}",
        event=event,
        payload={"reason": reason},
        now=now,
    )


def _only_stewards() -> Forbidden:
    return Forbidden("Only stewards of the organisation that owns a dataset decide on its permits.")


def _note(session: Session, row: Row, dataset: str, verb: str, actor: Actor, now: datetime) -> None:
    details = {"permit": row.id, "team": row.team_id, "until": row.until.isoformat() if row.until else None}
    audit.record(
        session.connection(),
        by=actor.email,
        act=f"permit.{verb}",
        subject=f"dataset:{dataset}",
        details=details,
        now=now,
    )
