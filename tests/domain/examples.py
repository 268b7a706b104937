"""What the tests of the rules begin from: a Monday, a pool, a team, a grant, and strategies for more of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from booking.domain.capacity import NOTHING, Steps
from booking.domain.ledger import Cap, Grant, Per
from booking.domain.orders import Claim, Order, Resource, Situation, Team
from booking.domain.policies import Policy
from booking.domain.refusals import Code, Refusal
from booking.domain.windows import Window

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
ALWAYS = Window(datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
PLENTY = 10**12


def at(hour: float = 0, minute: float = 0, second: float = 0, *, day: int = 0) -> datetime:
    """An instant counted from the Monday on which the examples begin."""
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def hours(start: float, end: float) -> Window:
    """A window between two hours counted from that Monday."""
    return Window(at(start), at(end))


def minutes(start: float, end: float) -> Window:
    """A window between two minutes counted from that Monday."""
    return Window(at(minute=start), at(minute=end))


def blocks(*occupied: tuple[float, float, int]) -> Steps:
    """The levels of units held between two hours."""
    return Steps.total((at(start), at(end), units) for start, end, units in occupied)


def grant(number: int = 1, amount: int = PLENTY, window: Window = ALWAYS, **fields: Any) -> Grant:
    """A grant of kind `pool`, unless it says otherwise."""
    scope = {} if {"kind", "resource_id", "facility_id"} & set(fields) else {"kind": "pool"}
    return Grant(number, window, amount, **scope, **fields)


def weekly(amount: int, timezone: str = "UTC") -> Cap:
    return Cap(amount, Per.WEEK, timezone)


def pool(number: int = 1, *, units: int = 64, held: Steps = NOTHING, **fields: Any) -> Resource:
    """A published pool that offers so many units at all times; what the policy has goes there, the rest beside it."""
    policy = {name: fields.pop(name) for name in list(fields) if name in Policy.__dataclass_fields__}
    plain = Resource(
        id=number,
        kind="pool",
        name=f"Pool {number}",
        slug=f"pool-{number}",
        state="published",
        organisation_id=1,
        facility_id=1,
        grid_minutes=15,
        policy=Policy(**policy),
        offer=Steps(base=units),
        held=held,
    )
    return replace(plain, **fields)


def dataset(number: int = 2, *, seats: int = 2, **fields: Any) -> Resource:
    """A published dataset with so many seats, used through its gateway."""
    known = {"kind": "dataset", "slug": f"dataset-{number}", "access": "gateway", **fields}
    return pool(number, units=seats, **known)


TEAM = Team(
    id=1,
    name="Traffic lights",
    state="approved",
    approved_until=at(day=365),
    organisation_kind="university",
    region="Shanghai",
)


def situation(
    *resources: Resource, now: datetime = MONDAY, team: Team = TEAM, grants: Iterable[Grant] | None = None, **rest: Any
) -> Situation:
    """Where these resources stand (one pool, unless given) and the team has quota for all of them, unless it says."""
    known = resources or (pool(),)
    usual = (grant(1), grant(2, kind="dataset"))
    given = usual if grants is None else tuple(grants)
    return Situation(now, team, {resource.id: resource for resource in known}, given, **rest)


def order(units: int = 8, window: Window | None = None, *, of: int = 1) -> Order:
    """Units of one resource, from ten to twelve on the Monday unless it says."""
    return Order(TEAM.id, window or hours(10, 12), (Claim(of, units),), "training")


def together(window: Window, *claims: tuple[int, int]) -> Order:
    """An order of several claims (resource, units)."""
    return Order(TEAM.id, window, tuple(Claim(resource, units) for resource, units in claims), "training")


def codes(refusals: Iterable[Refusal]) -> list[Code]:
    return [refusal.code for refusal in refusals]


def spoken(refusal: Refusal) -> str:
    """The sentence with all its places filled; a KeyError where a number is missing."""
    return refusal.message % refusal.places()


@st.composite
def windows(draw: st.DrawFn, *, first: int = 0, last: int = 60, unit: timedelta = timedelta(minutes=1)) -> Window:
    """Windows between two numbers of units after the Monday."""
    start = draw(st.integers(first, last - 1))
    end = draw(st.integers(start + 1, last))
    return Window(MONDAY + start * unit, MONDAY + end * unit)


@st.composite
def occupations(draw: st.DrawFn, *, most: int = 6, units: int = 5) -> list[tuple[datetime, datetime | None, int]]:
    """Units over windows within an hour, some of them for ever."""
    found: list[tuple[datetime, datetime | None, int]] = []
    for window in draw(st.lists(windows(), max_size=most)):
        ends = draw(st.booleans()) or draw(st.booleans())
        found.append((window.start, window.end if ends else None, draw(st.integers(0, units))))
    return found
