"""Use cases of scenarios: their owners write and hand in entries, reviewers read them, and changes make versions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from booking.changes import audit
from booking.changes.scenarios import tell_of_entry
from booking.db import transaction
from booking.domain.entries import (
    NEEDS_REASON,
    PUBLIC,
    Content,
    EntryState,
    after_move,
    changed_fields,
    check_changeable,
)
from booking.domain.errors import Forbidden, Invalid, NotFound
from booking.domain.permissions import (
    Actor,
    may_publish_scenario,
    may_review_entries,
    may_see_scenario,
)
from booking.domain.scenarios import NewEntry, NewScenario, Scenario
from booking.domain.texts import clean_text
from booking.models.editions import ScenarioVersion
from booking.models.scenarios import Scenario as ScenarioRow
from booking.queries.editions import find_edition
from booking.queries.organisations import find_organisation
from booking.queries.scenarios import content_of, find_scenario, lock_scenario, published_entries, scenario_by_id
from booking.services.slugged import add_unless_taken


def publish_scenario(new: NewScenario, *, actor: Actor, now: datetime) -> Scenario:
    """Publish a scenario at once and in no list, so that teams can apply for it; Conflict where its slug is taken."""
    entry = new.checked()
    with transaction() as session:
        row = _new_row(session, entry, actor)
        row.state, row.published_at = EntryState.PUBLISHED.value, now
        return _added(session, row, entry, "publish", actor, now)


def draft_entry(number: int, new: NewEntry, *, actor: Actor, now: datetime) -> Scenario:
    """Begin an entry of the edition of this number, which only its owner and reviewers see until it is published."""
    entry = new.checked()
    with transaction() as session:
        edition = find_edition(session, number)
        row = _new_row(session, entry, actor)
        edition.must_take_entries(now)
        row.state, row.edition_id = EntryState.DRAFT.value, edition.id
        row.continues_id = _continued(session, entry.continues, number, now)
        return _added(session, row, entry, "draft", actor, now)


def change_entry(slug: str, content: Content, *, actor: Actor, now: datetime, reason: str = "") -> Scenario:
    """Let an entry say something else, as its owner; once it is published, what it said before stays as a version."""
    content, reason = content.checked(), clean_text(reason, "reason")
    with transaction() as session:
        row = _own(session, slug, actor, now)
        check_changeable(EntryState(row.state))
        before = content_of(row)
        changed = changed_fields(before, content)
        if not changed:
            return find_scenario(session, slug, actor=actor, now=now)
        if row.state in PUBLIC:
            session.add(
                ScenarioVersion(
                    scenario_id=row.id, version=row.version, content=before.as_mapping(), replaced_at=now,
                    replaced_by=actor.email, reason=reason,
                )
            )  # fmt: skip
            row.version += 1
        _write(row, content)
        session.flush()
        _note(session, row, "change", actor, now, {"changed": list(changed), "version": row.version, "reason": reason})
        return find_scenario(session, slug, actor=actor, now=now)


def submit_entry(slug: str, *, actor: Actor, now: datetime) -> Scenario:
    """Hand a draft in to the reviewers, while its edition takes entries."""
    with transaction() as session:
        row = _own(session, slug, actor, now)
        to = after_move(EntryState(row.state), "submit")
        _must_take_entries(session, row, now)
        return _moved(session, row, to, "submit", "", actor, now)


def review_entry(slug: str, verb: str, *, actor: Actor, now: datetime, reason: str = "") -> Scenario:
    """Accept what was handed in, return it with questions, or decline it; the latter two with a reason."""
    reason = clean_text(reason, "reason")
    with transaction() as session:
        row = _visible(session, slug, actor, now)
        if not may_review_entries(actor):
            raise Forbidden("Only reviewers and administrators decide on entries.")
        to = after_move(EntryState(row.state), verb)
        if verb in NEEDS_REASON and not reason:
            raise Invalid("reason", "Say why; the owner of the entry reads it.")
        _must_take_entries(session, row, now)
        return _moved(session, row, to, verb, reason, actor, now)


def _new_row(session: Session, entry: NewEntry, actor: Actor) -> ScenarioRow:
    organisation = find_organisation(session, entry.organisation)
    if not may_publish_scenario(actor, organisation.id):
        raise Forbidden("Only scenario owners of %(organisation)s publish its scenarios.",
                        numbers={"organisation": organisation.name})  # fmt: skip
    row = ScenarioRow(slug=entry.slug, organisation_id=organisation.id)
    _write(row, entry.content)
    return row


def _write(row: ScenarioRow, content: Content) -> None:
    for name, value in content.as_mapping().items():
        setattr(row, name, value.value if name == "category" else value)


def _added(session: Session, row: ScenarioRow, entry: NewEntry, act: str, actor: Actor, now: datetime) -> Scenario:
    add_unless_taken(session, row, "scenario")
    details = {"name": row.name, "organisation": entry.organisation, "category": row.category}
    _note(session, row, act, actor, now, details)
    return find_scenario(session, entry.slug, actor=actor, now=now)


def _continued(session: Session, slug: str, number: int, now: datetime) -> int | None:
    """The entry of the edition before that a new one goes on with."""
    if not slug:
        return None
    for entry in published_entries(session, number - 1, now):
        if entry.slug == slug:
            return entry.id
    raise Invalid("continues", "There is no entry “%(slug)s” in list %(number)s.", {"slug": slug, "number": number - 1})


def _visible(session: Session, slug: str, actor: Actor, now: datetime) -> ScenarioRow:
    """The locked row of an entry; NotFound where the actor may not know of it."""
    row = lock_scenario(session, slug)
    if not scenario_by_id(session, row.id).is_public(now) and not may_see_scenario(actor, row.organisation_id):
        raise NotFound("scenario")
    return row


def _own(session: Session, slug: str, actor: Actor, now: datetime) -> ScenarioRow:
    row = _visible(session, slug, actor, now)
    if not may_publish_scenario(actor, row.organisation_id):
        raise Forbidden("Only its owner can change this entry.")
    return row


def _must_take_entries(session: Session, row: ScenarioRow, now: datetime) -> None:
    number = scenario_by_id(session, row.id).edition
    if number is not None:
        find_edition(session, number).must_take_entries(now)


def _moved(
    session: Session, row: ScenarioRow, to: EntryState, verb: str, reason: str, actor: Actor, now: datetime
) -> Scenario:
    row.state, row.reason = to.value, reason
    session.flush()
    _note(session, row, verb, actor, now, {"reason": reason} if reason else {})
    tell_of_entry(session, row.id, f"entry_{to}", now, reason)
    return find_scenario(session, row.slug, actor=actor, now=now)


def _note(
    session: Session, row: ScenarioRow, act: str, actor: Actor, now: datetime, details: Mapping[str, Any]
) -> None:
    audit.record(
        session.connection(), by=actor.email, act=f"scenario.{act}", subject=f"scenario:{row.slug}", details=details,
        now=now,
    )  # fmt: skip
