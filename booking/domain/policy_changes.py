"""Changes of policies: what an owner may set, alone and together."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from booking.domain.errors import Invalid
from booking.domain.lines import clean_line
from booking.domain.organisations import LONGEST_REGION, OrganisationKind
from booking.domain.policies import Charge, Opening, Policy, Quota

HUNDRED_YEARS_OF_MINUTES = 52_596_000
HUNDRED_YEARS_OF_DAYS = 36_525
MOST_UNITS = 10_000_000
MOST_REGIONS = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """The range of a number; where `optional`, None stands for no limit."""

    least: int
    most: int
    optional: bool = False
    multiple_of: int = 1


NUMBERS: dict[str, Limits] = {
    "min_minutes": Limits(1, HUNDRED_YEARS_OF_MINUTES, optional=True),
    "max_minutes": Limits(1, HUNDRED_YEARS_OF_MINUTES, optional=True),
    "notice_minutes": Limits(0, HUNDRED_YEARS_OF_MINUTES),
    "horizon_days": Limits(0, HUNDRED_YEARS_OF_DAYS, optional=True),
    "max_units": Limits(0, MOST_UNITS, optional=True),
    "max_units_per_team": Limits(0, MOST_UNITS, optional=True),
    "max_concurrent_bookings": Limits(0, MOST_UNITS, optional=True),
    "auto_approve_unit_hours": Limits(0, 1_000_000_000, optional=True),
    "hold_minutes": Limits(0, HUNDRED_YEARS_OF_MINUTES, optional=True),
    "check_in_minutes": Limits(1, HUNDRED_YEARS_OF_MINUTES, optional=True),
    "cancel_cutoff_minutes": Limits(0, HUNDRED_YEARS_OF_MINUTES),
    "late_cancel_percent": Limits(0, 100),
    "min_charge_percent": Limits(0, 100),
    "weight_percent": Limits(0, 100_000, multiple_of=5),
    "unit_step": Limits(1, MOST_UNITS),
    "max_gib_per_booking": Limits(0, MOST_UNITS, optional=True),
}
CHOICES: dict[str, type[Charge] | type[Quota] | type[Opening]] = {"charge": Charge, "quota": Quota, "opening": Opening}


def changed_policy(standing: Policy, given: Mapping[str, Any], grid_minutes: int) -> Policy:
    """The standing policy with what is given in its place; Invalid names the rule that cannot be meant."""
    values = {each.name: getattr(standing, each.name) for each in fields(Policy)}
    for name, value in given.items():
        if name not in values:
            raise Invalid(f"policy.{name[:80]}", "There is no such rule of a policy.")
        values[name] = checked_rule(name, value)
    policy = Policy.read(values)
    _check_together(policy, grid_minutes)
    return policy


def checked_rule(name: str, value: Any) -> Any:
    """One rule by itself, in the form in which it is kept; Invalid names it where it cannot be meant."""
    if name in NUMBERS:
        return _number(name, value, NUMBERS[name])
    if name in CHOICES:
        return _choice(name, value)
    if value is None:
        return None
    if name == "requires_course":
        return _line(name, value, f"policy.{name}")
    return _several(name, value)


def _number(name: str, value: Any, limits: Limits) -> int | None:
    if value is None and limits.optional:
        return None
    # A bool is an int to Python, and no number to anybody else.
    if type(value) is not int or not limits.least <= value <= limits.most:
        raise Invalid(
            f"policy.{name}",
            "This is a whole number from %(least)s to %(most)s.",
            {"least": limits.least, "most": limits.most},
        )
    if value % limits.multiple_of:
        raise Invalid(f"policy.{name}", "This is a multiple of %(multiple_of)s.", {"multiple_of": limits.multiple_of})
    return value


def _choice(name: str, value: Any) -> str:
    known = [choice.value for choice in CHOICES[name]]
    if value not in known:
        raise Invalid(f"policy.{name}", "This is one of: %(choices)s.", {"choices": ", ".join(known)})
    return CHOICES[name](value)


def _several(name: str, value: Any) -> tuple[str, ...]:
    """The kinds or regions that may book; nobody is said by retiring the resource, not by an empty list."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST_REGIONS:
        raise Invalid(f"policy.{name}", "Name 1 to %(most)s, or leave it open to all.", {"most": MOST_REGIONS})
    lines = tuple(_line(name, each, f"policy.{name}.{place}") for place, each in enumerate(value))
    known = {kind.value for kind in OrganisationKind}
    if name == "eligible_kinds" and not known.issuperset(lines):
        raise Invalid(f"policy.{name}", "These are some of: %(choices)s.", {"choices": ", ".join(sorted(known))})
    return tuple(dict.fromkeys(lines))


def _line(name: str, value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise Invalid(field, "This is a text.")
    return clean_line(value, field, most=LONGEST_REGION)


def _check_together(policy: Policy, grid_minutes: int) -> None:
    if policy.opening is not Opening.FREE and policy.quota is Quota.NONE:
        raise Invalid("policy.opening", "Only what takes quota can be paid, or covered by vouchers: quota is needed.")
    least = policy.min_minutes if policy.min_minutes is not None else grid_minutes
    if policy.max_minutes is not None and policy.max_minutes < least:
        raise Invalid(
            "policy.max_minutes",
            "The longest booking, %(max_minutes)s minutes, is shorter than the shortest, %(min_minutes)s.",
            {"max_minutes": policy.max_minutes, "min_minutes": least},
        )
    for name in ("max_units", "max_units_per_team"):
        most = getattr(policy, name)
        if most is not None and 0 < most < policy.unit_step:
            raise Invalid(
                f"policy.{name}",
                "This is less than one step of %(unit_step)s units, so that nothing could be booked.",
                {"unit_step": policy.unit_step},
            )
