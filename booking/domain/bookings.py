"""A booking as it stands, with its claims and its history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from booking.domain.additions import Block
from booking.domain.change_requests import ChangeRequest
from booking.domain.ledger import Line, Terms
from booking.domain.lifecycle import State
from booking.domain.orders import Claim, Decision, Order
from booking.domain.windows import Window


@dataclass(frozen=True, slots=True)
class BookedClaim:
    """One line of a booking; `occupied` is the window in which it holds its units now, None where it holds none."""

    resource_id: int
    resource: str
    kind: str
    organisation_id: int
    grid_minutes: int
    units: int
    terms: Terms
    approval: str = "none"
    occupied: Window | None = None
    measured_unit_seconds: int | None = None
    least_units: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a booking: who, when, why; `before` is None for the first."""

    at: datetime
    before: State | None
    after: State
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Booking:
    """One team's claim of units on one or several resources over one window; `team` is the slug.

    One of a series stands for its local date `occurrence`; `apart_since` is when it was first changed by itself.
    `change_request` is the growth that waits for an owner, where there is one; `counter_of` the request that this was
    offered instead of.
    """

    id: int
    team_id: int
    team: str
    state: State
    window: Window
    claims: tuple[BookedClaim, ...]
    purpose: str
    unit_seconds: int
    version: int
    created_at: datetime
    created_by: int | None
    hold_until: datetime | None = None
    check_in_from: datetime | None = None
    check_in_until: datetime | None = None
    checked_in_at: datetime | None = None
    ended_at: datetime | None = None
    series_id: int | None = None
    occurrence: date | None = None
    apart_since: datetime | None = None
    history: tuple[Move, ...] = field(default=())
    change_request: ChangeRequest | None = None
    counter_of: int | None = None

    @property
    def resource_ids(self) -> tuple[int, ...]:
        return tuple(claim.resource_id for claim in self.claims)

    @property
    def touched_ids(self) -> frozenset[int]:
        """The resources that it claims, or that its change request asks for."""
        return frozenset(self.resource_ids) | (self.change_request.resource_ids if self.change_request else frozenset())

    @property
    def own_blocks(self) -> tuple[Block, ...]:
        """Everything that it occupies now, its change request's addition too."""
        own = tuple(Block(claim.resource_id, claim.occupied, claim.units) for claim in self.claims if claim.occupied)
        return own + (self.change_request.blocks if self.change_request else ())

    @property
    def owners(self) -> frozenset[int]:
        """The organisations that own something it claims, or that its change request asks for."""
        own = frozenset(claim.organisation_id for claim in self.claims)
        return own | (self.change_request.owners if self.change_request else frozenset())

    @property
    def waiting_for(self) -> frozenset[int]:
        """The resources whose owner has not answered yet."""
        return frozenset(claim.resource_id for claim in self.claims if claim.approval == "waiting")

    @property
    def holds(self) -> bool:
        """Whether it occupies anything; a booking may wait for approval without holding."""
        return any(claim.occupied for claim in self.claims)

    def order(self) -> Order:
        """What was asked for, as the evaluator takes it."""
        return Order(
            self.team_id,
            self.window,
            tuple(Claim(claim.resource_id, claim.units, claim.least_units) for claim in self.claims),
            self.purpose,
        )

    def access_open(self, now: datetime) -> bool:
        """Whether the team may use it at this instant, whatever the scheduler has done so far."""
        if not self.window.contains(now):
            return False
        if self.state is State.CONFIRMED:
            return self.check_in_until is None or self.checked_in_at is not None or now < self.check_in_until
        return self.state is State.ACTIVE


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a booking by an edit: the new order, the decision on it, and the price of what is given up.

    `held` are its lines so far, `charged` those of them that the part given up costs, both by resource.
    """

    order: Order
    decision: Decision
    held: Mapping[int, tuple[Line, ...]]
    charged: Mapping[int, tuple[Line, ...]]

    @property
    def price(self) -> int:
        """Unit-seconds charged at once for the part given up."""
        return sum(line.unit_seconds for lines in self.charged.values() for line in lines)
