"""Settlements: what the charges and refunds of a month cost, and how that is shared, whole cents only.

A unit-hour costs what the rate was when its booking was made. The exact price of all lines of a month is rounded once,
half a cent up, and its cents are shared among the lines by the largest remainder, so that they add up to it. Of each
line the funder of a voucher pays its share, rounded half a cent up, and the team what is left.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from booking.domain.errors import Conflict, Invalid
from booking.domain.ledger import Cap, Per
from booking.domain.localtime import to_local
from booking.domain.windows import Window

ZONE = "Asia/Shanghai"
"""Months are settled by one clock for everybody, that of the programme which issues the vouchers."""

CLOSED_AFTER = timedelta(days=5)
"""So long after its end a month is closed by itself, when late usage has come in."""

SECONDS = 3600
Party = TypeVar("Party", bound=Hashable)
_MONTH = re.compile(r"2[01][0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)
MOST_CENTS = 100_000_000


@dataclass(frozen=True, slots=True)
class Sum:
    """What the ledger says of one team, resource, funder, share and rate within a month, in unit-seconds of quota.

    `booked` was charged as booked, `measured` as measured; `funder_id` and a share are those of vouchers.
    """

    operator_id: int
    funder_id: int | None
    team_id: int
    resource_id: int
    subsidy_percent: int
    cents_per_unit_hour: int
    booked: int = 0
    measured: int = 0
    refunded: int = 0

    @property
    def net(self) -> int:
        """What stays charged."""
        return self.booked + self.measured - self.refunded


@dataclass(frozen=True, slots=True)
class Line:
    """A sum and its price; the subsidy and the team's own share are all of it. A refund may make it negative."""

    sum: Sum
    cents: int
    subsidy_cents: int

    @property
    def own_cents(self) -> int:
        return self.cents - self.subsidy_cents


@dataclass(frozen=True, slots=True)
class Rate:
    """What a unit-hour of a resource costs, for bookings made from an instant on."""

    starts_at: datetime
    cents_per_unit_hour: int


def month_of(instant: datetime) -> Window:
    """The month that an instant falls into, by the clock of settlements."""
    return Cap(0, Per.MONTH, ZONE).period_of(instant)


def name_of(month: Window) -> str:
    """The name of a month, such as `2026-03`."""
    return f"{to_local(month.start, ZONE):%Y-%m}"


def month_named(name: str) -> Window:
    """The month of a name such as `2026-03`; Invalid for anything else."""
    year, _hyphen, number = name.partition("-")
    if not _MONTH.fullmatch(name):
        raise Invalid("month", "Name a month by its year and number, such as 2026-03.")
    return month_of(datetime(int(year), int(number), 15, tzinfo=UTC))


def settle(sums: Iterable[Sum]) -> tuple[Line, ...]:
    """The price of each sum, in the order given."""
    found = [one for one in sums if one.booked or one.measured or one.refunded]
    exact = [one.net * one.cents_per_unit_hour for one in found]
    cents = [price // SECONDS for price in exact]
    left_over = total_of(exact) - sum(cents)
    first = sorted(range(len(exact)), key=lambda place: (-(exact[place] % SECONDS), place))
    for place in first[:left_over]:
        cents[place] += 1
    return tuple(
        Line(one, price, share_of(price, one.subsidy_percent)) for one, price in zip(found, cents, strict=True)
    )


def total_of(exact: Iterable[int]) -> int:
    """Whole cents of exact prices (cents × seconds), half a cent up."""
    return (2 * sum(exact) + SECONDS) // (2 * SECONDS)


def share_of(cents: int, percent: int) -> int:
    """The share of an amount in whole cents, half a cent up."""
    return (2 * cents * percent + 100) // 200


def due(last_closed: Window | None, first_charge: datetime | None, now: datetime) -> Window | None:
    """The oldest month that has ended and is open; None where there is none."""
    if last_closed is not None:
        month = month_of(last_closed.end)
    elif first_charge is not None:
        month = month_of(first_charge)
    else:
        return None
    return month if month.end <= now else None


def check_cents(cents: int) -> None:
    """Invalid for a rate that cannot be meant."""
    if not 0 <= cents <= MOST_CENTS:
        raise Invalid(
            "cents_per_unit_hour", "A rate is a whole number of cents from 0 to %(most)s.", {"most": MOST_CENTS}
        )


def check_start(standing: Sequence[Rate], starts_at: datetime, now: datetime) -> None:
    """Conflict or Invalid where a rate would rewrite what counts already; one that is still to come may be replaced."""
    if starts_at < now:
        raise Invalid("starts_at", "A rate counts from now or later: what was agreed at the rates before stays.")
    if starts_at == now and any(rate.starts_at == now for rate in standing):
        raise Conflict("There is a rate from %(starts_at)s on already.", {"starts_at": starts_at})


def check_free(rates: Sequence[Rate], now: datetime) -> None:
    """Invalid where what is to be free of charge would go on to cost something."""
    coming = [rate.cents_per_unit_hour for rate in rates if rate.starts_at > now]
    most = max(coming, default=0) or rate_at(rates, now)
    if most:
        raise Invalid(
            "policy.opening",
            "It costs %(cents)s cents an hour, now or from a later day on. Set these rates to 0 before it is free.",
            {"cents": most},
        )


def rate_at(rates: Iterable[Rate], instant: datetime) -> int | None:
    """The rate that stands at an instant; None before the first."""
    started = [rate for rate in rates if rate.starts_at <= instant]
    return max(started, key=lambda rate: rate.starts_at).cents_per_unit_hour if started else None


@dataclass(frozen=True, slots=True)
class Total:
    """Several lines together, in unit-seconds and cents."""

    booked: int = 0
    measured: int = 0
    refunded: int = 0
    cents: int = 0
    subsidy_cents: int = 0

    @property
    def own_cents(self) -> int:
        return self.cents - self.subsidy_cents

    def plus(self, line: Line) -> Total:
        """The total with one more line."""
        return Total(
            self.booked + line.sum.booked,
            self.measured + line.sum.measured,
            self.refunded + line.sum.refunded,
            self.cents + line.cents,
            self.subsidy_cents + line.subsidy_cents,
        )


def by_party(lines: Iterable[tuple[Party, Line]]) -> dict[Party, Total]:
    """The total of each party's lines, in the order in which they come first."""
    totals: dict[Party, Total] = {}
    for party, line in lines:
        totals[party] = totals.get(party, Total()).plus(line)
    return totals
