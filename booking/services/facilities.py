"""Use cases of facilities: operators open them and keep their words up to date."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import update

from booking.changes import audit
from booking.db import transaction
from booking.domain.errors import Forbidden
from booking.domain.facilities import Facility, FacilityWords, NewFacility
from booking.domain.permissions import Actor, may_operate
from booking.models.facilities import Facility as FacilityRow
from booking.queries.facilities import find_facility
from booking.queries.organisations import find_organisation
from booking.services.slugged import add_unless_taken


def create_facility(new: NewFacility, *, actor: Actor, now: datetime) -> Facility:
    """Open a facility of an organisation that the actor operates; Conflict where its slug is taken."""
    new = new.checked()
    with transaction() as session:
        organisation = find_organisation(session, new.organisation)
        if not may_operate(actor, organisation.id):
            raise Forbidden("Only operators of %(organisation)s open its facilities.",
                            numbers={"organisation": organisation.name})  # fmt: skip
        words = asdict(new.words)
        row = FacilityRow(slug=new.slug, organisation_id=organisation.id, created_at=now, **words)
        add_unless_taken(session, row, "facility")
        audit.record(
            session.connection(), by=actor.email, act="facility.create", subject=f"facility:{new.slug}",
            details=words | {"organisation": organisation.slug}, now=now,
        )  # fmt: skip
        return find_facility(session, new.slug)


def change_facility(slug: str, words: FacilityWords, *, actor: Actor, now: datetime) -> Facility:
    """Say other words of a facility: name, region, place, time zone, description."""
    words = words.checked()
    with transaction() as session:
        facility = find_facility(session, slug)
        if not may_operate(actor, facility.organisation_id):
            raise Forbidden("Only operators of %(organisation)s change its facilities.",
                            numbers={"organisation": facility.organisation_name})  # fmt: skip
        session.execute(update(FacilityRow).where(FacilityRow.id == facility.id).values(**asdict(words)))
        before, after = asdict(facility.words), asdict(words)
        audit.record(
            session.connection(), by=actor.email, act="facility.change", subject=f"facility:{slug}",
            details={name: value for name, value in after.items() if value != before[name]}, now=now,
        )  # fmt: skip
        return find_facility(session, slug)
