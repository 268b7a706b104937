"""Use cases of pools: operators add them to their facilities."""

from datetime import datetime

from booking.changes import audit
from booking.db import transaction
from booking.domain.errors import Forbidden
from booking.domain.listings import Listing, NewPool, checked_new
from booking.domain.permissions import Actor, may_own
from booking.domain.policies import Policy
from booking.domain.policy_changes import changed_policy
from booking.models.resources import Resource
from booking.queries.facilities import find_facility
from booking.queries.listings import listing_by_id
from booking.services.slugged import add_unless_taken


def create_pool(new: NewPool, *, actor: Actor, now: datetime) -> Listing:
    """Add a pool to a facility that the actor operates; it offers nothing until capacity is published for it."""
    new = checked_new(new)
    with transaction() as session:
        facility = find_facility(session, new.facility)
        if not may_own(actor, facility.organisation_id, "pool"):
            raise Forbidden(
                "Only operators of %(organisation)s add pools here.",
                numbers={"organisation": facility.organisation_name},
            )
        row = Resource(
            kind="pool",
            name=new.name,
            slug=new.slug,
            organisation_id=facility.organisation_id,
            facility_id=facility.id,
            state=new.state.value,
            description=new.description,
            how_to_use=new.how_to_use,
            grid_minutes=new.grid_minutes,
            policy=changed_policy(Policy(), new.policy, new.grid_minutes).as_mapping(),
            created_at=now,
            gpu_model=new.gpu_model,
            gpu_memory_gib=new.gpu_memory_gib,
        )
        add_unless_taken(session, row, "resource")
        details = {
            "facility": facility.slug,
            "gpu_model": new.gpu_model,
            "state": new.state.value,
            "policy": row.policy,
        }
        audit.record(
            session.connection(),
            by=actor.email,
            act="pool.create",
            subject=f"pool:{new.slug}",
            details=details,
            now=now,
        )
        return listing_by_id(session, row.id)
