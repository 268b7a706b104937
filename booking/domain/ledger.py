"""Ledger arithmetic: which grants a booking draws on, what its end costs, and what goes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from booking.domain.policies import Charge
from booking.domain.values import altered
from booking.domain.windows import Window


class Entry(StrEnum):
    """The kinds of ledger entries."""

    GRANT = "grant"
    CUT = "cut"
    HOLD = "hold"
    RELEASE = "release"
    CHARGE = "charge"
    REFUND = "refund"
    EXPIRE = "expire"


EFFECTS: dict[Entry, tuple[int, int, int]] = {
    Entry.GRANT: (1, 0, 0),
    Entry.CUT: (-1, 0, 0),
    Entry.HOLD: (0, 1, 0),
    Entry.RELEASE: (0, -1, 0),
    Entry.CHARGE: (0, -1, 1),
    Entry.REFUND: (0, 0, -1),
    Entry.EXPIRE: (-1, 0, 0),
}
"""What one unit-second of each entry does to a grant's amount, held and charged."""


class Per(StrEnum):
    """The period of a cap."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `unit_seconds` of a grant within one week (from Monday) or month of `timezone`."""

    unit_seconds: int
    per: Per
    timezone: str = "UTC"

    def period_of(self, instant: datetime) -> Window:
        """The week or month that an instant falls into."""
        day = instant.astimezone(ZoneInfo(self.timezone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        if self.per is Per.WEEK:
            first = day - timedelta(days=day.weekday())
            following = first + timedelta(days=7)
        else:
            first = day.replace(day=1)
            following = (first + timedelta(days=32)).replace(day=1)
        return Window(first.astimezone(UTC), following.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as it stands; all amounts in unit-seconds, `used` by the start of the period where it is capped.

    With a `subsidy_percent` it is a voucher: its issuer pays that share of what is charged.
    """

    id: int
    window: Window
    amount: int
    held: int = 0
    charged: int = 0
    kind: str | None = None
    resource_id: int | None = None
    facility_id: int | None = None
    cap: Cap | None = None
    used: Mapping[datetime, int] = field(default_factory=dict)
    subsidy_percent: int | None = None

    @property
    def is_voucher(self) -> bool:
        """Whether a funder pays a share of what is charged to it."""
        return self.subsidy_percent is not None

    @property
    def left(self) -> int:
        return self.amount - self.held - self.charged

    def covers(self, *, kind: str, resource_id: int, facility_id: int | None) -> bool:
        """Whether the grant is for such a resource."""
        if self.kind is not None:
            return self.kind == kind
        if self.resource_id is not None:
            return self.resource_id == resource_id
        return self.facility_id == facility_id

    def room(self, period: Window | None) -> int:
        """What can still be held, within the period where a cap counts."""
        if self.cap is None or period is None:
            return self.left
        return min(self.left, self.cap.unit_seconds - self.used.get(period.start, 0))

    def holding(self, unit_seconds: int, period: Window | None) -> Grant:
        """The grant with so much more held."""
        used = self.used
        if period is not None:
            used = {**used, period.start: used.get(period.start, 0) + unit_seconds}
        return altered(self, held=self.held + unit_seconds, used=used)


@dataclass(frozen=True, slots=True)
class Line:
    """Unit-seconds of one grant, in one period where the grant is capped."""

    grant_id: int
    period_start: datetime | None
    unit_seconds: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Unit-seconds that no grant had room for, over `window`.

    `capped` is the grant whose period cap stood in the way, `period` that period; `covered` tells whether any grant was
    valid there, `past_every_grant` whether all that cover the resource end before.
    """

    window: Window
    unit_seconds: int
    covered: bool
    past_every_grant: bool
    capped: Grant | None = None
    period: Window | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """What a claim would hold, in the order it was drawn, what was missing, and the grants afterwards."""

    lines: tuple[Line, ...]
    shortfalls: tuple[Shortfall, ...]
    grants: tuple[Grant, ...]


def price_of(units: int, seconds: int, weight_percent: int) -> int:
    """Unit-seconds of quota for units over seconds; a fraction, possible only off the minute, is dropped."""
    return units * seconds * weight_percent // 100


def draw(grants: Sequence[Grant], covering: Iterable[int], window: Window, units: int, weight_percent: int) -> Draw:
    """Draw a claim on the grants named by `covering`: at each instant on the valid one that ends first.

    Ties go to the older grant; where one has no room the next is used. A booking over the boundary of a period counts
    in each period with its part.
    """
    standing = {grant.id: grant for grant in grants}
    order = sorted(set(covering), key=lambda grant_id: (standing[grant_id].window.end, grant_id))
    lines: list[Line] = []
    shortfalls: list[Shortfall] = []
    priced = 0
    for part in window.split(_boundaries([standing[grant_id] for grant_id in order], window)):
        # Counted from the start, so that parts off the minute add up to the price of the whole.
        wanted = price_of(units, int((part.end - window.start).total_seconds()), weight_percent) - priced
        priced += wanted
        for grant_id in order:
            grant = standing[grant_id]
            if wanted == 0 or not grant.window.overlaps(part):
                continue
            period = grant.cap.period_of(part.start) if grant.cap else None
            taken = max(0, min(wanted, grant.room(period)))
            if taken == 0:
                continue
            standing[grant_id] = grant.holding(taken, period)
            lines.append(Line(grant_id, period.start if period else None, taken))
            wanted -= taken
        if wanted:
            shortfalls.append(_shortfall([standing[grant_id] for grant_id in order], part, wanted))
    return Draw(_merged(lines), tuple(shortfalls), tuple(standing[grant.id] for grant in grants))


def _boundaries(grants: Sequence[Grant], window: Window) -> list[datetime]:
    """Every instant inside the window at which another grant or another period may begin to count."""
    instants = [edge for grant in grants for edge in (grant.window.start, grant.window.end)]
    for cap in {grant.cap for grant in grants if grant.cap}:
        edge = cap.period_of(window.start).end
        while edge < window.end:
            instants.append(edge)
            edge = cap.period_of(edge).end
    return instants


def _shortfall(grants: Sequence[Grant], part: Window, missing: int) -> Shortfall:
    valid = [grant for grant in grants if grant.window.intersection(part)]
    past = bool(grants) and all(grant.window.end <= part.start for grant in grants)
    for grant in valid:
        if grant.cap and grant.left > 0:
            return Shortfall(part, missing, True, past, grant, grant.cap.period_of(part.start))
    return Shortfall(part, missing, bool(valid), past)


def _merged(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Neighbouring lines of one grant and period as one."""
    merged: list[Line] = []
    for line in lines:
        last = merged[-1] if merged else None
        if last and (last.grant_id, last.period_start) == (line.grant_id, line.period_start):
            merged[-1] = replace(last, unit_seconds=last.unit_seconds + line.unit_seconds)
        else:
            merged.append(line)
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed for a claim when it was admitted, for the price of its end."""

    units: int
    window: Window
    weight_percent: int = 100
    cancel_cutoff_minutes: int = 0
    late_cancel_percent: int = 0
    charge: Charge = Charge.BOOKED
    min_charge_percent: int = 0

    @property
    def whole(self) -> int:
        """Unit-seconds of quota for the whole window."""
        return price_of(self.units, self.window.seconds, self.weight_percent)


def served(terms: Terms, until: datetime) -> int:
    """Unit-seconds of quota for what was served up to an instant, to the second."""
    end = min(until, terms.window.end)
    if end <= terms.window.start:
        return 0
    return price_of(terms.units, int((end - terms.window.start).total_seconds()), terms.weight_percent)


def price_of_end(terms: Terms, *, asked: datetime | None, served_until: datetime, measured: int | None = None) -> int:
    """The price of a claim that ends by its team's doing: cancelled, finished early, or not shown up for.

    `asked` is when the team ended it, None where it ran to its end. Asked before the cut-off it is what was served;
    after it at least the late share of the whole. Where use is charged as measured, an unknown measure counts as
    served, and a known one is kept between its least share and the whole.
    """
    price = served(terms, served_until)
    if asked is not None and asked <= terms.window.start - timedelta(minutes=terms.cancel_cutoff_minutes):
        return price
    if terms.charge is Charge.MEASURED and measured is not None:
        least = terms.whole * terms.min_charge_percent // 100
        price = min(max(measured, least), terms.whole)
    if asked is not None:
        price = max(price, terms.whole * terms.late_cancel_percent // 100)
    return price


def given_up(terms: Terms, units: int, window: Window, *, asked: datetime) -> int:
    """The price of the part of a claim that a change gives up: the late share of that part, after the cut-off."""
    if asked <= terms.window.start - timedelta(minutes=terms.cancel_cutoff_minutes):
        return 0
    kept = terms.window.intersection(window)
    kept_units = min(units, terms.units)
    still = price_of(kept_units, kept.seconds, terms.weight_percent) if kept and kept_units else 0
    return (terms.whole - still) * terms.late_cancel_percent // 100


def settle(held: Sequence[Line], price: int) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Charges and releases that settle what a claim holds at a price; the first drawn are charged first.

    Releases come in the reverse order of the draws.
    """
    charges: list[Line] = []
    releases: list[Line] = []
    for line in held:
        charged = min(line.unit_seconds, price)
        price -= charged
        if charged:
            charges.append(replace(line, unit_seconds=charged))
        if line.unit_seconds > charged:
            releases.append(replace(line, unit_seconds=line.unit_seconds - charged))
    return tuple(charges), tuple(reversed(releases))


def still_held(entries: Iterable[tuple[Entry, Line]]) -> tuple[Line, ...]:
    """What a claim's entries leave held, in the order it was drawn."""
    held: list[Line] = []
    for kind, line in entries:
        if kind is Entry.HOLD:
            held.append(line)
        elif kind is Entry.CHARGE:
            held = _take(held, line)
        elif kind is Entry.RELEASE:
            held = _take(held[::-1], line)[::-1]
    return tuple(held)


def _take(held: list[Line], line: Line) -> list[Line]:
    """`held` less one line, taken from the first of the same grant and period."""
    wanted = line.unit_seconds
    rest = []
    for own in held:
        same = (own.grant_id, own.period_start) == (line.grant_id, line.period_start)
        taken = min(wanted, own.unit_seconds) if same else 0
        wanted -= taken
        if own.unit_seconds > taken:
            rest.append(replace(own, unit_seconds=own.unit_seconds - taken))
    return rest
