"""Change requests: a growth of a confirmed or running booking that waits for an owner, and holds only what it adds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from booking.domain.additions import Block
from booking.domain.orders import Claim, Order
from booking.domain.windows import Window


class RequestState(StrEnum):
    """Where a change request stands; every end but the approval leaves the booking as it was."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class RequestedClaim:
    """One line of the order that is asked for: all of its units, not only those that are added."""

    resource_id: int
    resource: str
    kind: str
    organisation_id: int
    units: int
    approval: str


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What a booking is to become once everyone who is asked has said yes; `blocks` is what is held for it now."""

    id: int
    booking_id: int
    team_id: int
    team: str
    state: RequestState
    window: Window
    claims: tuple[RequestedClaim, ...]
    blocks: tuple[Block, ...]
    begins_at: datetime
    hold_until: datetime
    created_at: datetime
    created_by: int | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    reason: str = ""

    @property
    def resource_ids(self) -> frozenset[int]:
        return frozenset(claim.resource_id for claim in self.claims)

    @property
    def owners(self) -> frozenset[int]:
        """The organisations that own something it claims."""
        return frozenset(claim.organisation_id for claim in self.claims)

    @property
    def waiting_for(self) -> frozenset[int]:
        """The resources whose owner has not answered yet."""
        return frozenset(claim.resource_id for claim in self.claims if claim.approval == "waiting")

    @property
    def holds(self) -> bool:
        """Whether the addition is held until then, or is only judged again at the approval."""
        return bool(self.blocks)

    def order(self, purpose: str = "") -> Order:
        """The whole of what is asked for, as the evaluator takes it."""
        claims = tuple(Claim(claim.resource_id, claim.units) for claim in self.claims)
        return Order(self.team_id, self.window, claims, purpose)

    def is_due(self, now: datetime) -> bool:
        """Whether nobody has answered in time."""
        return self.state is RequestState.OPEN and self.hold_until <= now
