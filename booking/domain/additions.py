"""What a growth adds to a standing order: blocks of units over time, apart from what stands already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.domain.ledger import Draw, Grant, Line, draw
from booking.domain.orders import Order, Resource, covers
from booking.domain.policies import Quota
from booking.domain.windows import Window


@dataclass(frozen=True, slots=True)
class Block:
    """Units of one resource over one window."""

    resource_id: int
    window: Window
    units: int


def is_growth(order: Order, standing: Order) -> bool:
    """Whether an order has everything that the standing one has, and something more."""
    keeps_all = all(order.units_of(claim.resource_id) >= claim.units for claim in standing.claims)
    covers_all = order.window.start <= standing.window.start and standing.window.end <= order.window.end
    return covers_all and keeps_all and order.unit_seconds > standing.unit_seconds


def addition(order: Order, standing: Order) -> tuple[Block, ...]:
    """The blocks that a growth adds: before the standing window, inside it what is more, and behind it.

    Together with what stands they are the order. ValueError where it is no growth.
    """
    if not is_growth(order, standing):
        raise ValueError("only a growth is an addition")
    blocks = []
    for claim in order.claims:
        had = standing.units_of(claim.resource_id)
        for part in order.window.split([standing.window.start, standing.window.end]):
            more = claim.units - (had if standing.window.contains(part.start) else 0)
            if more:
                blocks.append(Block(claim.resource_id, part, more))
    return tuple(blocks)


def begins_at(blocks: Iterable[Block]) -> datetime:
    """The first instant at which an addition is used."""
    return min(block.window.start for block in blocks)


def spans(blocks: Iterable[Block]) -> dict[int, Window]:
    """For each resource one window around all of its blocks."""
    around: dict[int, Window] = {}
    for block in blocks:
        known = around.get(block.resource_id, block.window)
        around[block.resource_id] = Window(min(known.start, block.window.start), max(known.end, block.window.end))
    return around


def draw_addition(
    blocks: Sequence[Block], resources: Mapping[int, Resource], grants: Sequence[Grant]
) -> tuple[dict[int, tuple[Line, ...]], int]:
    """What an addition holds of grants as they stand, by resource, and the unit-seconds that no grant has room for.

    What the standing order has drawn stays where it is.
    """
    lines: dict[int, tuple[Line, ...]] = {}
    missing = 0
    for block in blocks:
        drawn = _draw(block, resources[block.resource_id], grants)
        grants = drawn.grants
        lines[block.resource_id] = (*lines.get(block.resource_id, ()), *drawn.lines)
        missing += sum(shortfall.unit_seconds for shortfall in drawn.shortfalls)
    return lines, missing


def _draw(block: Block, resource: Resource, grants: Sequence[Grant]) -> Draw:
    weight = resource.policy.weight_percent if resource.policy.quota is Quota.REQUIRED else 0
    covering = [grant.id for grant in grants if covers(grant, resource)]
    return draw(grants, covering, block.window, block.units, weight)
