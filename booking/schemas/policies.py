"""Policies as the API takes and gives them; what they may say is the domain's to judge."""

from dataclasses import fields
from typing import Any

from booking.domain.listings import Listing
from booking.domain.organisations import OrganisationKind
from booking.domain.policies import Charge, Opening, Policy, Quota
from booking.schemas.base import Body, Shape


class PolicyBody(Body):
    """The rules that are set; null where a limit stands means no limit. What is left out stays, or has its default."""

    min_minutes: int | None = None
    max_minutes: int | None = None
    notice_minutes: int = 0
    horizon_days: int | None = None
    max_units: int | None = None
    max_units_per_team: int | None = None
    max_concurrent_bookings: int | None = None
    eligible_kinds: list[OrganisationKind] | None = None
    eligible_regions: list[str] | None = None
    auto_approve_unit_hours: int | None = None
    hold_minutes: int | None = None
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

    def given(self) -> dict[str, Any]:
        """What was said, and nothing else."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class PolicyShape(Shape):
    """Every rule with its value."""

    min_minutes: int
    max_minutes: int | None
    notice_minutes: int
    horizon_days: int | None
    max_units: int | None
    max_units_per_team: int | None
    max_concurrent_bookings: int | None
    eligible_kinds: list[OrganisationKind] | None
    eligible_regions: list[str] | None
    auto_approve_unit_hours: int | None
    hold_minutes: int | None
    check_in_minutes: int | None
    cancel_cutoff_minutes: int
    late_cancel_percent: int
    charge: Charge
    min_charge_percent: int
    weight_percent: int
    quota: Quota
    unit_step: int
    requires_course: str | None
    max_gib_per_booking: int | None
    opening: Opening

    @staticmethod
    def of(listing: Listing) -> "PolicyShape":
        values = {each.name: getattr(listing.policy, each.name) for each in fields(Policy)}
        return PolicyShape(**(values | {"min_minutes": listing.min_minutes}))
