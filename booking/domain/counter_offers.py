"""What an owner may answer to a waiting booking besides yes and no: fewer units, or another window."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from booking.domain.bookings import Booking
from booking.domain.errors import Invalid
from booking.domain.orders import Claim, Order
from booking.domain.windows import Window

HELD_FOR = timedelta(hours=24)
"""How long a counter-offer waits for its team where its owner says nothing else."""


def in_part(booking: Booking, claims: Sequence[Claim], own: Collection[int]) -> Order:
    """The booking with the fewer units that an owner approves, down to the least quantities that its team named.

    `own` are the resources that the owner answers for; Invalid names the claim that cannot be meant.
    """
    standing = {claim.resource_id: claim for claim in booking.order().claims}
    lower: dict[int, int] = {}
    for index, claim in enumerate(claims):
        asked = standing.get(claim.resource_id)
        if asked is None or claim.resource_id not in own:
            raise Invalid(f"claims.{index}.resource", "This waits for no answer of yours.")
        _check_units(index, claim.units, asked)
        lower[claim.resource_id] = claim.units
    return replace(booking.order(), claims=tuple(_with(claim, lower) for claim in booking.order().claims))


def offered_instead(booking: Booking, window: Window | None, claims: tuple[Claim, ...] | None) -> Order:
    """The order that is offered instead of a waiting booking; Invalid where it is what was asked for."""
    asked = booking.order()
    order = replace(asked, window=window or asked.window, claims=claims or asked.claims)
    if order.window == asked.window and set(order.claims) == set(asked.claims):
        raise Invalid("starts_at", "This is what was asked for. Approve it, or offer another window or quantity.")
    return replace(order, claims=tuple(Claim(claim.resource_id, claim.units) for claim in order.claims))


def answer_by(order: Order, wanted: datetime | None, now: datetime) -> datetime:
    """Until when an offer waits for its team: as said, else a day; never longer than until its start."""
    if order.window.start <= now:
        raise Invalid("starts_at", "The team has to answer before this begins. Offer a later start.")
    if wanted is None:
        return min(now + HELD_FOR, order.window.start)
    if not now < wanted <= order.window.start:
        raise Invalid(
            "hold_until", "An offer waits until some time from now on and by its start, %(starts_at)s.",
            {"starts_at": order.window.start},
        )  # fmt: skip
    return wanted


def _check_units(index: int, units: int, asked: Claim) -> None:
    if units == asked.units:
        return
    field = f"claims.{index}.units"
    if units > asked.units:
        raise Invalid(field, "%(wanted)s units were asked for, not more.", {"wanted": asked.units})
    if asked.least_units is None:
        raise Invalid(field, "The team named no least quantity. Offer fewer units instead, so that it can answer.")
    if units < asked.least_units:
        raise Invalid(
            field, "The team takes no fewer than %(least_units)s units. Offer them instead, so that it can answer.",
            {"least_units": asked.least_units},
        )  # fmt: skip


def _with(claim: Claim, lower: Mapping[int, int]) -> Claim:
    """The claim with fewer units; the least quantity has served its turn."""
    units = lower.get(claim.resource_id, claim.units)
    return claim if units == claim.units else Claim(claim.resource_id, units)
