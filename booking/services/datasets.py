"""Use cases of datasets: stewards publish them."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.changes import audit
from booking.db import transaction
from booking.domain.errors import Forbidden, Invalid
from booking.domain.files import check_root_of
from booking.domain.listings import Listing, NewDataset, checked_new
from booking.domain.permissions import Actor, Role, may_own
from booking.domain.policies import Policy
from booking.domain.policy_changes import changed_policy
from booking.models.resources import Resource
from booking.queries.facilities import find_facility
from booking.queries.listings import listing_by_id
from booking.queries.organisations import find_organisation, operated
from booking.services.slugged import add_unless_taken


def create_dataset(new: NewDataset, *, actor: Actor, now: datetime) -> Listing:
    """Add a dataset of an organisation whose steward the actor is; its seats are offered from the start.

    Its owner is the facility's, or the one that is said, or the only organisation that the actor is a steward of.
    """
    new = checked_new(new)
    with transaction() as session:
        facility_id, organisation_id = _owner(session, new, actor)
        if not may_own(actor, organisation_id, "dataset"):
            raise Forbidden("Only stewards of the organisation that owns it add a dataset.")
        check_root_of(new.files_root, operated(session, frozenset({organisation_id}))[0].slug)
        row = Resource(
            kind="dataset",
            name=new.name,
            slug=new.slug,
            organisation_id=organisation_id,
            facility_id=facility_id,
            state=new.state.value,
            description=new.description,
            how_to_use=new.how_to_use,
            grid_minutes=new.grid_minutes,
            policy=changed_policy(Policy(), new.policy, new.grid_minutes).as_mapping(),
            created_at=now,
            seats=new.seats,
            licence=new.licence,
            access=new.access.value,
            source_url=new.url,
            sensitivity=new.sensitivity.value,
            files_root=new.files_root,
            files_folder=new.files_folder or None,
            deletion_days=new.deletion_days,
        )
        add_unless_taken(session, row, "resource")
        details = {
            "facility": new.facility,
            "seats": new.seats,
            "access": row.access,
            "sensitivity": row.sensitivity,
            "policy": row.policy,
        }
        audit.record(
            session.connection(),
            by=actor.email,
            act="dataset.create",
            subject=f"dataset:{new.slug}",
            details=details,
            now=now,
        )
        return listing_by_id(session, row.id)


def _owner(session: Session, new: NewDataset, actor: Actor) -> tuple[int | None, int]:
    """The facility, where there is one, and the organisation that owns the dataset."""
    said = find_organisation(session, new.organisation).id if new.organisation else None
    if new.facility:
        facility = find_facility(session, new.facility)
        if said not in (None, facility.organisation_id):
            raise Invalid("organisation", "The facility belongs to another organisation.")
        return facility.id, facility.organisation_id
    own = actor.organisations(Role.STEWARD)
    if said is None and len(own) != 1:
        raise Invalid("organisation", "Say which organisation owns the dataset, or the facility where it is.")
    return None, said if said is not None else next(iter(own))
