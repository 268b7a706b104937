"""Use cases of organisations: an administrator adds one."""

from datetime import datetime

from booking.changes import audit
from booking.db import transaction
from booking.domain.errors import Forbidden
from booking.domain.organisations import NewOrganisation, Organisation
from booking.domain.permissions import Actor, may_administer
from booking.models.organisations import Organisation as OrganisationRow
from booking.queries.organisations import find_organisation
from booking.services.slugged import add_unless_taken


def create_organisation(new: NewOrganisation, *, actor: Actor, now: datetime) -> Organisation:
    """Add an organisation that the platform has verified; Conflict where its slug is taken."""
    new = new.checked()
    if not may_administer(actor):
        raise Forbidden("Only administrators add organisations.")
    with transaction() as session:
        row = OrganisationRow(name=new.name, slug=new.slug, kind=new.kind.value, region=new.region, created_at=now)
        add_unless_taken(session, row, "organisation")
        audit.record(
            session.connection(),
            by=actor.email,
            act="organisation.create",
            subject=f"organisation:{new.slug}",
            details={"name": new.name, "kind": new.kind.value, "region": new.region},
            now=now,
        )
        return find_organisation(session, new.slug)
