"""Orders, what they are judged against, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from booking.domain.bases import Basis
from booking.domain.capacity import NOTHING, CapacityChange, Steps
from booking.domain.ledger import Grant, Line, Terms
from booking.domain.lifecycle import State
from booking.domain.policies import Opening, Policy, Quota
from booking.domain.refusals import Refusal
from booking.domain.windows import Window


@dataclass(frozen=True, slots=True)
class Claim:
    """Units wanted of one resource; ValueError for fewer than one.

    `least_units` are those that would do as well, where the team says so; a claim is the same with and without them.
    """

    resource_id: int
    units: int
    least_units: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.units < 1:
            raise ValueError("a claim is for at least one unit")
        if self.least_units is not None and not 1 <= self.least_units <= self.units:
            raise ValueError("the least quantity lies between one unit and those asked for")


@dataclass(frozen=True, slots=True)
class Order:
    """What a team asks for: its claims together over one window, or not at all.

    Raises ValueError without a claim, and for two of one resource: each would fit alone and both together not.
    """

    team_id: int
    window: Window
    claims: tuple[Claim, ...]
    purpose: str = ""

    def __post_init__(self) -> None:
        if not self.claims:
            raise ValueError("an order claims something")
        if len({claim.resource_id for claim in self.claims}) < len(self.claims):
            raise ValueError("an order claims each resource once")

    @property
    def unit_seconds(self) -> int:
        """The size of the order, unweighted."""
        return sum(claim.units for claim in self.claims) * self.window.seconds

    def claim_of(self, resource_id: int) -> Claim:
        """The claim of one resource; KeyError where there is none."""
        return {claim.resource_id: claim for claim in self.claims}[resource_id]

    def units_of(self, resource_id: int) -> int:
        return sum(claim.units for claim in self.claims if claim.resource_id == resource_id)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as it stands around the order's window: its policy, what it offers and what others hold."""

    id: int
    kind: str
    name: str
    slug: str
    state: str
    organisation_id: int
    facility_id: int | None
    grid_minutes: int
    policy: Policy
    offer: Steps
    held: Steps
    closures: tuple[CapacityChange, ...] = ()
    access: str | None = None

    @property
    def min_minutes(self) -> int:
        return self.policy.min_minutes if self.policy.min_minutes is not None else self.grid_minutes


@dataclass(frozen=True, slots=True)
class Team:
    """The team that asks, and the organisation it belongs to."""

    id: int
    name: str
    state: str
    approved_until: datetime | None
    organisation_kind: str
    region: str
    strikes_until: datetime | None = None
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A team's own use of one resource: units and bookings at a time, and what it booked in the last seven days."""

    units: Steps = NOTHING
    bookings: Steps = NOTHING
    recent_unit_seconds: int = 0


UNUSED = Use()


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a decision depends on besides the order; `bases` are those of claimed datasets for who acts, and
    `courses` those that who acts has completed, with the end of what that counts for (None: never)."""

    now: datetime
    team: Team
    resources: Mapping[int, Resource]
    grants: tuple[Grant, ...] = ()
    uses: Mapping[int, Use] = field(default_factory=dict)
    courses: Mapping[str, datetime | None] = field(default_factory=dict)
    bases: Mapping[int, Basis] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an order: every refusal, or its state, its deadlines and what it holds.

    `lines` are the draws of each claim by resource; `approvals` the resources whose owner is to be asked; `holds` is
    False for an order that waits without holding anything.
    """

    refusals: tuple[Refusal, ...]
    state: State
    hold_until: datetime | None
    check_in_from: datetime | None
    check_in_until: datetime | None
    approvals: frozenset[int]
    holds: bool
    terms: Mapping[int, Terms]
    lines: Mapping[int, tuple[Line, ...]]
    grants: tuple[Grant, ...]

    @property
    def cost(self) -> int:
        """Unit-seconds of quota for the whole, weighted, whether or not it is held already."""
        return sum(terms.whole for terms in self.terms.values())


def is_shrink(order: Order, standing: Order) -> bool:
    """Whether an order asks for nothing that the standing one does not have already."""
    return (
        standing.window.start <= order.window.start
        and order.window.end <= standing.window.end
        and all(claim.units <= standing.units_of(claim.resource_id) for claim in order.claims)
    )


def terms_of(claim: Claim, window: Window, policy: Policy) -> Terms:
    """The terms agreed for a claim: those of the policy at this moment."""
    return Terms(
        units=claim.units,
        window=window,
        weight_percent=policy.weight_percent if policy.quota is Quota.REQUIRED else 0,
        cancel_cutoff_minutes=policy.cancel_cutoff_minutes,
        late_cancel_percent=policy.late_cancel_percent,
        charge=policy.charge,
        min_charge_percent=policy.min_charge_percent,
    )


def tightest_free(resource: Resource, window: Window) -> tuple[datetime, int]:
    """The first instant inside the window at which the fewest units are free, and how many."""
    offered, held = resource.offer.within(window), resource.held.within(window)
    if len(offered) == 1:
        return min(((at, offered[0][1] - level) for at, level in held), key=lambda step: step[1])
    levels = dict.fromkeys(at for at, _ in (*offered, *held))
    free = [(at, resource.offer.level_at(at) - resource.held.level_at(at)) for at in sorted(levels)]
    return min(free, key=lambda step: step[1])


def covers(grant: Grant, resource: Resource) -> bool:
    """Whether a grant is for this resource; where that is open to vouchers, nothing but a voucher is."""
    if resource.policy.opening is Opening.VOUCHER and not grant.is_voucher:
        return False
    return grant.covers(kind=resource.kind, resource_id=resource.id, facility_id=resource.facility_id)
