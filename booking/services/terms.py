"""Use cases of terms: stewards publish versions, people accept them."""

from datetime import datetime

from sqlalchemy import insert

from booking.changes import audit
from booking.changes.outbox import tell
from booking.db import transaction
from booking.domain.errors import Conflict, Forbidden
from booking.domain.outbox import NOTICES
from booking.domain.permissions import Actor, may_steward
from booking.domain.terms import NewTerms, TermsVersion, checked_terms, in_force
from booking.models.terms import TermsAcceptance
from booking.models.terms import TermsVersion as Row
from booking.queries import resources, terms
from booking.queries.listings import find_listing


def publish_terms(slug: str, new: NewTerms, *, actor: Actor, now: datetime) -> TermsVersion:
    """Add a version of a dataset's terms; those before it stay as they were.

    The dataset is locked, so that no booking is decided on half of it.
    """
    with transaction() as session:
        dataset = find_listing(session, slug, actor=actor, kind="dataset")
        if not may_steward(actor, dataset.organisation_id):
            raise Forbidden("Only stewards of the organisation that owns a dataset set its terms.")
        connection = session.connection()
        resources.lock_resources(connection, [dataset.id])
        versions = terms.terms_of(connection, dataset.id)
        checked = checked_terms(new, versions, now)

        number = len(versions) + 1
        effective = checked.effective_at or now
        row = {
            "resource_id": dataset.id,
            "number": number,
            "text": checked.text,
            "effective_at": effective,
            "urgent": checked.urgent,
            "published_at": now,
            "published_by": actor.email,
        }
        key = connection.execute(insert(Row).values(**row).returning(Row.id)).scalar_one()
        event = "terms_urgent" if checked.urgent else "terms_published"
        tell(session, destination=NOTICES, subject=f"terms:{key}", event=event, payload={}, now=now)
        details = {"number": number, "effective_at": effective.isoformat(), "urgent": checked.urgent}
        audit.record(
            connection, by=actor.email, act="terms.publish", subject=f"dataset:{slug}", details=details, now=now
        )
        return TermsVersion(number, effective, checked.urgent, checked.text, now, actor.email)


def accept_terms(slug: str, number: int, *, actor: Actor, now: datetime) -> TermsVersion:
    """Say yes to the version in force, or to one that is announced; to have said so before is no error."""
    with transaction() as session:
        dataset = find_listing(session, slug, actor=actor, kind="dataset")
        connection = session.connection()
        resources.lock_resources(connection, [dataset.id])
        key = terms.version_id(connection, dataset.id, number)
        versions = terms.terms_of(connection, dataset.id)
        present = in_force(versions, now)
        if present is not None and number < present.number:
            raise Conflict("Version %(number)s is in force by now. Read that one.", {"number": present.number})

        if not terms.has_accepted(connection, actor.user_id, key):
            row = {"user_id": actor.user_id, "terms_version_id": key, "at": now}
            connection.execute(insert(TermsAcceptance).inline(), row)
        return versions[number - 1]
