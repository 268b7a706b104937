"""Grants, balances and the ledger as the API takes and gives them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from booking.domain.errors import Invalid
from booking.domain.grants import Balance, Cut, LedgerLine, PeriodUse
from booking.domain.ledger import Cap, Entry, Per
from booking.domain.windows import Window
from booking.schemas.base import Body, HoursFromZero, HoursInSeconds, Instant, Page, Reference, Shape, Timezone
from booking.schemas.teams import Reason


class NewCap(Body):
    """The most of a grant that one week (from Monday) or month may use."""

    unit_seconds: HoursFromZero = Field(alias="unit_hours")
    per: Per


class NewGrant(Body):
    """What a team is given: so many hours of one kind, one resource or one facility, over a window."""

    team: Reference
    kind: Literal["pool", "dataset"] | None = None
    resource: Reference | None = None
    facility: Reference | None = None
    unit_seconds: HoursInSeconds = Field(alias="unit_hours")
    starts_at: Instant
    ends_at: Instant
    cap: NewCap | None = None
    timezone: Timezone = Field("UTC", description="Where its weeks and months begin.")
    reason: Reason = ""
    subsidy_percent: int | None = Field(None, description="Makes it a voucher: the share that its issuer pays.")
    eligible_kinds: tuple[str, ...] | None = Field(None, description="Kinds of organisations that a voucher is for.")
    eligible_regions: tuple[str, ...] | None = Field(None, description="Regions of organisations that it is for.")

    def window(self) -> Window:
        """The window; Invalid where it is empty."""
        if self.ends_at <= self.starts_at:
            raise Invalid("ends_at", "The end is not after the start.")
        return Window(self.starts_at, self.ends_at)

    def capped(self) -> tuple[int, Per] | None:
        return (self.cap.unit_seconds, self.cap.per) if self.cap else None


class Amount(Body):
    """How much is added or taken back, and why."""

    unit_seconds: HoursInSeconds = Field(alias="unit_hours")
    reason: Reason = ""


class NewRefund(Body):
    """How much of what a booking was charged is given back, and why."""

    unit_seconds: HoursInSeconds = Field(alias="unit_hours")
    resource: Reference = Field("", description="Which claim; may be left out where one looks after only one of them.")
    reason: Reason


class GrantFilter(Page):
    """Which grants are wanted."""

    team: Reference | None = None


class CapShape(Shape):
    """The most of a grant that one week or month may use."""

    unit_seconds: int
    per: Per

    @staticmethod
    def of(cap: Cap) -> "CapShape":
        return CapShape(unit_seconds=cap.unit_seconds, per=cap.per)


class PeriodShape(Shape):
    """What of a cap is used in the present week or month; the next begins at `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    used: int
    left: int

    @staticmethod
    def of(use: PeriodUse) -> "PeriodShape":
        return PeriodShape(
            starts_at=use.window.start,
            ends_at=use.window.end,
            used=use.used_unit_seconds,
            left=use.left_unit_seconds,
        )


class GrantShape(Shape):
    """A grant; all amounts in unit-seconds. It is for the one of `kind`, `resource` and `facility` that is not null."""

    id: str
    team: str
    kind: str | None
    resource: str | None
    facility: str | None
    amount: int
    held: int
    charged: int
    left: int
    starts_at: datetime
    ends_at: datetime
    cap: CapShape | None
    timezone: str
    period: PeriodShape | None = Field(description="Null where nothing caps the grant now.")
    subsidy_percent: int | None = Field(description="Null for a grant that is no voucher.")
    eligible_kinds: list[str] | None = Field(description="Whom a voucher was for; null: organisations of every kind.")
    eligible_regions: list[str] | None = Field(description="Null: organisations of every region.")
    issuer: str | None = Field(description="The organisation in whose name it was given.")
    reason: str
    created_at: datetime

    @staticmethod
    def of(balance: Balance, now: datetime) -> "GrantShape":
        grant, use = balance.grant, balance.period_use(now)
        return GrantShape(
            id=str(balance.id),
            team=balance.team,
            kind=grant.kind,
            resource=balance.resource,
            facility=balance.facility,
            amount=grant.amount,
            held=grant.held,
            charged=grant.charged,
            left=grant.left,
            starts_at=grant.window.start,
            ends_at=grant.window.end,
            cap=CapShape.of(grant.cap) if grant.cap else None,
            timezone=balance.timezone,
            period=PeriodShape.of(use) if use else None,
            subsidy_percent=grant.subsidy_percent,
            eligible_kinds=None if balance.eligible_kinds is None else list(balance.eligible_kinds),
            eligible_regions=None if balance.eligible_regions is None else list(balance.eligible_regions),
            issuer=balance.issuer,
            reason=balance.reason,
            created_at=balance.created_at,
        )


class BalanceShape(Shape):
    """The grants of a team, the one that ends first at the top."""

    grants: list[GrantShape]


class CutShape(Shape):
    """What a cut has taken, and why the rest of what was asked for stays; all amounts in unit-seconds."""

    grant: GrantShape
    asked: int
    taken: int
    stays: int
    held: int = Field(description="Held by bookings, and never cut.")
    charged: int = Field(description="Charged already, and never cut.")

    @staticmethod
    def of(balance: Balance, cut: Cut, now: datetime) -> "CutShape":
        return CutShape(
            grant=GrantShape.of(balance, now),
            asked=cut.asked_unit_seconds,
            taken=cut.taken_unit_seconds,
            stays=cut.stays_unit_seconds,
            held=cut.held_unit_seconds,
            charged=cut.charged_unit_seconds,
        )


class RefundShape(Shape):
    """What was given back of what a booking was charged for one resource, in unit-seconds."""

    booking: str
    resource: str
    refunded: int
    charged: int = Field(description="What stays charged.")


class LedgerShape(Shape):
    """One entry of the ledger; `unit_seconds` is never negative, the kind tells the direction."""

    id: str
    grant: str
    booking: str | None
    kind: Entry
    unit_seconds: int
    at: datetime
    by: str
    reason: str

    @staticmethod
    def of(line: LedgerLine) -> "LedgerShape":
        return LedgerShape(
            id=str(line.id),
            grant=str(line.grant_id),
            booking=None if line.booking_id is None else str(line.booking_id),
            kind=line.kind,
            unit_seconds=line.unit_seconds,
            at=line.at,
            by=line.by,
            reason=line.reason,
        )
