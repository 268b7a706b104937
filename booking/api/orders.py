"""Orders as programs write them: from names to what they stand for, and from refusals to what is possible instead."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import request

from booking.domain.bookings import Booking
from booking.domain.errors import Invalid, NotFound
from booking.domain.orders import Claim, Order
from booking.domain.permissions import Actor, may_own
from booking.domain.refusals import Code, Refused
from booking.domain.search import Offer
from booking.http.errors import Answer, answer, refusals_json
from booking.http.reading import database, glance
from booking.queries.names import Named, Names, named, remembered
from booking.schemas.base import Body, Refusal
from booking.schemas.bookings import NewClaim
from booking.schemas.searches import OfferShape
from booking.services.bookings import Key
from booking.services.searches import suggest

LONGEST_KEY = 200
KEY = "Names this request, so that repeating it books once; up to 200 printable characters, kept for 24 hours."


def names_in(claims: Sequence[NewClaim], team: str = "") -> Names:
    """What the names of a body stand for, asked in one round trip."""
    with glance() as connection:
        return named(connection, team=team, resources=[claim.resource for claim in claims])


def names_known(claims: Sequence[NewClaim], team: str) -> Names:
    """The same from memory where all of them were bookable once: enough to ask by, not to say no by."""
    known = remembered(database(), team=team, resources=[claim.resource for claim in claims])
    return known or names_in(claims, team)


def claims_of(claims: Sequence[NewClaim], names: Names, actor: Actor) -> tuple[Claim, ...]:
    """The claims of a body, in its order.

    NotFound for a resource that there is not, or that the actor may not know of yet; Invalid for one that is used
    without a booking.
    """
    return tuple(
        Claim(_claimed(index, claim, names, actor).id, claim.units, claim.least_units)
        for index, claim in enumerate(claims)
    )


def _claimed(index: int, claim: NewClaim, names: Names, actor: Actor) -> Named:
    resource = names.resources.get(claim.resource)
    if resource is None or (resource.state == "draft" and not may_own(actor, resource.organisation_id, resource.kind)):
        raise NotFound("resource")
    if not resource.needs_booking:
        raise Invalid(
            f"claims.{index}.resource", "%(resource)s needs no booking: it is open to everyone.",
            {"resource": resource.slug},
        )  # fmt: skip
    return resource


def key_of(body: Body, call: str = "") -> Key | None:
    """The name that the client gave this request, with the digest of what it asks for, and of which call."""
    name = request.headers.get("Idempotency-Key")
    if name is None:
        return None
    if not name or len(name) > LONGEST_KEY or not (name.isascii() and name.isprintable()):
        raise Invalid("Idempotency-Key", "A key has 1 to %(most)s printable characters.", {"most": LONGEST_KEY})
    return Key(name, sha256(f"{call}{body.model_dump_json()}".encode()).hexdigest())


def refuse(
    refused: Refused,
    order: Order,
    *,
    actor: Actor,
    now: datetime,
    standing: Booking | None = None,
    instead: Mapping[str, Any] | None = None,
) -> Answer:
    """Every refusal of an order, and what would be admitted instead; `instead` says what else can be done."""
    if any(refusal.code is Code.NOT_A_MEMBER for refusal in refused.refusals):
        return answer(refused)
    offers = suggest(order, now=now, by=actor.user_id, standing=standing)
    more = {name: how for name, how in (instead or {}).items() if how}
    return answer(refused, [offer_shape(offer).model_dump(mode="json") for offer in offers], **more)


def offer_shape(offer: Offer) -> OfferShape:
    """An offer with the sentences of what is needed first."""
    first = refusals_json(Refused(offer.first)) if offer.first else ()
    return OfferShape.of(offer, [Refusal.model_validate(each) for each in first])
