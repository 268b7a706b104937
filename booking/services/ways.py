"""Ways to serve a wish: by resources that are alike, measured and looked up together, each with a seat or without."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.domain.capacity import NOTHING
from booking.domain.limits import pools_elsewhere
from booking.domain.orders import Use
from booking.domain.search import Need, Offer
from booking.domain.windows import Window
from booking.domain.wishes import Asker, Candidate, Measure, Place, Share, measured, ranked
from booking.queries.known_profiles import Known
from booking.queries.profiles import Dense


@dataclass(frozen=True, slots=True)
class Beside:
    """What is wanted together with a resource: a seat of a dataset, or the time in which the team holds one already."""

    seats: tuple[tuple[Known, int], ...] = ()
    held: Known | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Resources of the same policy and grid that would serve a wish in the same way, and its measure with them.

    `room` is that of the first of them.
    """

    alike: Sequence[Known]
    units: int
    beside: Beside
    measure: Measure
    asker: Asker | None
    room: Dense

    def starts(self) -> Iterator[tuple[Known, datetime | None]]:
        """Each of them with where there is room first; None where there is none."""
        seconds, within = self.measure.seconds, self.measure.within
        if self.asker and self.asker.needs(_shares(self.alike[0], self.units, self.beside)):
            for one in self.alike:
                window = self._room_of(one).first(seconds, since=within.start, until=within.end)
                yield one, window.start if window else None
            return
        profiles = [one.profile for one in self.alike]
        starts = self.room.first_starts(profiles, seconds, since=within.start, until=within.end)
        yield from zip(self.alike, starts, strict=True)

    def candidate(self, one: Known) -> Candidate:
        """One of them as something to look at closely."""
        held = self.beside.held
        shares = _shares(one, self.units, self.beside)
        return Candidate(shares, self.measure, self._room_of(one), held.resource.slug if held else "")

    def _room_of(self, one: Known) -> Dense:
        return self.room if one is self.alike[0] else _room(one, self.units, self.beside, self.asker)


def ways(
    known: Iterable[Known],
    units: int,
    besides: Sequence[Beside],
    *,
    lengths: tuple[int, int],
    span: Window,
    now: datetime,
    asker: Asker | None,
) -> Iterator[Way]:
    """How these resources could serve a wish for so many units, as far as their limits tell."""
    groups: defaultdict[tuple[int, int], list[Known]] = defaultdict(list)
    for one in known:
        groups[one.alike].append(one)
    for alike in groups.values():
        for beside in besides:
            usable = [one for one in alike if _is_usable(one, beside)] if beside != Beside() else alike
            measure = measured(_shares(usable[0], units, beside), *lengths, span, now) if usable else None
            if measure is not None:
                yield Way(usable, units, beside, measure, asker, _room(usable[0], units, beside, asker))


def best(
    found: Iterable[Way], preferences: Mapping[int, int], *, now: datetime, limit: int, asker: Asker | None
) -> list[Offer]:
    """The best offers of all ways; of those that start together a smaller preference comes first."""
    served: list[tuple[Known, Way]] = []
    places: list[Place] = []
    for way in found:
        cost = way.measure.cost
        for one, start in way.starts():
            if start is not None:
                resource = one.resource
                places.append(Place(start, preferences.get(resource.id, 0), cost, resource.slug, len(served)))
                served.append((one, way))

    def candidate_at(number: int) -> Candidate:
        one, way = served[number]
        return way.candidate(one)

    return ranked(places, candidate_at, now=now, limit=limit, asker=asker)


def _room(one: Known, units: int, beside: Beside, asker: Asker | None) -> Dense:
    shares = _shares(one, units, beside)
    needs = asker.needs(shares) if asker else []
    if beside.held:
        needs.append(_seat_held(beside.held, asker, one.resource.grid_minutes))
    profiles = {known.resource.id: known.profile for known, _ in ((one, 0), *beside.seats)}
    return Dense({share.resource.id: share.units for share in shares}, profiles, needs, since=one.since)


def _shares(one: Known, units: int, beside: Beside) -> tuple[Share, ...]:
    return (Share(one.resource, units), *(Share(seat.resource, number) for seat, number in beside.seats))


def _is_usable(one: Known, beside: Beside) -> bool:
    """Whether data that is used on site is used at its own place."""
    claimed = [known.resource for known, _ in beside.seats] + ([beside.held.resource] if beside.held else [])
    return not any(pools_elsewhere([one.resource, *claimed]))


def _seat_held(seat: Known, asker: Asker | None, grid_minutes: int) -> Need:
    """Met where the team holds a seat."""
    use = asker.uses.get(seat.resource.id, Use()) if asker else Use()
    return Need(use.units, NOTHING, 1, grid_minutes)
