"""Wishes: so many units for so long within a span, and where the limits of resources let that be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import lcm

from booking.domain.limits import pools_elsewhere
from booking.domain.orders import Claim, Resource, terms_of
from booking.domain.search import Need, Offer, Why, earliest_joint
from booking.domain.windows import Window, floor_to_grid

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Share:
    """Units of one resource, as a part of what is wished for together."""

    resource: Resource
    units: int

    @property
    def claim(self) -> Claim:
        return Claim(self.resource.id, self.units)


def length_of(shares: Sequence[Share], seconds: int) -> int | None:
    """So many seconds as windows can be: up to the next step of every grid, and at least the shortest booking.

    None where a limit on units or length forbids it, or where the resources cannot be used together.
    """
    if any(pools_elsewhere([share.resource for share in shares])):
        return None
    grid = lcm(*(share.resource.grid_minutes for share in shares)) * 60
    shortest = max(share.resource.min_minutes for share in shares) * 60
    length = -(-max(seconds, shortest) // grid) * grid
    return length if all(_is_within_limits(share, length) for share in shares) else None


def span_of(shares: Sequence[Share], seconds: int, asked: Window, now: datetime) -> Window | None:
    """The part of the span asked for in which a booking of this length may lie; None where there is no room for it."""
    start, end = asked.start, asked.end
    for share in shares:
        start = max(start, _first_start(share, seconds, now))
        horizon = share.resource.policy.horizon_days
        if horizon is not None:
            end = min(end, now + timedelta(days=horizon))
    return Window(start, end) if start + timedelta(seconds=seconds) <= end else None


def offer_of(shares: Sequence[Share], seconds: int, within: Window) -> Offer | None:
    """The earliest window inside `within` in which every share is free throughout, as something to book."""
    needs = [
        Need(share.resource.offer, share.resource.held, share.units, share.resource.grid_minutes) for share in shares
    ]
    window = earliest_joint(needs, seconds=seconds, within=within)
    if window is None:
        return None
    cost = sum(terms_of(share.claim, window, share.resource.policy).whole for share in shares)
    size = sum(share.units for share in shares) * window.seconds
    return Offer(Why.EARLIEST, window, tuple(share.claim for share in shares), size, cost)


def _is_within_limits(share: Share, seconds: int) -> bool:
    policy = share.resource.policy
    if share.units % policy.unit_step:
        return False
    limits = (
        (share.units, policy.max_units),
        (share.units, policy.max_units_per_team),
        (seconds, None if policy.max_minutes is None else policy.max_minutes * 60),
    )
    return all(limit is None or number <= limit for number, limit in limits)


def _first_start(share: Share, seconds: int, now: datetime) -> datetime:
    """The running step, unless notice is asked for or an owner has to answer first."""
    policy = share.resource.policy
    threshold = policy.auto_approve_unit_hours
    if policy.notice_minutes:
        return now + timedelta(minutes=policy.notice_minutes)
    if threshold is not None and share.units * seconds > threshold * 3600:
        return now + MOMENT
    return floor_to_grid(now, share.resource.grid_minutes)
