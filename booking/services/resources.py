"""Use cases on a pool or a dataset that is there: change its words and its rules, publish it, retire it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from booking.changes import audit, capacity
from booking.db import transaction
from booking.domain.clusters import check_step
from booking.domain.displacements import UNDECIDED, Resolutions
from booking.domain.errors import Forbidden, IllegalMove, Invalid, NotFound
from booking.domain.listings import CHANGEABLE, Listing, after_verb, check_openness, check_place, checked_fields
from booking.domain.permissions import Actor, may_own
from booking.domain.policies import Opening
from booking.domain.policy_changes import changed_policy
from booking.domain.settlements import check_free
from booking.domain.texts import clean_text
from booking.queries import resources
from booking.queries.clusters import binding_of
from booking.queries.listings import find_listing, listing_by_id
from booking.queries.settlements import rates_of
from booking.services import cuts

COLUMNS = {"url": "source_url"}
"""The columns of fields that people know by another name."""


def change_resource(
    slug: str, given: Mapping[str, Any], *, actor: Actor, now: datetime, resolutions: Resolutions = UNDECIDED
) -> Listing:
    """Set what is given of a resource and leave the rest; of its policy, the rules that are given.

    A new policy counts for what is asked from now on: bookings keep the terms that they were made on. Fewer seats can
    displace bookings; Displaces where nobody has said what becomes of each.
    """
    with transaction() as session:
        known = _own(session, slug, actor)
        _check_changeable(known.kind, given)
        values = checked_fields({name: value for name, value in given.items() if name != "policy"})
        check_openness(known.access, values.get("sensitivity", known.sensitivity))
        check_place(known.organisation, values)
        if "seats" in values:
            cuts.set_seats(session, known, values["seats"], resolutions, actor=actor, now=now)
        else:
            resources.lock_resources(session.connection(), [known.id])

        if "policy" in given:
            standing = listing_by_id(session, known.id)
            policy = changed_policy(standing.policy, given["policy"], known.grid_minutes)
            check_step(policy.unit_step, binding_of(session.connection(), known.id))
            if policy.opening is Opening.FREE and standing.policy.opening is not Opening.FREE:
                check_free(rates_of(session.connection(), known.id), now)
            values["policy"] = policy.as_mapping()
        _write(session, known, "change", values, actor=actor, now=now)
        return listing_by_id(session, known.id)


def publish_resource(slug: str, *, actor: Actor, now: datetime) -> Listing:
    """Open a draft to everyone who may book it."""
    return _move(slug, "publish", actor=actor, now=now)


def retire_resource(slug: str, *, actor: Actor, now: datetime) -> Listing:
    """Take no more bookings; those that stand run to their end."""
    return _move(slug, "retire", actor=actor, now=now)


def withdraw_dataset(slug: str, *, actor: Actor, now: datetime, reason: str = "") -> Listing:
    """Hand nothing of a dataset out any more, from this moment on; bookings of it are revoked."""
    with transaction() as session:
        known = _own(session, slug, actor)
        if known.kind != "dataset":
            raise NotFound("dataset")
        resources.lock_resources(session.connection(), [known.id])
        if listing_by_id(session, known.id).withdrawn_at is not None:
            raise IllegalMove("withdrawn", "withdraw")
        values = {"state": after_verb(known.state, "withdraw").value, "withdrawn_at": now}
        _write(session, known, "withdraw", values, actor=actor, now=now, reason=clean_text(reason, "reason"))
        return listing_by_id(session, known.id)


def _move(slug: str, verb: str, *, actor: Actor, now: datetime) -> Listing:
    with transaction() as session:
        known = _own(session, slug, actor)
        resources.lock_resources(session.connection(), [known.id])
        state = after_verb(listing_by_id(session, known.id).state, verb)
        _write(session, known, verb, {"state": state.value}, actor=actor, now=now)
        return listing_by_id(session, known.id)


def _own(session: Session, slug: str, actor: Actor) -> Listing:
    """A resource that the actor looks after, read without a lock."""
    listing = find_listing(session, slug, actor=actor)
    if not may_own(actor, listing.organisation_id, listing.kind):
        raise Forbidden(
            "Only who looks after %(name)s for %(organisation)s can change it.",
            numbers={"name": listing.name, "organisation": listing.organisation_name},
        )
    return listing


def _check_changeable(kind: str, given: Mapping[str, Any]) -> None:
    unknown = sorted(given.keys() - CHANGEABLE[kind])
    if unknown:
        raise Invalid(unknown[0], "This cannot be changed once a resource is there.")


def _write(
    session: Session,
    known: Listing,
    verb: str,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    columns = {COLUMNS.get(name, name): value for name, value in values.items()}
    capacity.offer_changed(session.connection(), known.id, **columns)
    audit.record(
        session.connection(),
        by=actor.email,
        act=f"{known.kind}.{verb}",
        subject=f"{known.kind}:{known.slug}",
        details={name: _told(value) for name, value in values.items()} | ({"reason": reason} if reason else {}),
        now=now,
    )


def _told(value: Any) -> Any:
    """A value as JSON holds it."""
    return value.isoformat() if isinstance(value, datetime) else value
