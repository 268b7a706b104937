"""The use case of crediting partial service: an owner gives back some of what a booking was charged."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from booking.changes import bookings as changes
from booking.changes.grants import Posting, post
from booking.db import transaction
from booking.domain.bookings import BookedClaim, Booking
from booking.domain.errors import Forbidden, Invalid, NotFound
from booking.domain.ledger import Entry, Line
from booking.domain.permissions import Actor, may_decide, may_see_booking
from booking.domain.refunds import refund
from booking.domain.texts import clean_text
from booking.queries.balances import charged_by
from booking.services import holdings


@dataclass(frozen=True, slots=True)
class Refund:
    """What was given back of what a booking was charged for one resource, and what stays charged."""

    booking_id: int
    resource: str
    refunded_unit_seconds: int
    charged_unit_seconds: int


def refund_booking(
    booking_id: int, unit_seconds: int, *, resource: str = "", actor: Actor, now: datetime, reason: str
) -> Refund:
    """Give back so much of what a claim was charged, with the reason; never more than was charged.

    `resource` may be left out where the actor looks after one of the claimed resources only.
    """
    reason = clean_text(reason, "reason")
    if not reason:
        raise Invalid("reason", "Say why this is given back; the team reads it.")
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        claim = _claim(held.booking, resource, actor)
        charged = charged_by(held.connection, booking_id).get(claim.resource_id, ())
        lines = refund(charged, unit_seconds)

        post(
            held.connection,
            [Posting(Entry.REFUND, line, now, actor.email, reason, booking_id, claim.resource_id) for line in lines],
        )
        changes.notify(held.connection, booking_id, "refunded", now=now, by=actor.email, reason=reason)
        return Refund(booking_id, claim.resource, _total(lines), _total(charged) - _total(lines))


def _claim(booking: Booking, resource: str, actor: Actor) -> BookedClaim:
    """The claim that is meant; Forbidden where the actor does not look after its resource."""
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")
    own = [claim for claim in booking.claims if may_decide(actor, claim.organisation_id, claim.kind)]
    if not own:
        raise Forbidden("Only who looks after a claimed resource can give back what it cost.")
    meant = [claim for claim in own if resource in ("", claim.resource)]
    if len(meant) != 1:
        named = ", ".join(claim.resource for claim in own)
        raise Invalid("resource", "Say which of your resources is meant: %(resources)s.", {"resources": named})
    return meant[0]


def _total(lines: Iterable[Line]) -> int:
    return sum(line.unit_seconds for line in lines)
