"""Use cases of scenario lists: announce an edition, and let it go on at its times."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.changes import audit
from booking.changes.scenarios import tell_of_entry
from booking.db import db, transaction
from booking.domain.editions import Edition, EditionState, NewEdition, steps
from booking.domain.entries import EntryState
from booking.domain.errors import Conflict, Forbidden
from booking.domain.jobs import JobResult, each
from booking.domain.permissions import Actor, may_edit_lists
from booking.models.editions import Edition as Row
from booking.queries.editions import due_editions, edition_of, last_number, lock_edition
from booking.queries.scenarios import entry_rows

CLOCK = "scheduler"


def announce_edition(new: NewEdition, *, actor: Actor, now: datetime) -> Edition:
    """Say when the next scenario list takes entries, is published and closes, and how its applications are decided."""
    if not may_edit_lists(actor):
        raise Forbidden("Only administrators announce scenario lists.")
    new = new.checked()
    with transaction() as session:
        row = Row(
            number=last_number(session) + 1,
            title=new.title,
            state=EditionState.PLANNED.value,
            opens_at=new.times.opens_at,
            publishes_at=new.times.publishes_at,
            closes_at=new.times.closes_at,
            quorum=new.rule.quorum,
            vote_days=new.rule.vote_days,
            deputy_days=new.rule.deputy_days,
        )
        session.add(row)
        try:
            session.flush()
        except IntegrityError:
            raise Conflict("Somebody announced a list at the same moment. Look at it, and try again.") from None
        _note(session, row.number, "announce", actor.email, now)
        _go_on(session, row, now)
        return edition_of(row)


def keep_times(now: datetime) -> JobResult:
    """Editions open, are published with what was accepted, and close, each at its time or as soon as somebody looks."""
    with db.session() as session:
        todo = due_editions(session, now)
    return each(todo, lambda edition_id: _keep(edition_id, now))


def _keep(edition_id: int, now: datetime) -> bool:
    with transaction() as session:
        return _go_on(session, lock_edition(session, edition_id), now)


def _go_on(session: Session, row: Row, now: datetime) -> bool:
    """Take a locked edition through every state that is due; whether anything was done."""
    edition = edition_of(row)
    done = False
    if edition.state is EditionState.PUBLISHED:  # what was accepted since it was published
        done = _move_entries(session, row, EntryState.ACCEPTED, now)
    for state in steps(edition.state, edition.times, now):
        row.state, done = state.value, True
        session.flush()
        _note(session, row.number, state.value, CLOCK, now)
        if state is EditionState.PUBLISHED:
            _move_entries(session, row, EntryState.ACCEPTED, now)
        if state is EditionState.CLOSED:
            _move_entries(session, row, EntryState.PUBLISHED, now)
    return done


def _move_entries(session: Session, row: Row, state: EntryState, now: datetime) -> bool:
    """Publish the accepted entries of an edition, or close the published ones."""
    verb, to = ("publish", EntryState.PUBLISHED) if state is EntryState.ACCEPTED else ("close", EntryState.CLOSED)
    entries = entry_rows(session, row.id, state)
    for entry in entries:
        entry.state = to.value
        if to is EntryState.PUBLISHED:
            entry.published_at = now
        session.flush()
        audit.record(
            session.connection(), by=CLOCK, act=f"scenario.{verb}", subject=f"scenario:{entry.slug}",
            details={"edition": row.number}, now=now,
        )  # fmt: skip
        tell_of_entry(session, entry.id, f"entry_{to}", now)
    return bool(entries)


def _note(session: Session, number: int, act: str, by: str, now: datetime) -> None:
    audit.record(session.connection(), by=by, act=f"edition.{act}", subject=f"edition:{number}", details={}, now=now)
