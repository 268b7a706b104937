"""A small world of pools, grants and bookings that only the rules move; lists and loops, so that it can be believed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from booking.domain.admission import admit
from booking.domain.capacity import CapacityChange, Standing, Steps, displaced, offered
from booking.domain.ledger import EFFECTS, Entry, Grant, Line, Terms, price_of_end, served, settle, still_held
from booking.domain.lifecycle import OPEN, State, move
from booking.domain.orders import Decision, Order, Resource, Situation, Use
from booking.domain.windows import Window, ceil_to_grid
from tests.domain.examples import MONDAY, TEAM


@dataclass
class Booked:
    """A booking with its history, what it occupies by resource, and its ledger entries by resource."""

    number: int
    order: Order
    history: list[State]
    terms: dict[int, Terms]
    occupied: dict[int, Window]
    entries: dict[int, list[tuple[Entry, Line]]]
    hold_until: datetime | None
    check_in_until: datetime | None
    checked_in: bool = False
    displaced: bool = False

    @property
    def state(self) -> State:
        return self.history[-1]

    def become(self, state: State) -> None:
        self.history.append(move(self.state, state, "become"))


@dataclass
class World:
    pools: list[Resource]
    grants: list[Grant]
    now: datetime = MONDAY
    changes: dict[int, list[CapacityChange]] = field(default_factory=dict)
    bookings: list[Booked] = field(default_factory=list)

    def offer(self, pool: int) -> Steps:
        return offered(self.changes.get(pool, []))

    def situation(self, without: Booked | None = None) -> Situation:
        """What an order is judged against, but for what one booking holds itself."""
        others = [one for one in self.bookings if one is not without]
        resources, uses = {}, {}
        for pool in self.pools:
            held = [(one.occupied[pool.id], one.order.units_of(pool.id)) for one in others if pool.id in one.occupied]
            taken = Steps.total((window.start, window.end, units) for window, units in held)
            at_a_time = Steps.total((window.start, window.end, 1) for window, _ in held)
            resources[pool.id] = replace(pool, offer=self.offer(pool.id), held=taken)
            uses[pool.id] = Use(taken, at_a_time, sum(units * window.seconds for window, units in held))
        grants = tuple(self.standing(grant, others) for grant in self.grants)
        return Situation(self.now, TEAM, resources, grants, uses)

    def standing(self, grant: Grant, bookings: list[Booked]) -> Grant:
        """A grant with the sums of its entries."""
        amount, held, charged = grant.amount, 0, 0
        used: Counter[datetime] = Counter()
        for kind, line in self.entries(bookings, grant.id):
            effects = [by * line.unit_seconds for by in EFFECTS[kind]]
            amount, held, charged = amount + effects[0], held + effects[1], charged + effects[2]
            if line.period_start is not None:
                used[line.period_start] += effects[1] + effects[2]
        return replace(grant, amount=amount, held=held, charged=charged, used=used)

    def entries(self, bookings: list[Booked], grant: int) -> list[tuple[Entry, Line]]:
        own = [entry for one in bookings for entries in one.entries.values() for entry in entries]
        return [(kind, line) for kind, line in own if line.grant_id == grant]

    def book(self, order: Order) -> Decision:
        decision = admit(order, self.situation())
        if not decision.refusals:
            number = len(self.bookings) + 1
            one = Booked(
                number, order, [decision.state], {}, {}, {claim.resource_id: [] for claim in order.claims}, None, None
            )
            self.bookings.append(one)
            self.write(one, order, decision)
        return decision

    def write(self, one: Booked, order: Order, decision: Decision) -> None:
        """Bring a booking to what was decided: its terms, its deadlines, its units and its quota."""
        one.order, one.terms = order, dict(decision.terms)
        one.hold_until, one.check_in_until = decision.hold_until, decision.check_in_until
        one.occupied = {claim.resource_id: order.window for claim in order.claims} if decision.holds else {}
        for resource, lines in decision.lines.items():
            _, releases = settle(still_held(one.entries.setdefault(resource, [])), 0)
            one.entries[resource] += [(Entry.RELEASE, line) for line in releases]
            one.entries[resource] += [(Entry.HOLD, line) for line in lines]

    def edit(self, one: Booked, order: Order) -> Decision:
        """Change what a confirmed booking asks for; a growth that needs approval is left alone."""
        decision = admit(order, self.situation(without=one), standing=one.order)
        if not decision.refusals and not decision.approvals:
            self.write(one, order, decision)
            one.displaced = False
        return decision

    def approve(self, one: Booked) -> Decision:
        decision = admit(one.order, self.situation(without=one), approved=True)
        if not decision.refusals:
            one.become(State.CONFIRMED)
            self.write(one, one.order, decision)
        return decision

    def end(self, one: Booked, state: State, price: Callable[[Terms], int]) -> None:
        """End a booking at a price for each claim, and give back its units from the next grid instant on."""
        one.become(state)
        one.displaced = False
        for resource in one.entries:
            charges, releases = settle(still_held(one.entries[resource]), price(one.terms[resource]))
            one.entries[resource] += [(Entry.CHARGE, line) for line in charges]
            one.entries[resource] += [(Entry.RELEASE, line) for line in releases]
        for resource, window in list(one.occupied.items()):
            freed = ceil_to_grid(self.now, self.situation().resources[resource].grid_minutes)
            if freed <= window.start:
                del one.occupied[resource]
            elif freed < window.end:
                one.occupied[resource] = Window(window.start, freed)

    def give_up(self, one: Booked, state: State) -> None:
        self.end(one, state, lambda terms: price_of_end(terms, asked=self.now, served_until=self.now))

    def change(self, pool: int, change: CapacityChange) -> None:
        """Publish or cut capacity; whoever no longer fits stands as displaced."""
        self.changes.setdefault(pool, []).append(change)
        standing = [
            Standing(one.number, one.occupied[pool], one.order.units_of(pool), (MONDAY, one.number))
            for one in self.bookings
            if pool in one.occupied and one.state in OPEN
        ]
        gone = {one.booking_id for one in displaced(self.offer(pool), standing, self.now)}
        for one in self.bookings:
            one.displaced = one.displaced or one.number in gone

    def pass_to(self, instant: datetime) -> None:
        """Let time pass to the next instant at which something is due, again and again, until this one."""
        while True:
            due = min((when for one in self.bookings if (when := self.due(one))), default=instant)
            if due > instant:
                break
            self.now = max(self.now, due)
            waiting = [one for one in self.bookings if (when := self.due(one)) and when <= self.now]
            if not waiting:
                break
            for one in waiting:
                self.settle_due(one)
        self.now = instant

    def due(self, one: Booked) -> datetime | None:
        window = one.order.window
        if one.state is State.PENDING:
            return one.hold_until
        if one.state is State.CONFIRMED:
            needs_check_in = one.check_in_until is not None and not one.checked_in and not one.displaced
            return one.check_in_until if needs_check_in else window.start
        return window.end if one.state is State.ACTIVE else None

    def settle_due(self, one: Booked) -> None:
        if one.state is State.PENDING:
            self.end(one, State.EXPIRED, lambda terms: 0)
        elif one.state is State.ACTIVE:
            self.end(one, State.COMPLETED, lambda terms: price_of_end(terms, asked=None, served_until=self.now))
        elif one.displaced:
            self.end(one, State.REVOKED, lambda terms: served(terms, self.now))
        elif one.check_in_until is not None and not one.checked_in:
            self.give_up(one, State.NO_SHOW)
        else:
            one.become(State.ACTIVE)
