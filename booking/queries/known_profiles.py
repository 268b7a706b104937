"""What each process remembers of resources to search in: their dense profiles, as of the versions that guard them."""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import BigInteger, Connection, Engine, String, bindparam, cast, func, select, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by

from booking.domain.capacity import NOTHING
from booking.domain.orders import Resource
from booking.domain.policies import Policy
from booking.domain.windows import Window, floor_to_grid
from booking.models.capacity import HeldStep
from booking.models.resources import Resource as ResourceRow
from booking.models.rows import AnyRow
from booking.queries.availability import HELD_AT
from booking.queries.profiles import Profile, Table, Track
from booking.queries.resources import COLUMNS, resources_holding

MOST_BYTES = 256 * 1024 * 1024
"""Profiles of some thousand resources; what was asked for longest ago is forgotten first."""

DAY_MINUTES = 1440
LONGEST_STEP = timedelta(minutes=DAY_MINUTES)

READ = select(*COLUMNS, ResourceRow.version).where(ResourceRow.id.in_(bindparam("ids", expanding=True)))
LATER = (HeldStep.resource_id.in_(bindparam("ids", expanding=True)), HeldStep.at > bindparam("since"))
# Each engine tells thousands of instants fastest in its own way: as arrays of numbers, or as the text that it keeps.
MICROSECONDS = cast(func.date_part("epoch", HeldStep.at) * 1_000_000, BigInteger)
AS_ARRAYS = (
    select(
        HeldStep.resource_id,
        func.array_agg(aggregate_order_by(MICROSECONDS, HeldStep.at)),
        func.array_agg(aggregate_order_by(HeldStep.held, HeldStep.at)),
    )
    .where(*LATER)
    .group_by(HeldStep.resource_id)
)
AS_TEXT = (
    select(HeldStep.resource_id, type_coerce(HeldStep.at, String), HeldStep.held)
    .where(*LATER)
    .order_by(HeldStep.resource_id, HeldStep.at)
)


@dataclass(frozen=True, slots=True)
class Known:
    """A resource without what is held of it, and its profile from `since` on, as of one version.

    Resources of the same grid and policy are `alike`: a wish means the same to them.
    """

    version: int
    since: datetime
    resource: Resource
    profile: Profile
    alike: tuple[int, int]


class Memory:
    """Known resources by id, up to a number of bytes, for all threads of a process."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._guard = threading.Lock()

    def recall(self, versions: Mapping[int, int], since: datetime) -> dict[int, Known]:
        """Those that are known as of these versions, by id, from `since` on."""
        found = {}
        with self._guard:
            for resource_id, version in versions.items():
                known = self._known.get(resource_id)
                if known is not None and known.version == version and known.since <= since:
                    self._known.move_to_end(resource_id)
                    found[resource_id] = known
        return found

    def remember(self, known: Iterable[Known]) -> None:
        """Keep these, and forget what was not asked for longest where there is no room for all."""
        with self._guard:
            for one in known:
                before = self._known.pop(one.resource.id, None)
                self.bytes += one.profile.size_bytes - (before.profile.size_bytes if before else 0)
                self._known[one.resource.id] = one
            while self.bytes > self.most_bytes and self._known:
                _, forgotten = self._known.popitem(last=False)
                self.bytes -= forgotten.profile.size_bytes


VERSION = select(
    ResourceRow.id,
    ResourceRow.slug,
    ResourceRow.kind,
    ResourceRow.state,
    ResourceRow.organisation_id,
    ResourceRow.version,
).where(ResourceRow.slug == bindparam("slug"))

_memories: WeakKeyDictionary[Engine, Memory] = WeakKeyDictionary()


def version_of(connection: Connection, slug: str) -> AnyRow | None:
    """Id, slug, kind, state, owner and version of the resource of this slug; None where there is none."""
    return next(iter(connection.execute(VERSION, {"slug": slug}).all()), None)


def known_table(connection: Connection, row: AnyRow, window: Window, now: datetime) -> Table | None:
    """The levels of a resource (id, version) in a window; None where that begins before today, or is off the grid."""
    known = known_resources(connection, {row.id: row.version}, now)[row.id]
    if window.start < known.since or not known.profile.on_grid:
        return None
    return known.profile.table(Track.of(known.resource.offer), window)


def recalled(engine: Engine, versions: Mapping[int, int], now: datetime) -> dict[int, Known]:
    """Those resources by id that are remembered as of these versions, from the running step on."""
    return _memories.setdefault(engine, Memory(MOST_BYTES)).recall(versions, _since(now))


def known_resources(connection: Connection, versions: Mapping[int, int], now: datetime) -> dict[int, Known]:
    """Resources by id with what is free of them from the running step on.

    `versions` are those of this moment: what another process has changed has another version and is read anew.
    """
    found = recalled(connection.engine, versions, now)
    stale = [resource_id for resource_id in versions if resource_id not in found]
    if stale:
        read = list(_read(connection, stale, _since(now)))
        _memories[connection.engine].remember(read)
        found.update({one.resource.id: one for one in read})
    return found


def _since(now: datetime) -> datetime:
    """Before the running step of every grid, and the same for a whole day."""
    return floor_to_grid(now, DAY_MINUTES) - LONGEST_STEP


def _read(connection: Connection, ids: Collection[int], since: datetime) -> Iterator[Known]:
    # Versions before levels: what is read may be newer than its version says, which is found out, but never older.
    rows = connection.execute(READ, {"ids": ids}).all()
    resources = resources_holding(connection, rows, {row.id: NOTHING for row in rows})
    held = _held_since(connection, ids, since)
    for row in rows:
        resource = resources[row.id]
        offer = Track.of(resource.offer)
        profile = Profile.of(offer, held[row.id], grid_minutes=resource.grid_minutes, since=since)
        yield Known(row.version, since, resource, profile, (resource.grid_minutes, id(_shared(resource.policy))))


@lru_cache(maxsize=10_000)
def _shared(policy: Policy) -> Policy:
    """One and the same object for all equal policies."""
    return policy


def _held_since(connection: Connection, ids: Collection[int], since: datetime) -> dict[int, Track]:
    """What bookings hold of each resource from an instant on."""
    bases = {row.id: row.held or 0 for row in connection.execute(HELD_AT, {"ids": ids, "at": since})}
    later = {"ids": ids, "since": since}
    if connection.dialect.name == "postgresql":
        steps = {one: (instants, levels) for one, instants, levels in connection.execute(AS_ARRAYS, later)}
    else:
        steps = _by_resource(connection.execute(AS_TEXT, later).all())
    return {resource_id: _track(*steps.get(resource_id, ((), ())), base) for resource_id, base in bases.items()}


def _by_resource(rows: Sequence[AnyRow]) -> dict[int, tuple[Sequence[int], Sequence[int]]]:
    texts: defaultdict[int, list[str]] = defaultdict(list)
    levels: defaultdict[int, list[int]] = defaultdict(list)
    for resource_id, at, held in rows:
        texts[resource_id].append(at)
        levels[resource_id].append(held)
    return {
        resource_id: (np.array(own, dtype="datetime64[us]").astype(np.int64).tolist(), levels[resource_id])
        for resource_id, own in texts.items()
    }


def _track(instants: Sequence[int], levels: Sequence[int], base: int) -> Track:
    return Track(np.array(instants, dtype=np.int64), np.array(levels, dtype=np.int64), base)
