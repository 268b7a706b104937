"""The wait list: wishes that cannot be booked yet, what may be wished for, and how an entry ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking.domain.amounts import hours_text
from booking.domain.errors import Conflict, IllegalMove, Invalid
from booking.domain.orders import Claim, Order
from booking.domain.refusals import Code, Refusal
from booking.domain.windows import Window

FARTHEST = timedelta(days=366)
"""So far ahead a wish may reach: a year."""

MOST_WAITING = 20
"""So many wishes of one team wait at a time; more of them would say nothing of what it needs."""


class EntryState(StrEnum):
    """Where an entry stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


STANDING = frozenset({EntryState.WAITING, EntryState.OFFERED})
"""The states of entries that can still become a booking."""

ENDS_OF_OFFERS = {
    "approve": EntryState.TAKEN,
    "accept": EntryState.TAKEN,
    "expire": EntryState.EXPIRED,
    "decline": EntryState.WITHDRAWN,
    "cancel": EntryState.WITHDRAWN,
    "revoke": EntryState.WAITING,
}
"""What becomes of an entry when its offer ends by a verb.

An offer that its team lets lapse or declines was its turn, and the next in line gets the units. What is taken back by
others was none: the entry waits on, as old as it is.
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """Units for a length of time anywhere inside `span`: of one resource, or of any pool of a GPU model.

    The length is at least `min_seconds` and, where free, up to `max_seconds`. A region narrows a model down;
    `dataset_id` wants a seat of it in the same window. Nobody is asked again where it is taken automatically.
    """

    team_id: int
    units: int
    min_seconds: int
    max_seconds: int
    span: Window
    resource_id: int | None = None
    gpu_model: str = ""
    region: str = ""
    dataset_id: int | None = None
    purpose: str = ""
    take_automatically: bool = False

    def claims_on(self, resource_id: int) -> tuple[Claim, ...]:
        """What is claimed together where this resource serves the wish."""
        claims = (Claim(resource_id, self.units),)
        return claims if self.dataset_id is None else (*claims, Claim(self.dataset_id, 1))

    def is_the_same(self, other: Wish) -> bool:
        """Whether it asks for exactly the same, whatever it is for."""
        return _asked(self) == _asked(other)


@dataclass(frozen=True, slots=True)
class Entry:
    """A wish on the list; resource and dataset by slug, `booking_id` is the booking that was offered or taken."""

    id: int
    team: str
    team_name: str
    state: EntryState
    wish: Wish
    resource: str
    dataset: str
    booking_id: int | None
    created_at: datetime
    created_by: int | None
    closed_at: datetime | None = None
    reason: str = ""

    def must_wait(self, verb: str) -> None:
        """IllegalMove where it waits no more; Conflict, saying what to do, where it has its offer."""
        if self.state is EntryState.OFFERED:
            raise Conflict("This has been offered: accept or decline booking %(booking)s.", {"booking": _of(self)})
        if self.state is not EntryState.WAITING:
            raise IllegalMove(self.state, verb)


def check_wish(wish: Wish, now: datetime) -> None:
    """Invalid, naming the field, for what can never be meant."""
    if (wish.resource_id is None) == (not wish.gpu_model):
        raise Invalid("resource", "Wait for one thing: a pool or dataset, or a GPU model.")
    if wish.region and not wish.gpu_model:
        raise Invalid("region", "A region goes with a GPU model; a resource has its place already.")
    if wish.dataset_id is not None and wish.dataset_id == wish.resource_id:
        raise Invalid("dataset", "This is what is waited for already. Say how many seats as units.")
    if wish.units < 1:
        raise Invalid("units", "Ask for at least one unit.")
    if wish.min_seconds < 1:
        raise Invalid("hours", "Say more than 0 hours.")
    if wish.max_seconds < wish.min_seconds:
        raise Invalid("max_hours", "The longest time is shorter than the shortest.")
    _check_span(wish, now)


def _check_span(wish: Wish, now: datetime) -> None:
    if wish.span.end <= now:
        raise Invalid("latest", "%(latest)s is past. Take a later end.", {"latest": wish.span.end})
    if wish.span.end > now + FARTHEST:
        days = {"days": FARTHEST.days}
        raise Invalid("latest", "The list reaches %(days)s days ahead. Take an earlier end.", days)
    if is_past(wish, now):
        raise Invalid(
            "latest", "%(hours)s hours do not fit before %(latest)s. Take a later end, or fewer hours.",
            {"hours": hours_text(wish.min_seconds), "latest": wish.span.end},
        )  # fmt: skip


def check_beside(wish: Wish, waiting: Collection[Wish]) -> None:
    """Conflict where the team waits for exactly this already, or for too much."""
    if any(wish.is_the_same(other) for other in waiting):
        raise Conflict("Your team waits for exactly this already.")
    if len(waiting) >= MOST_WAITING:
        raise Conflict(
            "Your team waits for %(count)s things already, which is the most. Withdraw one first.",
            {"count": len(waiting)},
        )


def is_past(wish: Wish, now: datetime) -> bool:
    """Whether no window of the wish can begin any more."""
    return max(wish.span.start, now) + timedelta(seconds=wish.min_seconds) > wish.span.end


CURED_BY_OTHERS = frozenset(
    {
        Code.CAPACITY_EXCEEDED,
        Code.QUOTA_EXCEEDED,
        Code.PERIOD_CAP_EXCEEDED,
        Code.CONCURRENCY_EXCEEDED,
        Code.GRANT_EXPIRED,
    }
)
"""Reasons that go away when somebody gives units or quota back, or grants more."""

NEVER_CURED = frozenset(
    {
        Code.TOO_LONG,
        Code.TOO_MANY_UNITS,
        Code.OFF_STEP,
        Code.NOT_ELIGIBLE,
        Code.NOT_USABLE_HERE,
        Code.TEAM_NOT_APPROVED,
        Code.TEAM_SUSPENDED,
        Code.TERMS_NOT_ACCEPTED,
        Code.PERMIT_MISSING,
        Code.TRAINING_MISSING,
    }
)
"""Reasons that waiting does nothing about."""


def is_worth_waiting(refusals: Collection[Refusal]) -> bool:
    """Whether what was refused could be admitted later, without anybody asking for something else."""
    return bool(refusals) and all(refusal.code in CURED_BY_OTHERS for refusal in refusals)


def hopeless(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Those reasons for which nobody should join the list; a resource that is retired among them."""
    return tuple(
        refusal
        for refusal in refusals
        if refusal.code in NEVER_CURED or (refusal.code is Code.RESOURCE_CLOSED and "state" in refusal.numbers)
    )


def wish_instead(order: Order, kinds: Mapping[int, str]) -> Wish | None:
    """The wish for exactly what was ordered, by the kinds of the resources; None where no entry can say it.

    An entry is for one pool or dataset, and for one seat of a dataset beside a pool.
    """
    first = [claim for claim in order.claims if kinds[claim.resource_id] == "pool"]
    seats = [claim for claim in order.claims if kinds[claim.resource_id] != "pool"]
    if not first:
        first, seats = seats, []
    if len(first) != 1 or len(seats) > 1 or any(seat.units > 1 for seat in seats):
        return None
    return Wish(
        team_id=order.team_id,
        units=first[0].units,
        min_seconds=order.window.seconds,
        max_seconds=order.window.seconds,
        span=order.window,
        resource_id=first[0].resource_id,
        dataset_id=seats[0].resource_id if seats else None,
        purpose=order.purpose,
    )


def sayable_hours(seconds: int) -> float:
    """Hours that two decimals can say, where no decimal can a little less: every grid rounds that up again."""
    hundredths = max(1, seconds // 36)
    return hundredths / 100 if hundredths % 100 else hundredths // 100


def _asked(wish: Wish) -> tuple[object, ...]:
    wanted = (wish.resource_id, wish.gpu_model, wish.region, wish.dataset_id)
    return (wish.team_id, wish.units, wish.min_seconds, wish.max_seconds, wish.span, *wanted)


def _of(entry: Entry) -> str:
    return str(entry.booking_id)
