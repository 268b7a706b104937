"""Use cases of activities: organisations announce them."""

from datetime import datetime

from booking.changes import audit
from booking.db import transaction
from booking.domain.activities import Activity, NewActivity
from booking.domain.errors import Forbidden
from booking.domain.permissions import Actor, may_publish_scenario
from booking.models.activities import Activity as ActivityRow
from booking.queries.activities import find_activity
from booking.queries.organisations import find_organisation
from booking.services.slugged import add_unless_taken


def announce_activity(new: NewActivity, *, actor: Actor, now: datetime) -> Activity:
    """Announce a contest, a road show, a matchmaking day or a demonstration; Conflict where its slug is taken."""
    new = new.checked()
    with transaction() as session:
        organisation = find_organisation(session, new.organisation)
        if not may_publish_scenario(actor, organisation.id):
            raise Forbidden("Only scenario owners of %(organisation)s announce its activities.",
                            numbers={"organisation": organisation.name})  # fmt: skip
        row = ActivityRow(
            name=new.name,
            slug=new.slug,
            organisation_id=organisation.id,
            kind=new.kind.value,
            region=new.region,
            place=new.place,
            description=new.description,
            starts_at=new.window.start,
            ends_at=new.window.end,
        )
        add_unless_taken(session, row, "activity")
        audit.record(
            session.connection(), by=actor.email, act="activity.announce", subject=f"activity:{new.slug}",
            details={"name": new.name, "organisation": organisation.slug, "kind": new.kind.value}, now=now,
        )  # fmt: skip
        return find_activity(session, new.slug)
