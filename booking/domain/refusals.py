"""Refusals: each reason why an order was not admitted, with a stable code, a sentence with numbers, and a field."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from booking.domain.amounts import hours_text


class Code(StrEnum):
    """Every code a refusal can have; clients are written against these."""

    CAPACITY_EXCEEDED = "capacity_exceeded"
    QUOTA_EXCEEDED = "quota_exceeded"
    PERIOD_CAP_EXCEEDED = "period_cap_exceeded"
    CONCURRENCY_EXCEEDED = "concurrency_exceeded"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_SOON = "too_soon"
    BEYOND_HORIZON = "beyond_horizon"
    OFF_GRID = "off_grid"
    OFF_STEP = "off_step"
    IN_THE_PAST = "in_the_past"
    TOO_MANY_UNITS = "too_many_units"
    RESOURCE_CLOSED = "resource_closed"
    NOT_ELIGIBLE = "not_eligible"
    NOT_USABLE_HERE = "not_usable_here"
    TEAM_NOT_APPROVED = "team_not_approved"
    TEAM_SUSPENDED = "team_suspended"
    TERMS_NOT_ACCEPTED = "terms_not_accepted"
    PERMIT_MISSING = "permit_missing"
    TRAINING_MISSING = "training_missing"
    NOT_A_MEMBER = "not_a_member"
    GRANT_EXPIRED = "grant_expired"
    STALE_VERSION = "stale_version"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason: `message` is an English id with `%(name)s` places, `field` names the input.

    `numbers` hold integers, instants and words; for a number `left_unit_seconds` the sentence may say `left_hours`.
    """

    code: Code
    message: str
    field: str = ""
    numbers: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)

    def places(self) -> dict[str, Any]:
        """What fills the places of the sentence, amounts in hours among it."""
        amounts = {
            name.removesuffix("unit_seconds") + "hours": hours_text(value)
            for name, value in self.numbers.items()
            if name.endswith("unit_seconds")
        }
        return {**self.numbers, **amounts}


class Refused(Exception):
    """The domain said no: every reason at once, and what would be possible instead."""

    def __init__(self, refusals: Iterable[Refusal], alternatives: Iterable[Any] = ()) -> None:
        self.refusals = tuple(refusals)
        self.alternatives = tuple(alternatives)
        super().__init__("; ".join(refusal.message % refusal.places() for refusal in self.refusals))
