"""What a growth adds: with what stands it is the order, instant by instant, and nothing twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.additions import addition, begins_at, draw_addition, is_growth
from booking.domain.admission import admit
from booking.domain.capacity import Steps
from booking.domain.orders import Order
from tests.domain.examples import at, grant, hours, order, pool, situation, together

HOUR = 3600
lengths = st.integers(0, 4)
units = st.integers(1, 6)


@st.composite
def growths(draw: st.DrawFn) -> tuple[Order, Order]:
    """An order and one that has all of it."""
    start, length = draw(st.integers(8, 12)), draw(st.integers(1, 6))
    had, also = draw(units), draw(st.booleans())
    standing = together(hours(start, start + length), (1, had))
    window = hours(start - draw(lengths), start + length + draw(lengths))
    more = [(1, had + draw(st.integers(0, 4))), *([(2, draw(units))] if also else [])]
    return together(window, *more), standing


def held(asked: Order, resource_id: int) -> Steps:
    return Steps.total(
        (asked.window.start, asked.window.end, c.units) for c in asked.claims if c.resource_id == resource_id
    )


@given(growths())
def test_what_stands_and_what_is_added_are_the_order_at_every_instant(grown: tuple[Order, Order]) -> None:
    asked, standing = grown
    if not is_growth(asked, standing):
        assert asked == standing
        return
    added = addition(asked, standing)
    assert begins_at(added) == min(block.window.start for block in added)
    for resource_id in (1, 2):
        own = Steps.total((b.window.start, b.window.end, b.units) for b in added if b.resource_id == resource_id)
        assert held(standing, resource_id).plus(own) == held(asked, resource_id)


@given(growths())
def test_what_is_added_costs_the_difference(grown: tuple[Order, Order]) -> None:
    asked, standing = grown
    if is_growth(asked, standing):
        pools = {1: pool(1, weight_percent=300), 2: pool(2, weight_percent=25)}
        lines, missing = draw_addition(addition(asked, standing), pools, [grant(1)])
        against = situation(*pools.values())
        before = admit(standing, against).cost
        drawn = sum(line.unit_seconds for own in lines.values() for line in own)
        assert (drawn, missing) == (admit(asked, against).cost - before, 0)


@pytest.mark.parametrize(
    "other",
    [order(8, hours(10, 12)), order(8, hours(11, 14)), order(4, hours(10, 14)), order(8, hours(10, 14), of=2)],
    ids=["the same", "a later start", "fewer units", "another pool"],
)
def test_what_gives_anything_up_is_no_growth(other: Order) -> None:
    assert not is_growth(other, order(8, hours(10, 12)))
    with pytest.raises(ValueError, match="growth"):
        addition(other, order(8, hours(10, 12)))


def test_of_what_is_confirmed_only_the_addition_waits_and_not_beyond_its_beginning() -> None:
    against = situation(pool(auto_approve_unit_hours=10, hold_minutes=600), now=at(9))
    decided = admit(order(8, hours(8, 14)), against, standing=order(8, hours(8, 12)), confirmed=True)
    assert (decided.approvals, decided.hold_until, decided.refusals) == ({1}, at(12), ())


def test_only_owners_of_what_is_added_are_asked() -> None:
    against = situation(pool(1, auto_approve_unit_hours=0), pool(2, auto_approve_unit_hours=0))
    standing = together(hours(10, 12), (1, 4), (2, 4))
    decided = admit(together(hours(10, 12), (1, 8), (2, 4)), against, standing=standing, confirmed=True)
    assert decided.approvals == {1}


def test_what_the_grants_have_no_room_for_beside_is_missing() -> None:
    added = addition(order(8, hours(10, 14)), order(8, hours(10, 12)))
    lines, missing = draw_addition(added, {1: pool()}, [grant(1, 20 * HOUR, held=10 * HOUR)])
    assert (sum(line.unit_seconds for line in lines[1]), missing) == (10 * HOUR, 6 * HOUR)
