"""Pinning: which machines a booking gets, decided shortly before it begins.

In the order of their starts, every booking takes nodes that are free over its whole window. At the moment of a start
the rule of no overbooking leaves so many nodes free, and nothing that comes later is in the way: there are always
enough.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.domain.clusters import in_order
from booking.domain.windows import Window


@dataclass(frozen=True, slots=True)
class Place:
    """A booking's part of a pool: how many nodes over which window, and which it has already."""

    booking_id: int
    window: Window
    count: int
    nodes: tuple[str, ...] = ()


def pinned(
    nodes: Sequence[str], places: Iterable[Place], now: datetime, *, unusable: Collection[str] = frozenset()
) -> Mapping[int, tuple[str, ...]]:
    """The nodes of every place by booking; fewer than asked for only where an outage has displaced it.

    What has begun keeps its nodes, what is still to come may be given others when it must. Nodes that the cluster calls
    `unusable` are taken last.
    """
    places = sorted(places, key=lambda each: (each.window.start, each.booking_id))
    begun = {place.booking_id: place.nodes[: place.count] for place in places if place.window.start <= now}
    taken = [(place.window, node) for place in places for node in begun.get(place.booking_id, ())]
    spoken_for = {node for place in places for node in place.nodes}

    chosen: dict[int, tuple[str, ...]] = {}
    for place in places:
        kept = begun.get(place.booking_id) or _kept(place, nodes, taken)
        free = [node for node in nodes if node not in kept and _is_free(node, place.window, taken)]
        free.sort(key=lambda node: (node in unusable, node in spoken_for))
        more = free[: max(0, place.count - len(kept))]
        new = more if place.booking_id in begun else [*kept, *more]
        taken += [(place.window, node) for node in new]
        chosen[place.booking_id] = in_order((*kept, *more))
    return chosen


def _kept(place: Place, nodes: Sequence[str], taken: Sequence[tuple[Window, str]]) -> tuple[str, ...]:
    """Of the nodes that it was to have, those that the pool still has and that nobody has taken meanwhile."""
    own = [node for node in place.nodes if node in nodes and _is_free(node, place.window, taken)]
    return tuple(own[: place.count])


def _is_free(node: str, window: Window, taken: Sequence[tuple[Window, str]]) -> bool:
    return not any(node == other and window.overlaps(held) for held, other in taken)
