"""Use case of importing a description of a dataset: it becomes one, or brings the one that it became up to date."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.changes import audit
from booking.changes.capacity import offer_changed
from booking.db import transaction
from booking.domain.croissant import Described
from booking.domain.errors import Forbidden, NotFound
from booking.domain.listings import Access, ResourceState
from booking.domain.nodes import IMPORTED
from booking.domain.permissions import Actor, may_own
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.queries.imports import dataset_described, free_slug


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a description."""

    slug: str
    is_new: bool


def import_dataset(described: Described, *, actor: Actor, now: datetime, organisation: str = "") -> Imported:
    """Publish a described dataset, open to all without booking; one of the same source gets the new words.

    Its slug stays whatever its name becomes; what its stewards set (seats, access, policy) is left alone. It becomes
    one of the organisation whose steward the actor is; what the server imports for nobody in particular has an owner
    of its own, and brings anybody's up to date.
    """
    with transaction() as session:
        owner = _owner(session, organisation) if organisation else _of_imports(session, now)
        if not may_own(actor, owner.id, "dataset"):
            raise Forbidden("Only stewards of the organisation that imports datasets can do this.")
        row = dataset_described(session, described, owner.id if organisation else None, lock=True)
        is_new = row is None
        if row is None:
            row = _dataset(session, described, owner.id, now)
        else:
            offer_changed(session.connection(), row.id, **_words(described))
        details = {"name": described.name, "url": described.url, "version": described.version}
        audit.record(
            session.connection(),
            by=actor.email,
            act="dataset.create" if is_new else "dataset.change",
            subject=f"dataset:{row.slug}",
            details=details,
            now=now,
        )
        return Imported(row.slug, is_new)


def _owner(session: Session, slug: str) -> Organisation:
    """The organisation of a slug; locked, so that of two imports one comes after the other."""
    chosen = select(Organisation).where(Organisation.slug == slug).with_for_update()
    found = session.scalars(chosen).one_or_none()
    if found is None:
        raise NotFound("organisation")
    return found


def _of_imports(session: Session, now: datetime) -> Organisation:
    """Who owns what is imported for nobody in particular, locked alike."""
    chosen = select(Organisation).where(Organisation.slug == IMPORTED).with_for_update()
    found = session.scalars(chosen).one_or_none()
    if found is None:
        found = Organisation(name="Imported", slug=IMPORTED, kind="intermediary", region="–", created_at=now)
        session.add(found)
        session.flush()
    return found


def _dataset(session: Session, described: Described, organisation_id: int, now: datetime) -> Resource:
    row = Resource(
        kind="dataset",
        slug=free_slug(session, described),
        organisation_id=organisation_id,
        state=ResourceState.PUBLISHED.value,
        access=Access.OPEN.value,
        created_at=now,
        **_words(described),
    )
    session.add(row)
    session.flush()
    return row


def _words(described: Described) -> dict[str, object]:
    return {
        "name": described.name,
        "description": described.description,
        "licence": described.licence or None,
        "source_url": described.url or None,
        "source_version": described.version or None,
        "croissant": dict(described.whole),
    }
