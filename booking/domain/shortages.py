"""Shortages: what capacity and quota lack for an order, as refusals with their numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from booking.domain.capacity import CapacityChange
from booking.domain.ledger import Draw, Grant, Shortfall, price_of
from booking.domain.orders import Order, Resource, Situation, covers, tightest_free
from booking.domain.policies import Opening
from booking.domain.refusals import Code, Refusal
from booking.domain.windows import Window


def capacity_refusals(order: Order, situation: Situation) -> list[Refusal]:
    """Every claim that does not fit what is offered and free, and every closure in the window."""
    found = []
    for index, claim in enumerate(order.claims):
        resource = situation.resources[claim.resource_id]
        at, free = tightest_free(resource, order.window)
        if free < claim.units:
            found.append(
                Refusal(
                    Code.CAPACITY_EXCEEDED,
                    "%(resource)s has %(free)s units free at %(at)s where you ask for %(wanted)s:"
                    " %(short)s too many. Take fewer, or another window.",
                    f"claims.{index}.units",
                    {
                        "resource": resource.slug,
                        "at": at,
                        "free": max(0, free),
                        "wanted": claim.units,
                        "short": claim.units - max(0, free),
                    },
                )
            )
        found += _closed_refusals(index, resource, order.window)
    return found


def _closed_refusals(index: int, resource: Resource, window: Window) -> list[Refusal]:
    return [_closed(index, resource, closure) for closure in resource.closures if closure.overlaps(window)]


def _closed(index: int, resource: Resource, closure: CapacityChange) -> Refusal:
    field_name = f"claims.{index}.resource"
    numbers = {"resource": resource.slug, "from": closure.start, "to": closure.end, "reason": closure.reason}
    if closure.end is None:
        return Refusal(
            Code.RESOURCE_CLOSED,
            "%(resource)s is closed from %(from)s on: %(reason)s. Take a window before it.",
            field_name,
            numbers,
        )
    return Refusal(
        Code.RESOURCE_CLOSED,
        "%(resource)s is closed from %(from)s to %(to)s: %(reason)s. Take a window before or after it.",
        field_name,
        numbers,
    )


def quota_refusals(order: Order, situation: Situation, draws: Mapping[int, Draw]) -> list[Refusal]:
    """At most one refusal of each kind for a claim, with what the claims before it leave held, charged and left."""
    found: dict[tuple[int, Code], Refusal] = {}
    standing = situation.grants
    for index, claim in enumerate(order.claims):
        resource = situation.resources[claim.resource_id]
        grants = [grant for grant in standing if covers(grant, resource)]
        wanted = price_of(claim.units, order.window.seconds, resource.policy.weight_percent)
        for shortfall in draws[claim.resource_id].shortfalls:
            refusal = _quota_refusal(index, resource, shortfall, grants, wanted)
            found.setdefault((index, refusal.code), refusal)
        standing = draws[claim.resource_id].grants
    return list(found.values())


def _quota_refusal(
    index: int, resource: Resource, shortfall: Shortfall, grants: Sequence[Grant], wanted: int
) -> Refusal:
    field_name = f"claims.{index}.units"
    valid = [grant for grant in grants if grant.window.overlaps(shortfall.window)]
    numbers: dict[str, Any] = {
        "resource": resource.slug,
        "wanted_unit_seconds": wanted,
        "held_unit_seconds": sum(grant.held for grant in valid),
        "charged_unit_seconds": sum(grant.charged for grant in valid),
        "left_unit_seconds": sum(grant.left for grant in valid),
        "missing_unit_seconds": shortfall.unit_seconds,
    }
    if shortfall.past_every_grant:
        return Refusal(
            Code.GRANT_EXPIRED,
            "Your last grant for %(resource)s ends at %(granted_until)s. End the booking by then, or ask for a grant.",
            "ends_at",
            {**numbers, "granted_until": max(grant.window.end for grant in grants)},
        )
    if not grants and resource.policy.opening is Opening.VOUCHER:
        return Refusal(
            Code.QUOTA_EXCEEDED,
            "%(resource)s is open to vouchers only, and your team has none for it (%(left_hours)s hours left)."
            " Ask a funder for one.",
            field_name,
            numbers,
        )
    if shortfall.capped is not None and shortfall.period is not None:
        capped = next(grant for grant in valid if grant.id == shortfall.capped.id)
        return _cap_refusal(field_name, numbers, capped, shortfall.period)
    if grants and not valid:
        return Refusal(
            Code.QUOTA_EXCEEDED,
            "None of your grants for %(resource)s is valid at %(at)s. Take another window, or ask for a grant.",
            "starts_at",
            {**numbers, "at": shortfall.window.start},
        )
    return Refusal(
        Code.QUOTA_EXCEEDED,
        "This needs %(wanted_hours)s hours of quota on %(resource)s; %(left_hours)s are left"
        " (%(held_hours)s held, %(charged_hours)s charged). Take less, or ask for a grant.",
        field_name,
        numbers,
    )


def _cap_refusal(field_name: str, numbers: Mapping[str, Any], grant: Grant, period: Window) -> Refusal:
    cap = grant.cap
    if cap is None:
        raise ValueError(f"grant {grant.id} has no cap")
    used = grant.used.get(period.start, 0)
    return Refusal(
        Code.PERIOD_CAP_EXCEEDED,
        "Your grant allows %(cap_hours)s hours a %(per)s on %(resource)s; %(used_hours)s of this %(per)s are used."
        " The next %(per)s begins at %(resets_at)s.",
        field_name,
        {
            **numbers,
            "cap_unit_seconds": cap.unit_seconds,
            "used_unit_seconds": used,
            "left_unit_seconds": max(0, cap.unit_seconds - used),
            "per": cap.per.value,
            "resets_at": period.end,
        },
    )
