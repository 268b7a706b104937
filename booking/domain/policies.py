"""Policies: the limits that the owner of a resource sets, and how those of several resources combine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any


class Charge(StrEnum):
    """What a booking costs in the end: all that was booked, or what was measured."""

    BOOKED = "booked"
    MEASURED = "measured"


class Quota(StrEnum):
    """Whether a grant must cover a booking."""

    REQUIRED = "required"
    NONE = "none"


class Opening(StrEnum):
    """How a resource is opened: free of charge, at its rate, or to those who hold a voucher for it."""

    FREE = "free"
    PAID = "paid"
    VOUCHER = "voucher"


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits of one resource; None where a limit could stand means no limit.

    `min_minutes` None means one grid step; `auto_approve_unit_hours` None approves everything, 0 nothing;
    `check_in_minutes` None asks for no check-in; `hold_minutes` None holds until the start.
    """

    min_minutes: int | None = None
    max_minutes: int | None = 43_200
    notice_minutes: int = 0
    horizon_days: int | None = 180
    max_units: int | None = None
    max_units_per_team: int | None = None
    max_concurrent_bookings: int | None = None
    eligible_kinds: tuple[str, ...] | None = None
    eligible_regions: tuple[str, ...] | None = None
    auto_approve_unit_hours: int | None = None
    hold_minutes: int | None = 2_880
    check_in_minutes: int | None = None
    cancel_cutoff_minutes: int = 0
    late_cancel_percent: int = 0
    charge: Charge = Charge.BOOKED
    min_charge_percent: int = 0
    weight_percent: int = 100
    quota: Quota = Quota.REQUIRED
    unit_step: int = 1
    requires_course: str | None = None
    max_gib_per_booking: int | None = None
    opening: Opening = Opening.FREE

    @property
    def depends_on_use(self) -> bool:
        """Whether what the team uses already, or has booked lately, decides anything."""
        return (
            self.max_units_per_team is not None
            or self.max_concurrent_bookings is not None
            or self.auto_approve_unit_hours is not None
        )

    @staticmethod
    def read(stored: Mapping[str, Any]) -> Policy:
        """The policy that `as_mapping` wrote; what is absent has its default."""
        known = {field.name: stored[field.name] for field in fields(Policy) if field.name in stored}
        for name in ("eligible_kinds", "eligible_regions"):
            if known.get(name) is not None:
                known[name] = tuple(known[name])
        for name, kind in (("charge", Charge), ("quota", Quota), ("opening", Opening)):
            if name in known:
                known[name] = kind(known[name])
        return Policy(**known)

    def as_mapping(self) -> dict[str, Any]:
        """Every field that differs from its default, as JSON has it."""
        plain = Policy()
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in named.items()
            if value != getattr(plain, name)
        }


def hold_minutes(policies: Iterable[Policy]) -> int | None:
    """The shortest hold of several resources."""
    return _strictest(policy.hold_minutes for policy in policies)


def check_in_minutes(policies: Iterable[Policy]) -> int | None:
    """The shortest grace of those resources that ask for check-in; None where none does."""
    return _strictest(policy.check_in_minutes for policy in policies)


def _strictest(limits: Iterable[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
