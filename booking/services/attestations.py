"""Use cases of attestations: after a window its team is asked, reminded, and says that the data is deleted."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.changes import audit
from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.attestations import Attestation, clean_statement, due_after, next_word
from booking.domain.errors import Forbidden
from booking.domain.jobs import JobResult, each
from booking.domain.outbox import NOTICES
from booking.domain.permissions import Actor, may_attest
from booking.models.attestations import Attestation as Row
from booking.queries import attestations
from booking.queries.attestations import Ended


def ask_due(now: datetime) -> JobResult:
    """The team of each window that is over is asked, once, where the dataset wants its deletion attested."""
    with db.engine.connect() as connection:
        todo = attestations.windows_to_ask_about(connection, now)
    return each(todo, lambda ended: _ask(ended, now))


def remind_due(now: datetime) -> JobResult:
    """Teams hear two days before what they owe is due, and with the stewards once it is late."""
    with db.engine.connect() as connection:
        todo = attestations.owed_soon(connection, now)
    return each(todo, lambda attestation_id: _remind(attestation_id, now))


def attest(attestation_id: int, statement: str, *, actor: Actor, now: datetime) -> Attestation:
    """Say what was deleted where, as a member of the team; once said, it stands. The stewards are told."""
    statement = clean_statement(statement)
    with transaction() as session:
        connection = session.connection()
        owed = attestations.lock_attestation(connection, attestation_id, actor)
        if not may_attest(actor, owed.team_id):
            raise Forbidden("Only members of the team attest that its data is deleted.")
        owed.must_be_owed()

        given = {"attested_at": now, "attested_by": actor.email, "statement": statement}
        connection.execute(update(Row).where(Row.id == attestation_id).values(**given))
        details = {"attestation": attestation_id, "team": owed.team_id, "booking": owed.booking_id}
        subject = f"dataset:{owed.dataset}"
        audit.record(connection, by=actor.email, act="attestation.give", subject=subject, details=details, now=now)
        _tell(session, attestation_id, "attestation_given", now)
        return attestations.find_attestation(connection, attestation_id, actor)


def _ask(ended: Ended, now: datetime) -> bool:
    with transaction() as session:
        if attestations.is_asked_about(session.connection(), ended.booking_id, ended.resource_id):
            return False
        row = Row(
            booking_id=ended.booking_id,
            resource_id=ended.resource_id,
            team_id=ended.team_id,
            asked_at=now,
            due_at=due_after(ended.ended_at, now, ended.days),
            attested_by="",
            statement="",
        )
        session.add(row)
        session.flush()
        _tell(session, row.id, "attestation_asked", now)
        return True


def _remind(attestation_id: int, now: datetime) -> bool:
    with transaction() as session:
        connection = session.connection()
        standing = select(Row.asked_at, Row.due_at, Row.reminded_at, Row.attested_at).where(Row.id == attestation_id)
        row = connection.execute(standing.with_for_update()).one()
        event = next_word(row.asked_at, row.due_at, row.reminded_at, now) if row.attested_at is None else ""
        if not event:
            return False
        connection.execute(update(Row).where(Row.id == attestation_id).values(reminded_at=now))
        _tell(session, attestation_id, event, now)
        return True


def _tell(session: Session, attestation_id: int, event: str, now: datetime) -> None:
    tell(session, destination=NOTICES, subject=f"attestation:{attestation_id}", event=event, payload={}, now=now)
