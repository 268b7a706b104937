"""Use cases of outcomes: teams are asked what came of their bookings, report, and see it published as a case."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update
from sqlalchemy.orm import Session

from booking.changes import audit
from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.errors import Forbidden, Stale
from booking.domain.jobs import JobResult, each
from booking.domain.outbox import NOTICES
from booking.domain.outcomes import Outcome, OutcomeState, Report, after_verb, clean_reason
from booking.domain.permissions import Actor, may_report, may_review
from booking.models.outcomes import Outcome as Row
from booking.queries import outcomes

EVENTS = {"publish": "outcome_published", "return": "outcome_returned", "decline": "outcome_declined"}


def ask_due(now: datetime) -> JobResult:
    """The team of each booking that has ended is asked, once, what came of it."""
    with db.engine.connect() as connection:
        todo = outcomes.bookings_to_ask_about(connection, now)
    return each(todo, lambda booking_id: _ask(booking_id, now))


def submit_outcome(
    outcome_id: int, report: Report, *, actor: Actor, now: datetime, version: int | None = None
) -> Outcome:
    """Report what came of a booking, as a member of its team; the reviewers are told.

    Raises Invalid for what cannot be meant, IllegalMove where it is not the team's turn, Stale where somebody else of
    the team was faster than `version`.
    """
    with transaction() as session:
        connection = session.connection()
        outcome = _locked(connection, outcome_id, actor, version)
        if not may_report(actor, outcome.team_id):
            raise Forbidden("Only members of the team report what came of its booking.")
        state, checked = after_verb(outcome.state, "submit"), report.checked(outcome.booked_unit_seconds)

        said = {
            "title": checked.title,
            "results": checked.results,
            "links": list(checked.links),
            "used_unit_seconds": checked.used_unit_seconds,
        }
        now_is = {"submitted_at": now, "decided_at": None, "decided_by": "", "reason": ""}
        _move(connection, outcome, state, **said, **now_is)
        _record(connection, outcome, "submit", {"title": checked.title}, actor, now)
        _tell(session, outcome_id, "outcome_submitted", "", now)
        return outcomes.find_outcome(connection, outcome_id, actor)


def review_outcome(
    outcome_id: int, verb: str, *, actor: Actor, now: datetime, reason: str = "", version: int | None = None
) -> Outcome:
    """Publish a report as a case, return it with a question, or decline it; its team is told.

    `verb` is one of `publish`, `return`, `decline`; the last two need a reason. With `version`, what was read is what
    is decided on: Stale where the report was written anew meanwhile.
    """
    reason = clean_reason(verb, reason)
    with transaction() as session:
        connection = session.connection()
        outcome = _locked(connection, outcome_id, actor, version)
        if not may_review(actor, outcome.team_id, outcome.organisation_id):
            raise Forbidden("Reviewers and owners of the scenario decide on reports, and nobody on one of an own team.")
        state = after_verb(outcome.state, verb)

        _move(connection, outcome, state, decided_at=now, decided_by=actor.email, reason=reason)
        _record(connection, outcome, verb, {"reason": reason}, actor, now)
        _tell(session, outcome_id, EVENTS[verb], reason, now)
        return outcomes.find_outcome(connection, outcome_id, actor)


def _ask(booking_id: int, now: datetime) -> bool:
    with transaction() as session:
        connection = session.connection()
        if outcomes.is_asked_about(connection, booking_id):
            return False
        kind, booked, used = outcomes.had(connection, booking_id)
        row = Row(
            booking_id=booking_id,
            team_id=outcomes.team_of(connection, booking_id),
            kind=kind,
            booked_unit_seconds=booked,
            used_unit_seconds=used,
            state=OutcomeState.ASKED.value,
            version=1,
            title="",
            results="",
            links=[],
            asked_at=now,
            decided_by="",
            reason="",
        )
        session.add(row)
        session.flush()
        _tell(session, row.id, "outcome_asked", "", now)
        return True


def _locked(connection: Connection, outcome_id: int, actor: Actor, version: int | None) -> Outcome:
    outcome = outcomes.lock_outcome(connection, outcome_id, actor)
    if version is not None and version != outcome.version:
        raise Stale(outcome.version)
    return outcome


def _move(connection: Connection, outcome: Outcome, state: OutcomeState, **values: Any) -> None:
    written = {"state": state.value, "version": outcome.version + 1, **values}
    connection.execute(update(Row).where(Row.id == outcome.id).values(**written))


def _record(
    connection: Connection, outcome: Outcome, verb: str, details: dict[str, Any], actor: Actor, now: datetime
) -> None:
    about = {"booking": outcome.booking_id, **details}
    subject = f"outcome:{outcome.id}"
    audit.record(connection, by=actor.email, act=f"outcome.{verb}", subject=subject, details=about, now=now)


def _tell(session: Session, outcome_id: int, event: str, reason: str, now: datetime) -> None:
    said = {"reason": reason} if reason else {}
    tell(session, destination=NOTICES, subject=f"outcome:{outcome_id}", event=event, payload=said, now=now)
