"""Use cases of capacity: publish more, take some out of service, close, and end any of these early."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.changes import audit
from booking.changes import capacity as changes
from booking.db import transaction
from booking.domain.capacity import NOTHING, CapacityChange, Steps
from booking.domain.capacity_changes import NewChange, Offering, PublishedChange, with_change, with_end
from booking.domain.clusters import check_whole_nodes
from booking.domain.displacements import UNDECIDED, Resolutions
from booking.domain.errors import Forbidden, NotFound
from booking.domain.listings import Listing
from booking.domain.permissions import Actor, may_publish_capacity
from booking.domain.windows import Window
from booking.models.rows import AnyRow
from booking.queries import capacity
from booking.queries.capacity_changes import find_change
from booking.queries.clusters import binding_of
from booking.queries.listings import find_listing
from booking.services import cuts


def add_capacity(
    slug: str, new: NewChange, *, actor: Actor, now: datetime, resolutions: Resolutions = UNDECIDED
) -> PublishedChange:
    """Publish more units, or an outage of some, or a closure, over a window that may have no end.

    Raises Displaces, with nothing done, where bookings lose their place and nobody has said what becomes of each.
    """
    change = new.checked()
    with transaction() as session:
        known = _own(session, slug, actor)

        def recast(row: AnyRow, before: Offering) -> Offering:
            after = with_change(before, change, _held_since(session, row.id, change.start, now), now)
            return _in_whole_nodes(session, row.id, after, now)

        cut = cuts.prepare(session, known.id, recast, now=now)
        outcomes = cuts.settle(cut, resolutions, now=now, by=actor.email, reason=change.reason or change.kind.value)
        (added,) = cut.after.added
        change_id = changes.add(cut.connection, known.id, added, by=actor.user_id, now=now)
        cuts.note(cut, change_id, outcomes, now=now)
        changes.offer_changed(cut.connection, known.id)
        _note(session, known, "capacity.add", change_id, added, actor=actor, now=now)
        return find_change(session, known.id, change_id)


def end_capacity_early(
    slug: str,
    change_id: int,
    ends_at: datetime,
    *,
    actor: Actor,
    now: datetime,
    resolutions: Resolutions = UNDECIDED,
) -> PublishedChange:
    """End a supply, an outage or a closure before its time; one that is to come can be ended as it begins.

    Raises Displaces, with nothing done, where bookings lose their place and nobody has said what becomes of each.
    """
    with transaction() as session:
        known = _own(session, slug, actor)

        def recast(row: AnyRow, before: Offering) -> Offering:
            if before.find(change_id) is None:
                raise NotFound("capacity change")
            after = with_end(before, change_id, ends_at, _held_since(session, row.id, ends_at, now), now)
            return _in_whole_nodes(session, row.id, after, now)

        cut = cuts.prepare(session, known.id, recast, now=now)
        outcomes = cuts.settle(cut, resolutions, now=now, by=actor.email, reason="capacity ends early")
        ended = next(one for one in cut.after.published if one.id == change_id).change
        changes.end(cut.connection, change_id, ended.end or ends_at)
        cuts.note(cut, change_id, outcomes, now=now)
        changes.offer_changed(cut.connection, known.id)
        _note(session, known, "capacity.end", change_id, ended, actor=actor, now=now)
        return find_change(session, known.id, change_id)


def _own(session: Session, slug: str, actor: Actor) -> Listing:
    listing = find_listing(session, slug, actor=actor)
    if not may_publish_capacity(actor, listing.organisation_id, listing.kind):
        raise Forbidden(
            "Only who looks after %(name)s for %(organisation)s can say what it offers.",
            numbers={"name": listing.name, "organisation": listing.organisation_name},
        )
    return listing


def _in_whole_nodes(session: Session, resource_id: int, after: Offering, now: datetime) -> Offering:
    """The offering, where it is one that the machines of the pool can keep."""
    binding = binding_of(session.connection(), resource_id)
    if binding is not None:
        check_whole_nodes(after.steps, (), binding, now)
    return after


def _held_since(session: Session, resource_id: int, since: datetime, now: datetime) -> Steps:
    """What bookings held from then until now; a change that begins later asks for nothing of the past."""
    return capacity.held(session.connection(), resource_id, Window(since, now)) if since < now else NOTHING


def _note(
    session: Session, known: Listing, act: str, change_id: int, change: CapacityChange, *, actor: Actor, now: datetime
) -> None:
    details = {
        "id": change_id,
        "kind": change.kind.value,
        "units": change.units,
        "starts_at": change.start.isoformat(),
        "ends_at": change.end and change.end.isoformat(),
        "reason": change.reason,
    }
    subject = f"{known.kind}:{known.slug}"
    audit.record(session.connection(), by=actor.email, act=act, subject=subject, details=details, now=now)
