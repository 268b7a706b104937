"""Questions about the wait list: who waits for what, in which order, and whose turn it is to be looked at."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    extract,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from booking.domain.errors import NotFound
from booking.domain.permissions import OWNER_OF, Actor, may_administer
from booking.domain.queues import PERIOD, Place, Priority, Waiting, in_order, place_of
from booking.domain.teams import GRACE
from booking.domain.waitlist import STANDING, Entry, EntryState, Wish
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim
from booking.models.facilities import Facility
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.models.waitlist import WaitlistEntry as Row
from booking.models.waitlist import WaitlistPriority
from booking.queries import resources, searches

Waited, Beside = aliased(Resource), aliased(Resource)
ENTRIES = (
    select(Row, Team.slug, Team.name, Waited.slug.label("resource"), Beside.slug.label("dataset"))
    .join(Team, Team.id == Row.team_id)
    .outerjoin(Waited, Waited.id == Row.resource_id)
    .outerjoin(Beside, Beside.id == Row.dataset_id)
)
IS_HERE = or_(Row.region.is_(None), Row.region == func.coalesce(Facility.region, Organisation.region))
WAITS_FOR = or_(Row.resource_id == Resource.id, and_(Row.gpu_model == Resource.gpu_model, IS_HERE))
"""Whether an entry waits for a resource; `CLAIMS` counts the dataset beside it too."""

CLAIMS = or_(WAITS_FOR, Row.dataset_id == Resource.id)
QUEUES = (
    select(
        Resource.id.label("resource_id"),
        Row.id,
        Row.team_id,
        Row.created_at,
        func.coalesce(WaitlistPriority.priority, Priority.NORMAL.value).label("priority"),
    )
    .select_from(Resource)
    .join(Organisation, Organisation.id == Resource.organisation_id)
    .outerjoin(Facility, Facility.id == Resource.facility_id)
    .join(Row, CLAIMS)
    .outerjoin(
        WaitlistPriority,
        and_(WaitlistPriority.entry_id == Row.id, WaitlistPriority.organisation_id == Resource.organisation_id),
    )
    .where(Row.state == "waiting", Resource.id.in_(bindparam("resource_ids", expanding=True)))
)
SINCE = bindparam("since", type_=Claim.starts_at.type)
COUNTED_FROM = case((Claim.starts_at < SINCE, SINCE), else_=Claim.starts_at)
SECONDS = extract("epoch", Claim.ends_at) - extract("epoch", COUNTED_FROM)
USED = (
    select(
        Claim.resource_id,
        Booking.team_id,
        func.sum(Claim.units * (extract("epoch", Claim.ends_at) - extract("epoch", COUNTED_FROM))).label(
            "unit_seconds"
        ),
    )
    .join(Booking, Booking.id == Claim.booking_id)
    .where(
        Claim.resource_id.in_(bindparam("resource_ids", expanding=True)),
        Claim.ends_at > SINCE,
        Claim.starts_at < Claim.ends_at,
        Booking.team_id.in_(bindparam("team_ids", expanding=True)),
    )
    .group_by(Claim.resource_id, Booking.team_id)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entry stands in the queue of one resource."""

    resource_id: int
    resource: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are asked for; empty means any. `own` are those of the asker's teams alone."""

    team: str = ""
    resource: str = ""
    states: Collection[EntryState] = ()
    own: bool = False


TARGETS = (
    select(Row.id.label("entry_id"), Resource.id, Resource.slug, Resource.name)
    .select_from(Row)
    .join(Resource, or_(Row.resource_id == Resource.id, Row.gpu_model == Resource.gpu_model))
    .join(Organisation, Organisation.id == Resource.organisation_id)
    .outerjoin(Facility, Facility.id == Resource.facility_id)
    .where(Row.id.in_(bindparam("ids", expanding=True)), WAITS_FOR, Resource.state == "published")
)


@dataclass(frozen=True, slots=True)
class Queued:
    """An entry in the queue of one resource."""

    entry: Entry
    waiting: Waiting


def find_entry(connection: Connection, entry_id: int) -> Entry:
    """One entry; NotFound where there is none."""
    found = entries_by_ids(connection, [entry_id])
    if not found:
        raise NotFound("wait-list entry")
    return found[0]


def lock_entry(connection: Connection, entry_id: int) -> Entry:
    """One entry, locked, always after resources, grants and booking."""
    connection.execute(select(Row.id).where(Row.id == entry_id).with_for_update())
    return find_entry(connection, entry_id)


def entries_by_ids(connection: Connection, ids: Sequence[int]) -> list[Entry]:
    """Entries in the order of `ids`; unknown ids are left out."""
    rows = {row.id: row for row in connection.execute(ENTRIES.where(Row.id.in_(ids)))} if ids else {}
    return [_entry(rows[found]) for found in ids if found in rows]


def queue_of(connection: Connection, resource_id: int, now: datetime) -> list[Queued]:
    """Everybody who waits for a resource, or for a seat of it beside another, in the order of their turns."""
    queue = in_order(queues(connection, [resource_id], now)[resource_id], now)
    entries = {entry.id: entry for entry in entries_by_ids(connection, [one.entry_id for one in queue])}
    return [Queued(entries[one.entry_id], one) for one in queue if one.entry_id in entries]


def queues(connection: Connection, resource_ids: Iterable[int], now: datetime) -> dict[int, list[Waiting]]:
    """Who waits for each of some resources, in no order; two statements for all of them."""
    ids = sorted(set(resource_ids))
    rows = connection.execute(QUEUES, {"resource_ids": ids}).all() if ids else []
    used = _used(connection, ids, {row.team_id for row in rows}, now)
    found: dict[int, list[Waiting]] = {each: [] for each in ids}
    for row in rows:
        hours = used.get((row.resource_id, row.team_id), 0)
        found[row.resource_id].append(Waiting(row.id, row.created_at, Priority(row.priority), hours))
    return found


def standings(connection: Connection, entries: Iterable[Entry], now: datetime) -> dict[int, list[Standing]]:
    """Where entries that wait stand on each resource that could serve them, by entry, the best place first."""
    waiting = [entry.id for entry in entries if entry.state is EntryState.WAITING]
    rows = connection.execute(TARGETS, {"ids": waiting}).all() if waiting else []
    lines = queues(connection, {row.id for row in rows}, now)
    found: dict[int, list[Standing]] = {}
    for row in rows:
        if any(one.entry_id == row.entry_id for one in lines[row.id]):
            place = place_of(row.entry_id, lines[row.id], now)
            found.setdefault(row.entry_id, []).append(Standing(row.id, row.slug, row.name, place))
    return {entry_id: sorted(own, key=lambda one: (one.place.position, one.name)) for entry_id, own in found.items()}


def candidates(connection: Connection, wish: Wish) -> Sequence[AnyRow]:
    """The resources that could serve a wish, by id; of a model only what is published."""
    if wish.resource_id is not None:
        return resources.read_resources(connection, [wish.resource_id])
    wanted = searches.Wanted(kind="pool", gpu_models=(wish.gpu_model,), regions=(wish.region,) if wish.region else ())
    found = searches.candidates(connection, wanted)
    return sorted(found, key=lambda row: row.id)


def waited_for(connection: Connection, entry_id: int) -> Sequence[AnyRow]:
    """The resources (id, slug, name, kind, organisation_id) that an entry waits for, or wants a seat of, by id."""
    wanted = (
        select(Resource.id, Resource.slug, Resource.name, Resource.kind, Resource.organisation_id)
        .join(Organisation, Organisation.id == Resource.organisation_id)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .join(Row, CLAIMS)
        .where(Row.id == entry_id, Resource.state != "draft")
        .order_by(Resource.id)
    )
    return connection.execute(wanted).all()


def wishes_waiting(connection: Connection, team_id: int) -> list[Wish]:
    """What a team waits for, or has been offered."""
    wanted = ENTRIES.where(Row.team_id == team_id, Row.state.in_([state.value for state in STANDING]))
    return [_entry(row).wish for row in connection.execute(wanted)]


def owing_resources(connection: Connection) -> list[int]:
    """The resources that owe the list a look."""
    return list(connection.scalars(select(Resource.id).where(Resource.owes_look).order_by(Resource.id)))


def owing_entries(connection: Connection, resource_ids: Collection[int] | None = None) -> list[int]:
    """The entries whose team has more quota than at the last look; of some resources only where they are named."""
    wanted = select(Row.id).where(Row.owes_look).order_by(Row.id)
    if resource_ids is not None:
        wanted = wanted.where(
            select(Resource.id)
            .where(Resource.id.in_(sorted(resource_ids)), Row.gpu_model == Resource.gpu_model)
            .exists()
            | Row.resource_id.in_(sorted(resource_ids))
            | Row.dataset_id.in_(sorted(resource_ids))
        )
    return list(connection.scalars(wanted))


def waiting_entries(connection: Connection) -> list[int]:
    """Every entry that waits."""
    return list(connection.scalars(select(Row.id).where(Row.state == "waiting").order_by(Row.id)))


def ended_entries(connection: Connection, now: datetime) -> list[int]:
    """The entries that wait although no window of theirs can begin any more, or their team has lost its standing."""
    last_start = extract("epoch", Row.latest) - Row.min_seconds
    given_up = or_(Team.approved_until <= now, Team.suspended_at <= now - GRACE)
    wanted = select(Row.id).join(Team, Team.id == Row.team_id)
    over = or_(last_start < int(now.timestamp()), given_up)
    return list(connection.scalars(wanted.where(Row.state == "waiting", over).order_by(Row.latest, Row.id)))


def entries_listed(
    connection: Connection, actor: Actor, wanted: Filter, *, before: int | None = None, limit: int, offset: int = 0
) -> list[Entry]:
    """The entries that an actor may see, the newest first, from the one before `before` on: those of his teams, and
    those that wait for what he looks after; an administrator sees all."""
    ids = select(Row.id).order_by(Row.id.desc()).limit(limit).offset(offset)
    ids = ids.where(_of_teams(actor) if wanted.own else or_(_of_teams(actor), _waits_for_what(actor)))
    if wanted.team:
        ids = ids.where(Row.team_id == select(Team.id).where(Team.slug == wanted.team).scalar_subquery())
    if wanted.resource:
        ids = ids.where(_claims_any(Resource.slug == wanted.resource))
    if wanted.states:
        ids = ids.where(Row.state.in_([state.value for state in wanted.states]))
    if before is not None:
        ids = ids.where(Row.id < before)
    return entries_by_ids(connection, list(connection.scalars(ids)))


def counts_waiting(connection: Connection, resource_ids: Iterable[int]) -> dict[int, int]:
    """How many wait for each resource."""
    wanted = (
        select(Resource.id, func.count(Row.id).label("waiting"))
        .join(Organisation, Organisation.id == Resource.organisation_id)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .join(Row, CLAIMS)
        .where(Resource.id.in_(sorted(set(resource_ids))), Row.state == "waiting")
        .group_by(Resource.id)
    )
    return {row.id: row.waiting for row in connection.execute(wanted)}


def entry_of_booking(connection: Connection, booking_id: int) -> int | None:
    """The entry that a booking was offered to, or made from; None for any other booking."""
    return connection.scalar(select(Row.id).where(Row.booking_id == booking_id))


def _used(
    connection: Connection, resource_ids: Collection[int], team_ids: Collection[int], now: datetime
) -> dict[tuple[int, int], int]:
    """What teams have had of resources in the period, in unit-seconds, by resource and team."""
    if not team_ids:
        return {}
    asked = {"resource_ids": resource_ids, "since": now - PERIOD, "team_ids": sorted(team_ids)}
    return {(row.resource_id, row.team_id): int(row.unit_seconds) for row in connection.execute(USED, asked)}


def _of_teams(actor: Actor) -> ColumnElement[bool]:
    return Row.team_id.in_(sorted(actor.teams)) if actor.teams else false()


def _waits_for_what(actor: Actor) -> ColumnElement[bool]:
    """Whether an entry waits for something that the actor looks after."""
    if may_administer(actor):
        return true()
    owned = [
        and_(Resource.kind == kind, Resource.organisation_id.in_(sorted(actor.organisations(role))))
        for kind, role in OWNER_OF.items()
        if actor.organisations(role)
    ]
    return _claims_any(or_(*owned)) if owned else false()


def _claims_any(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    wanted: Select[int] = (
        select(Resource.id)
        .join(Organisation, Organisation.id == Resource.organisation_id)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .where(CLAIMS, condition)
    )
    return wanted.correlate(Row).exists()


def _entry(row: AnyRow) -> Entry:
    wish = Wish(
        team_id=row.team_id,
        units=row.units,
        min_seconds=row.min_seconds,
        max_seconds=row.max_seconds,
        span=Window(row.earliest, row.latest),
        resource_id=row.resource_id,
        gpu_model=row.gpu_model or "",
        region=row.region or "",
        dataset_id=row.dataset_id,
        purpose=row.purpose,
        take_automatically=row.take_automatically,
    )
    return Entry(
        id=row.id,
        team=row.slug,
        team_name=row.name,
        state=EntryState(row.state),
        wish=wish,
        resource=row.resource or "",
        dataset=row.dataset or "",
        booking_id=row.booking_id,
        created_at=row.created_at,
        created_by=row.created_by,
        closed_at=row.closed_at,
        reason=row.reason,
    )
