"""How an order lies in what is offered: the block that it would take, drawn over the curve, and the same in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from booking.domain.additions import Block
from booking.domain.availability import Level, Span, spans
from booking.domain.orders import Order
from booking.domain.timelines import coarse
from booking.domain.windows import Window
from booking.queries import availability
from booking.web.order_forms import Menu
from booking.web.timelines import Drawing, drawing_of, outline, place_of

LEAST_AROUND = timedelta(hours=3)
MOST_AROUND = timedelta(days=7)


@dataclass(frozen=True)
class Fit:
    """One claim: its block over what its resource offers and holds around the window, and the tightest of it."""

    name: str
    kind: str
    zone: str | None
    units: int
    around: Window
    drawing: Drawing
    block: str
    tightest: Span

    @property
    def has_room(self) -> bool:
        return self.units <= self.tightest.least_free


def fits_of(connection: Connection, menu: Menu, order: Order, own: Sequence[Block] = ()) -> list[Fit]:
    """Each claim of an order, in its order; one question for each. `own` is what it would take the place of."""
    around = _around(order.window)
    found = []
    for claim in order.claims:
        row = menu.by_id[claim.resource_id]
        levels = availability.levels_over(connection, row, around, own)
        drawn = coarse(levels, around).levels
        within = _within(drawn, order.window)
        drawing = drawing_of(drawn, around, at_least=max(level.held for level in within) + claim.units)
        block = _block(within, order.window, around, claim.units, drawing.most)
        tightest = spans(levels, [order.window])[0]
        found.append(Fit(row.name, row.kind, row.timezone, claim.units, around, drawing, block, tightest))
    return found


def _around(window: Window) -> Window:
    """The window with half of its length on either side."""
    margin = min(max((window.end - window.start) / 2, LEAST_AROUND), MOST_AROUND)
    return Window(window.start - margin, window.end + margin)


def _within(levels: Sequence[Level], window: Window) -> list[Level]:
    """The levels of a window, the first as of its start."""
    before = [level for level in levels if level.at <= window.start][-1:]
    return [
        *(Level(window.start, level.offered, level.held) for level in before),
        *(level for level in levels if window.start < level.at < window.end),
    ]


def _block(levels: list[Level], window: Window, around: Window, units: int, most: int) -> str:
    """The outline of the block on top of what is held already."""
    places = [place_of(Window(level.at, window.end), around).x * 10 for level in levels]
    ends = place_of(Window(window.end, around.end), around).x * 10
    return outline([*places, ends], [level.held + units for level in levels], most)
