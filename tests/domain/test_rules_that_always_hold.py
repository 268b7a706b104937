"""Publish, book, approve, edit, cancel, expire and cut capacity in any order: the rules hold after every step.

The rules are those of section 2 of DESIGN.md; they are counted grid step by grid step from the list of bookings.
"""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from booking.domain.capacity import CapacityChange, Change
from booking.domain.ledger import Cap, Per, still_held
from booking.domain.lifecycle import MOVES, OPEN, State
from booking.domain.orders import Order
from booking.domain.windows import Window, floor_to_grid, is_on_grid
from tests.domain.examples import at, grant, pool, together
from tests.domain.world import Booked, World

HOUR = 3600
STEP = timedelta(minutes=15)
LAST = 60

POOLS = [
    pool(1, check_in_minutes=20, cancel_cutoff_minutes=60, late_cancel_percent=50, auto_approve_unit_hours=30),
    pool(2, auto_approve_unit_hours=0, hold_minutes=120, weight_percent=25, max_units_per_team=6),
    pool(3, auto_approve_unit_hours=2, hold_minutes=0, max_concurrent_bookings=2),
]
# A week begins in the middle for the first, and the second begins to be valid there.
GRANTS = [
    grant(1, 40 * HOUR, Window(at(-9), at(12)), cap=Cap(12 * HOUR, Per.WEEK, "Etc/GMT+6")),
    grant(2, 60 * HOUR, Window(at(6), at(99))),
]

windows = st.builds(
    lambda first, length: Window(at() + first * STEP, at() + (first + length) * STEP),
    st.integers(0, LAST - 16),
    st.integers(1, 16),
)
claims = st.dictionaries(st.integers(1, 3), st.integers(1, 4), min_size=1, max_size=2)
pool_ids = st.integers(1, 3)


def order_of(window: Window, units: dict[int, int]) -> Order:
    return together(window, *units.items())


class LifeOfPools(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World(POOLS, GRANTS)
        self.seen: dict[int, list[State]] = {}
        for one in POOLS:
            self.world.change(one.id, CapacityChange(Change.SUPPLY, 6, at(-9), None))

    def some(self, *states: State) -> list[Booked]:
        return [one for one in self.world.bookings if one.state in states]

    # What happens ----------------------------------------------------------------------------------------------------

    @rule(window=windows, units=claims)
    def book(self, window: Window, units: dict[int, int]) -> None:
        self.world.book(order_of(window, units))

    @rule(steps=st.integers(1, 8), later=st.integers(0, 3), units=claims)
    def book_soon(self, steps: int, later: int, units: dict[int, int]) -> None:
        start = floor_to_grid(self.world.now, 15) + later * STEP
        self.world.book(order_of(Window(start, start + steps * STEP), units))

    @rule(pool_id=pool_ids, kind=st.sampled_from(Change), units=st.integers(1, 4), window=windows, ends=st.booleans())
    def publish_or_cut(self, pool_id: int, kind: Change, units: int, window: Window, ends: bool) -> None:
        start = max(window.start, self.world.now)
        end = start + (window.end - window.start) if ends or kind is not Change.SUPPLY else None
        self.world.change(pool_id, CapacityChange(kind, 0 if kind is Change.CLOSED else units, start, end))

    @precondition(lambda self: self.some(State.PENDING))
    @rule(data=st.data(), verb=st.sampled_from(["approve", "approve", "approve", "decline", "withdraw"]))
    def answer(self, data: st.DataObject, verb: str) -> None:
        one = data.draw(st.sampled_from(self.some(State.PENDING)))
        if verb == "approve":
            self.world.approve(one)
        else:
            self.world.end(one, State.DECLINED if verb == "decline" else State.CANCELLED, lambda terms: 0)

    @precondition(lambda self: self.some(State.CONFIRMED))
    @rule(data=st.data(), verb=st.sampled_from(["check in", "check in", "edit", "edit", "cancel"]))
    def use(self, data: st.DataObject, verb: str) -> None:
        one = data.draw(st.sampled_from(self.some(State.CONFIRMED)))
        if verb == "cancel":
            self.world.give_up(one, State.CANCELLED)
        elif verb == "check in":
            one.checked_in = True
        elif one.order.window.start > self.world.now:
            kept = dict.fromkeys(one.terms, data.draw(st.integers(1, 4)))
            self.world.edit(one, order_of(data.draw(windows), {**data.draw(claims), **kept}))

    @precondition(lambda self: self.some(State.ACTIVE))
    @rule(data=st.data())
    def finish_early(self, data: st.DataObject) -> None:
        self.world.give_up(data.draw(st.sampled_from(self.some(State.ACTIVE))), State.COMPLETED)

    @rule(minutes=st.integers(1, 100))
    def let_time_pass(self, minutes: int) -> None:
        self.world.pass_to(self.world.now + timedelta(minutes=minutes))

    # What always holds -----------------------------------------------------------------------------------------------

    @invariant()
    def never_overbooked(self) -> None:
        for step in range(LAST):
            instant = at() + step * STEP
            if instant < self.world.now - STEP:
                continue
            held: Counter[int] = Counter()
            for one in self.world.bookings:
                for resource, window in one.occupied.items():
                    if window.contains(instant) and not one.displaced:
                        held[resource] += one.order.units_of(resource)
            for resource, units in held.items():
                if instant >= self.world.now:
                    assert units <= self.offered_at(resource, instant)

    def offered_at(self, resource: int, instant: datetime) -> int:
        level = 0
        for change in self.world.changes[resource]:
            if change.start <= instant and (change.end is None or instant < change.end):
                if change.kind is Change.CLOSED:
                    return 0
                level += change.units if change.kind is Change.SUPPLY else -change.units
        return max(0, level)

    @invariant()
    def never_overspent(self) -> None:
        for given in GRANTS:
            standing = self.world.standing(given, self.world.bookings)
            assert standing.held >= 0
            assert standing.charged >= 0
            assert standing.held + standing.charged <= given.amount
            for used in standing.used.values():
                assert given.cap is not None
                assert 0 <= used <= given.cap.unit_seconds

    @invariant()
    def only_the_open_hold_and_they_hold_their_price(self) -> None:
        for one in self.world.bookings:
            held = sum(line.unit_seconds for entries in one.entries.values() for line in still_held(entries))
            if one.state not in OPEN:
                assert held == 0
            elif one.occupied:
                assert held == sum(terms.whole for terms in one.terms.values())
            else:
                assert (one.state, held) == (State.PENDING, 0)

    @invariant()
    def together_or_not_at_all(self) -> None:
        for one in self.world.bookings:
            if one.state in OPEN and one.occupied:
                assert one.occupied == {claim.resource_id: one.order.window for claim in one.order.claims}

    @invariant()
    def windows_are_on_the_grid_and_holds_end_by_the_start(self) -> None:
        for one in self.world.bookings:
            assert is_on_grid(one.order.window.start, 15)
            assert is_on_grid(one.order.window.end, 15)
            assert all(is_on_grid(window.end, 15) for window in one.occupied.values())
            assert one.hold_until is None or one.hold_until <= one.order.window.start

    @invariant()
    def states_move_along_the_table_and_the_past_is_never_rewritten(self) -> None:
        for one in self.world.bookings:
            before = self.seen.get(one.number, [])
            assert one.history[: len(before)] == before
            assert one.history[0] in (State.PENDING, State.CONFIRMED)
            assert all(to in MOVES[state] for state, to in pairwise(one.history))
            self.seen[one.number] = list(one.history)


LifeOfPools.TestCase.settings = settings(max_examples=40, stateful_step_count=40)
TestLifeOfPools = LifeOfPools.TestCase
