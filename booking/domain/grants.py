"""Grants as they are given, changed and read by people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.domain.amounts import MOST_UNIT_SECONDS, hours_text
from booking.domain.errors import Conflict, Invalid
from booking.domain.ledger import Entry, Grant, Per
from booking.domain.policy_changes import checked_rule
from booking.domain.windows import Window

LONGEST_GRANT = timedelta(days=36_525)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a grant is for: exactly one of a kind (`pool`, `dataset`), a resource, a facility.

    Raises Invalid for any other number of them.
    """

    kind: str | None = None
    resource_id: int | None = None
    facility_id: int | None = None

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.kind, self.resource_id, self.facility_id)) != 1:
            raise Invalid("kind", "A grant is for one thing: a kind, a resource, or a facility.")
        if self.kind not in (None, "pool", "dataset"):
            raise Invalid("kind", "The kind is pool or dataset.")


@dataclass(frozen=True, slots=True)
class NewGrant:
    """What is asked for a new grant; `cap` is the most of one week or month, which begin where `timezone` says.

    With a `subsidy_percent` it is a voucher, and may go to teams of eligible organisations only; None stands for every
    kind, and for every region.
    """

    team_id: int
    scope: Scope
    unit_seconds: int
    window: Window
    cap: tuple[int, Per] | None = None
    timezone: str = "UTC"
    reason: str = ""
    subsidy_percent: int | None = None
    eligible_kinds: tuple[str, ...] | None = None
    eligible_regions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PeriodUse:
    """What of a cap is used in one week or month, and when the next begins."""

    window: Window
    cap_unit_seconds: int
    used_unit_seconds: int

    @property
    def left_unit_seconds(self) -> int:
        return max(0, self.cap_unit_seconds - self.used_unit_seconds)


@dataclass(frozen=True, slots=True)
class Balance:
    """A grant as people read it: to whom, for what, by whom, and how much of it is held, charged and left.

    `owner_id` is the organisation that owns the resource or facility it is for, `owner_kind` the resource's kind;
    both are None for a grant of a whole kind. `issuer_id` is the organisation in whose name it was given.
    """

    grant: Grant
    team_id: int
    team: str
    team_name: str
    timezone: str
    reason: str
    created_at: datetime
    expired_at: datetime | None
    resource: str | None = None
    resource_name: str | None = None
    facility: str | None = None
    facility_name: str | None = None
    owner_id: int | None = None
    owner_kind: str | None = None
    issuer_id: int | None = None
    issuer: str | None = None
    issuer_name: str | None = None
    eligible_kinds: tuple[str, ...] | None = None
    eligible_regions: tuple[str, ...] | None = None

    @property
    def id(self) -> int:
        return self.grant.id

    @property
    def counts(self) -> str:
        """The kind whose hours it counts; a facility's are those of its pools."""
        return self.grant.kind or self.owner_kind or "pool"

    def has_ended(self, now: datetime) -> bool:
        return self.grant.window.end <= now

    def period_use(self, now: datetime) -> PeriodUse | None:
        """What of the cap is used in the present week or month; None where nothing caps the grant now."""
        cap = self.grant.cap
        if cap is None or not self.grant.window.contains(now):
            return None
        period = cap.period_of(now)
        return PeriodUse(period, cap.unit_seconds, self.grant.used.get(period.start, 0))


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry of the ledger as people read it; the kind tells the direction of `unit_seconds`."""

    id: int
    grant_id: int
    booking_id: int | None
    kind: Entry
    unit_seconds: int
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cut:
    """What a cut has taken, of how much that was asked for, and what stays because it is held or charged."""

    asked_unit_seconds: int
    taken_unit_seconds: int
    held_unit_seconds: int
    charged_unit_seconds: int

    @property
    def is_whole(self) -> bool:
        return self.taken_unit_seconds == self.asked_unit_seconds

    @property
    def stays_unit_seconds(self) -> int:
        """What was asked for and could not be taken."""
        return self.asked_unit_seconds - self.taken_unit_seconds


def check_window(window: Window) -> None:
    """Invalid where a grant would outlive everybody."""
    if window.end - window.start > LONGEST_GRANT:
        raise Invalid("ends_at", "A grant lasts at most %(years)s years.", {"years": 100})


def check_subsidy(percent: int | None, issuer_id: int | None) -> None:
    """Invalid where a voucher pays no share that can be meant, or nobody would pay it."""
    if percent is None:
        return
    if not 1 <= percent <= 100:
        raise Invalid("subsidy_percent", "A voucher pays a share from 1 to 100 per cent.")
    if issuer_id is None:
        raise Invalid("subsidy_percent", "A voucher is issued in an organisation's name, by its funder or owner.")


def eligible_for(new: NewGrant, kind: str, region: str) -> dict[str, tuple[str, ...]]:
    """Whom a voucher is for, as it is kept; Invalid where the organisation of the team is not one of them.

    An organisation keeps its kind and region, so that what holds when a voucher is issued holds as long as it is valid.
    """
    eligible: dict[str, tuple[str, ...]] = {}
    for name, given, own in (
        ("eligible_kinds", new.eligible_kinds, kind),
        ("eligible_regions", new.eligible_regions, region),
    ):
        if given is None:
            continue
        if new.subsidy_percent is None:
            raise Invalid(name, "Only a voucher is for some organisations: say what share of it is paid.")
        eligible[name] = _checked_eligible(name, given)
        if own not in eligible[name]:
            raise Invalid(
                "team",
                "This voucher is for organisations of: %(eligible)s. The organisation of this team is of: %(own)s.",
                {"eligible": ", ".join(eligible[name]), "own": own},
            )
    return eligible


def _checked_eligible(name: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """The same rule as that of a policy, without its name before the field."""
    try:
        checked: tuple[str, ...] = checked_rule(name, given)
    except Invalid as invalid:
        raise Invalid(invalid.field.removeprefix("policy."), invalid.message, invalid.numbers) from None
    return checked


def check_amount(unit_seconds: int, field: str = "unit_hours", *, standing: int = 0) -> None:
    """Invalid where nothing is given, or more than can be counted together with what stands."""
    if unit_seconds <= 0:
        raise Invalid(field, "Say more than 0 hours.")
    if standing + unit_seconds > MOST_UNIT_SECONDS:
        most = hours_text(MOST_UNIT_SECONDS)
        raise Invalid(field, "A grant has at most %(most)s hours.", {"most": most})


def cut_of(grant: Grant, unit_seconds: int) -> Cut:
    """What a cut by so much takes: never what is held or charged. Conflict where that leaves nothing to take."""
    taken = min(unit_seconds, grant.left)
    if taken == 0:
        raise Conflict(
            "Nothing of this grant can be taken back: of %(amount_hours)s hours %(held_hours)s are held by bookings and"
            " %(charged_hours)s are charged.",
            amounts(amount=grant.amount, held=grant.held, charged=grant.charged),
        )
    return Cut(unit_seconds, taken, grant.held, grant.charged)


def amounts(**unit_seconds: int) -> dict[str, int | str]:
    """Numbers for a sentence, each in unit-seconds for programs and in hours for people."""
    exact = {f"{name}_unit_seconds": value for name, value in unit_seconds.items()}
    return exact | {f"{name}_hours": hours_text(value) for name, value in unit_seconds.items()}
