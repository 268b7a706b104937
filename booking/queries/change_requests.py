"""Questions about change requests: one whole, those of bookings, those that wait for somebody, and what is due."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from booking.domain.additions import Block
from booking.domain.change_requests import ChangeRequest, RequestedClaim, RequestState
from booking.domain.errors import NotFound
from booking.domain.windows import Window
from booking.models.bookings import Booking
from booking.models.change_requests import ChangeRequest as RequestRow
from booking.models.change_requests import ChangeRequestBlock as BlockRow
from booking.models.change_requests import ChangeRequestClaim as ClaimRow
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team

REQUESTS = (
    select(*RequestRow.__table__.columns, Booking.team_id, Team.slug)
    .join(Booking, Booking.id == RequestRow.booking_id)
    .join(Team, Team.id == Booking.team_id)
)
OPEN_OF = REQUESTS.where(
    RequestRow.state == RequestState.OPEN, RequestRow.booking_id.in_(bindparam("ids", expanding=True))
)
CLAIMS = (
    select(
        ClaimRow.change_request_id,
        ClaimRow.resource_id,
        ClaimRow.units,
        ClaimRow.approval,
        Resource.slug,
        Resource.kind,
        Resource.organisation_id,
    )
    .join(Resource, Resource.id == ClaimRow.resource_id)
    .where(ClaimRow.change_request_id.in_(bindparam("ids", expanding=True)))
    .order_by(ClaimRow.change_request_id, ClaimRow.resource_id)
)
BLOCKS = (
    select(BlockRow.change_request_id, BlockRow.resource_id, BlockRow.starts_at, BlockRow.ends_at, BlockRow.units)
    .where(BlockRow.change_request_id.in_(bindparam("ids", expanding=True)), BlockRow.starts_at < BlockRow.ends_at)
    .order_by(BlockRow.change_request_id, BlockRow.resource_id, BlockRow.starts_at)
)
DUE = (
    select(RequestRow.booking_id)
    .where(RequestRow.state == RequestState.OPEN, RequestRow.hold_until <= bindparam("now"))
    .order_by(RequestRow.hold_until, RequestRow.id)
)
IN_THE_WAY = (
    DUE.join(ClaimRow, ClaimRow.change_request_id == RequestRow.id)
    .join(Booking, Booking.id == RequestRow.booking_id)
    .where(
        ClaimRow.resource_id.in_(bindparam("resource_ids", expanding=True))
        | (Booking.team_id == bindparam("team_id"))
    )
)  # fmt: skip


def open_of_bookings(connection: Connection, booking_ids: Collection[int]) -> dict[int, ChangeRequest]:
    """The open request of each booking that has one."""
    found = _whole(connection, connection.execute(OPEN_OF, {"ids": list(booking_ids)}).all())
    return {request.booking_id: request for request in found}


def find_request(connection: Connection, request_id: int) -> ChangeRequest:
    """One request, whatever became of it; NotFound where there is none."""
    found = _whole(connection, connection.execute(REQUESTS.where(RequestRow.id == request_id)).all())
    if not found:
        raise NotFound("change request")
    return found[0]


def requests_listed(
    connection: Connection,
    seen: Sequence[ColumnElement[bool]],
    *,
    team: str = "",
    booking_id: int | None = None,
    states: Collection[RequestState] = (),
    before: int | None = None,
    limit: int,
) -> list[ChangeRequest]:
    """Requests of the bookings that are `seen` (conditions on them), the newest first, from the one before `before`."""
    chosen = REQUESTS.where(*seen).order_by(RequestRow.id.desc()).limit(limit)
    if team:
        chosen = chosen.where(Team.slug == team)
    if booking_id is not None:
        chosen = chosen.where(RequestRow.booking_id == booking_id)
    if states:
        chosen = chosen.where(RequestRow.state.in_([state.value for state in states]))
    if before is not None:
        chosen = chosen.where(RequestRow.id < before)
    return _whole(connection, connection.execute(chosen).all())


def bookings_asking(connection: Connection, mine: ColumnElement[bool], *, limit: int) -> list[int]:
    """The bookings with an open request that waits for an owner of whom `mine` is true, the earliest deadline first.

    `mine` is a condition on the resource.
    """
    chosen = (
        select(RequestRow.booking_id)
        .where(RequestRow.state == RequestState.OPEN, _waits_for(mine))
        .order_by(RequestRow.hold_until, RequestRow.id)
        .limit(limit)
    )
    return list(connection.scalars(chosen))


def count_asking(connection: Connection, mine: ColumnElement[bool]) -> int:
    """How many open requests wait for such an owner."""
    chosen = select(func.count(RequestRow.id)).where(RequestRow.state == RequestState.OPEN, _waits_for(mine))
    return connection.scalar(chosen) or 0


def due(connection: Connection, now: datetime, *, limit: int = 1000) -> list[int]:
    """The bookings whose open request nobody answered in time, read without locks."""
    return list(connection.scalars(DUE.limit(limit), {"now": now}))


def in_the_way(connection: Connection, team_id: int, resource_ids: Iterable[int], now: datetime) -> list[int]:
    """Those of them that would free units of some resources, or quota of a team."""
    asked = {"now": now, "team_id": team_id, "resource_ids": sorted(set(resource_ids))}
    return list(dict.fromkeys(connection.scalars(IN_THE_WAY.limit(1000), asked)))


def _waits_for(mine: ColumnElement[bool]) -> ColumnElement[bool]:
    asked = (
        select(ClaimRow.change_request_id)
        .join(Resource, Resource.id == ClaimRow.resource_id)
        .where(ClaimRow.change_request_id == RequestRow.id, ClaimRow.approval == "waiting", mine)
    )
    return asked.exists()


def _whole(connection: Connection, rows: Sequence[AnyRow]) -> list[ChangeRequest]:
    ids = {"ids": [row.id for row in rows]}
    claims: defaultdict[int, list[RequestedClaim]] = defaultdict(list)
    blocks: defaultdict[int, list[Block]] = defaultdict(list)
    for claim in connection.execute(CLAIMS, ids) if rows else ():
        claims[claim.change_request_id].append(_claim(claim))
    for block in connection.execute(BLOCKS, ids) if rows else ():
        window = Window(block.starts_at, block.ends_at)
        blocks[block.change_request_id].append(Block(block.resource_id, window, block.units))
    return [_request(row, claims[row.id], blocks[row.id]) for row in rows]


def _claim(row: AnyRow) -> RequestedClaim:
    return RequestedClaim(
        resource_id=row.resource_id,
        resource=row.slug,
        kind=row.kind,
        organisation_id=row.organisation_id,
        units=row.units,
        approval=row.approval,
    )


def _request(row: AnyRow, claims: Iterable[RequestedClaim], blocks: Iterable[Block]) -> ChangeRequest:
    return ChangeRequest(
        id=row.id,
        booking_id=row.booking_id,
        team_id=row.team_id,
        team=row.slug,
        state=RequestState(row.state),
        window=Window(row.starts_at, row.ends_at),
        claims=tuple(claims),
        blocks=tuple(blocks),
        begins_at=row.begins_at,
        hold_until=row.hold_until,
        created_at=row.created_at,
        created_by=row.created_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        reason=row.reason,
    )
