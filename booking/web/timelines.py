"""The timeline of a resource as a page draws it: levels, bars and outages of a day, a week or a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request, url_for

from booking.domain.availability import Level, Span, levels, spans
from booking.domain.capacity import CapacityChange, Change
from booking.domain.listings import Listing
from booking.domain.permissions import Actor, may_own
from booking.domain.timelines import Bar, Period, View, busy, coarse, lanes
from booking.domain.windows import Window
from booking.http.words import shown_zone, stamp
from booking.queries import availability, capacity
from booking.queries.searches import held_within
from booking.queries.timelines import bars_within
from booking.web.paging import YEARS

MOST_BARS = 60
"""More bookings of others than that are drawn as one bar for each busy stretch."""

HEIGHT = 100
WIDTH = 1000


@dataclass(frozen=True)
class Drawing:
    """A step chart in a box of WIDTH × HEIGHT: the outlines of what is offered, and of what is held of it."""

    offered: str
    held: str
    most: int


@dataclass(frozen=True)
class Place:
    """Where on a line of 100 something begins, and how much of it it takes."""

    x: float
    width: float


@dataclass(frozen=True)
class Timeline:
    """What a resource offers and holds over a period, ready to be drawn and to be read."""

    period: Period
    changes: list[Level]
    levels: list[Level]
    drawing: Drawing
    coarse_minutes: int
    parts: list[Span]
    rows: list[list[tuple[Bar, Place]]]
    own: list[Bar]
    are_merged: bool
    outages: list[CapacityChange]
    now: datetime

    @property
    def now_place(self) -> Place | None:
        """Where the present lies on the chart; None where it is not on it."""
        window = self.period.window
        return place_of(Window(self.now, window.end), window) if window.contains(self.now) else None

    @property
    def away(self) -> list[Window]:
        """The outages, cut to the period."""
        window = self.period.window
        return [Window(max(each.start, window.start), min(each.end or window.end, window.end)) for each in self.outages]

    @property
    def outage_places(self) -> list[Place]:
        """Where outages lie on the chart."""
        return [place_of(each, self.period.window) for each in self.away]

    @property
    def series(self) -> dict[str, Any]:
        """The levels as the chart that runs in a browser takes them: seconds, units."""
        last = self.levels[-1]
        points = [*self.levels, Level(self.period.window.end, last.offered, last.held)]
        return {
            "at": [int(level.at.timestamp()) for level in points],
            "offered": [level.offered for level in points],
            "held": [level.held for level in points],
            "outages": [(int(each.start.timestamp()), int(each.end.timestamp())) for each in self.away],
            "now": int(self.now.timestamp()) if self.now_place else None,
        }


def asked_period(zone: str, now: datetime) -> Period:
    """The period that the address names by `view` and `day`: a week from today where it names none."""
    zone = shown_zone(zone)
    asked = request.args.get("view", "")
    view = View(asked) if asked in {each.value for each in View} else View.WEEK
    day = _asked_day()
    return Period(view, day, zone) if day else Period.from_now(view, now, zone)


def timeline_of(connection, listing: Listing, row, period: Period, *, actor: Actor, now: datetime) -> Timeline:
    """Five questions, however many bookings there are."""
    window = period.window
    found = availability.levels_over(connection, row, window)
    drawn = coarse(found, window)
    sees_all = may_own(actor, listing.organisation_id, listing.kind)
    own, others = bars_within(
        connection, listing.id, window, teams=None if sees_all else frozenset(actor.teams), limit=MOST_BARS + 1
    )
    are_merged = max(len(own), len(others)) > MOST_BARS
    shown = [*own[:MOST_BARS], *(busy(drawn.levels, window) if are_merged else others)]
    return Timeline(
        period=period,
        changes=found,
        levels=list(drawn.levels),
        drawing=drawing_of(drawn.levels, window),
        coarse_minutes=drawn.minutes,
        parts=spans(found, period.parts()),
        rows=[[(bar, place_of(bar.window, window)) for bar in row] for row in lanes(shown)],
        own=sorted(own[:MOST_BARS], key=lambda bar: bar.window),
        are_merged=are_merged,
        outages=[each for each in capacity.changes_of(connection, listing.id) if _is_seen(each, window)],
        now=now,
    )


@dataclass(frozen=True)
class Strip:
    """One pool of several over a period: its chart, and the same in numbers."""

    drawing: Drawing
    total: Span
    outages: list[CapacityChange]


def pools_over(connection, pools, period: Period) -> dict[int, Strip]:
    """Each pool of a facility over a period, by id; four questions for any number of them."""
    if not pools:
        return {}
    window = period.window
    offers = capacity.offers(connection, pools)
    held = held_within(connection, [row.id for row in pools], window)
    changes = capacity.changes_by_resource(connection, [row.id for row in pools])
    strips = {}
    for row in pools:
        found = levels(offers[row.id].steps, held[row.id], window)
        outages = [each for each in changes.get(row.id, []) if _is_seen(each, window)]
        strips[row.id] = Strip(drawing_of(coarse(found, window).levels, window), spans(found, [window])[0], outages)
    return strips


def drawing_of(levels: Sequence[Level], window: Window, at_least: int = 1) -> Drawing:
    """The outlines of a step chart; its upper edge is the highest level, or `at_least` so many units."""
    most = max(at_least, *(max(level.offered, level.held) for level in levels))
    places = [place_of(Window(level.at, window.end), window).x * WIDTH / 100 for level in levels] + [WIDTH]
    return Drawing(
        outline(places, [level.offered for level in levels], most),
        outline(places, [level.held for level in levels], most),
        most,
    )


def place_of(inner: Window, outer: Window) -> Place:
    """Where a window lies in another, in per cent of its length, cut to it."""
    cut = inner.intersection(outer)
    if cut is None:
        return Place(100, 0)
    start = 100 * (cut.start - outer.start).total_seconds() / outer.seconds
    return Place(round(start, 3), round(100 * cut.seconds / outer.seconds, 3))


def neighbours(period: Period) -> dict[str, str]:
    """The addresses of the period before and after, of today, and of the other views from the same day."""
    return {
        "before": _address(period.view, period.before),
        "after": _address(period.view, period.after),
        "today": _address(period.view, None),
        **{view.value: _address(view, period.day) for view in View},
    }


def outline(places: Sequence[float], units: Sequence[int], most: int) -> str:
    """A path along the bottom and over the steps, from the first place to the last, one more than there are steps."""
    steps = "".join(
        f"V{_short(HEIGHT - HEIGHT * level / most)}H{_short(after)}"
        for level, after in zip(units, places[1:], strict=True)
    )
    return f"M{_short(places[0])} {HEIGHT}{steps}V{HEIGHT}Z"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def changes_address(since: datetime | None = None) -> str:
    """The address of the changes of the same period from an instant on."""
    kept = {name: value for name, value in request.args.items() if name in ("view", "day")}
    more = {"from": stamp(since)} if since else {}
    return url_for(request.endpoint, **(request.view_args or {}), **kept, **more, _anchor="changes")


def _address(view: View, day: date | None) -> str:
    named = {"view": view.value} | ({"day": str(day)} if day else {})
    return url_for(request.endpoint, **(request.view_args or {}), **named, _anchor="timeline")


def _asked_day() -> date | None:
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _is_seen(change: CapacityChange, window: Window) -> bool:
    return change.kind is not Change.SUPPLY and change.overlaps(window)
