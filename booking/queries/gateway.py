"""Questions of the gateway: what access to a dataset depends on, and what has been fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from booking.domain.errors import NotFound
from booking.domain.gateway import GIB, Entrance, Pass, Stock
from booking.domain.permits import Sensitivity, last_end
from booking.domain.policies import Policy
from booking.domain.teams import Standing, TeamState
from booking.models.bookings import Claim
from booking.models.gateway import DataAccess
from booking.models.resources import Resource
from booking.models.teams import Membership, Team
from booking.models.users import User
from booking.queries.bases import accepted_by, permitted_until, versions_of
from booking.queries.bookings import bookings_by_ids
from booking.queries.lent import STILL_IN

STOCK = select(
    Resource.id,
    Resource.slug,
    Resource.name,
    Resource.organisation_id,
    Resource.access,
    Resource.seats,
    Resource.state,
    Resource.withdrawn_at,
    Resource.sensitivity,
    Resource.files_root,
    Resource.files_folder,
    Resource.policy,
).where(Resource.kind == "dataset")
STANDINGS = select(Team.id, Team.state, Team.approved_until, Team.suspended_at)
TAKEN = func.coalesce(
    func.sum(case((DataAccess.ended_at.is_(None), DataAccess.promised), else_=DataAccess.sent)), 0
)  # fmt: skip
LOG = (
    select(
        DataAccess.id,
        DataAccess.booking_id,
        Resource.slug.label("dataset"),
        Resource.name.label("dataset_name"),
        Team.slug.label("team"),
        User.email.label("by"),
        DataAccess.path,
        DataAccess.status,
        DataAccess.why,
        DataAccess.first_byte,
        DataAccess.promised,
        DataAccess.sent,
        DataAccess.at,
        DataAccess.ended_at,
    )
    .join(Resource, Resource.id == DataAccess.resource_id)
    .outerjoin(Team, Team.id == DataAccess.team_id)
    .outerjoin(User, User.id == DataAccess.user_id)
)


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of the log; `dataset` and `team` are slugs, `by` the address of the person, empty for a visitor."""

    id: int
    booking_id: int | None
    dataset: str
    dataset_name: str
    team: str | None
    by: str | None
    path: str
    status: int
    why: str
    first_byte: int
    promised: int
    sent: int
    at: datetime
    ended_at: datetime | None


def stock_of(connection: Connection, dataset_id: int) -> Stock:
    """A dataset as the gateway sees it; NotFound where there is none."""
    row = connection.execute(STOCK.where(Resource.id == dataset_id)).one_or_none()
    if row is None:
        raise NotFound("dataset")
    most = Policy.read(row.policy).max_gib_per_booking
    return Stock(
        id=row.id,
        slug=row.slug,
        name=row.name,
        organisation_id=row.organisation_id,
        access=row.access,
        needs_booking=row.seats is not None,
        is_published=row.state == "published",
        withdrawn_at=row.withdrawn_at,
        sensitivity=Sensitivity(row.sensitivity or Sensitivity.PUBLIC),
        root=row.files_root,
        folder=row.files_folder or "",
        most_bytes=None if most is None else most * GIB,
    )


def entrance_of(connection: Connection, given: Pass, now: datetime) -> Entrance:
    """What the access of a pass depends on at this moment; NotFound where the booking does not claim the dataset."""
    stock = stock_of(connection, given.dataset_id)
    found = bookings_by_ids(connection, [given.booking_id], history=False) if given.booking_id else []
    booking = found[0] if found else None
    if given.booking_id and (booking is None or stock.id not in booking.resource_ids):
        raise NotFound("booking")
    teams = _teams_of(connection, given.user_id, now)
    versions = versions_of(connection, [stock.id]).get(stock.id, [])
    asking = [booking.team_id] if booking else sorted(teams)
    permits = permitted_until(connection, [stock.id], asking) if stock.sensitivity is Sensitivity.RESTRICTED else {}
    return Entrance(
        stock=stock,
        booking=booking,
        standing=_standing(connection, booking.team_id) if booking else None,
        signed_in=_is_known(connection, given.user_id),
        is_member=booking is not None and booking.team_id in teams,
        versions=versions,
        accepted=accepted_by(connection, [stock.id], [given.user_id]).get((given.user_id, stock.id), 0)
        if versions
        else 0,
        permitted_until=last_end(permits.values()),
    )


def bytes_taken(connection: Connection, booking_id: int, dataset_id: int) -> int:
    """What a booking has fetched of a dataset, with what is on its way."""
    taken = select(TAKEN).where(DataAccess.booking_id == booking_id, DataAccess.resource_id == dataset_id)
    return int(connection.scalar(taken) or 0)


def accesses_of(
    connection: Connection,
    *,
    booking_id: int | None = None,
    dataset_id: int | None = None,
    before: int | None = None,
    limit: int | None,
    offset: int = 0,
) -> Sequence[Logged]:
    """The log of a booking or of a dataset, the newest first, from the line before `before` on."""
    chosen = LOG.order_by(DataAccess.id.desc()).limit(limit).offset(offset)
    if booking_id is not None:
        chosen = chosen.where(DataAccess.booking_id == booking_id)
    if dataset_id is not None:
        chosen = chosen.where(DataAccess.resource_id == dataset_id)
    if before is not None:
        chosen = chosen.where(DataAccess.id < before)
    return [Logged(**row._mapping) for row in connection.execute(chosen)]


def lost_downloads(connection: Connection, since: datetime) -> list[int]:
    """Downloads that nobody has heard of since then: the process that sent them has died."""
    chosen = select(DataAccess.id).where(DataAccess.ended_at.is_(None), DataAccess.seen_at < since)
    return list(connection.scalars(chosen.order_by(DataAccess.id).limit(1_000)))


def claimed_with_files(connection: Connection, booking_id: int) -> dict[str, int]:
    """The datasets that a booking claims and whose files are known here: ids by slug."""
    chosen = (
        select(Resource.slug, Resource.id)
        .join(Claim, Claim.resource_id == Resource.id)
        .where(Claim.booking_id == booking_id, Resource.kind == "dataset", Resource.files_root.is_not(None))
    )
    return {row.slug: row.id for row in connection.execute(chosen.order_by(Resource.slug))}


def _teams_of(connection: Connection, user_id: int, now: datetime) -> set[int]:
    """The teams that an open account is in at an instant."""
    chosen = select(Membership.team_id).join(User, User.id == Membership.user_id)
    return set(connection.scalars(chosen.where(Membership.user_id == user_id, User.active, STILL_IN), {"now": now}))


def _is_known(connection: Connection, user_id: int) -> bool:
    return bool(user_id) and connection.scalar(select(User.active).where(User.id == user_id)) is True


def _standing(connection: Connection, team_id: int) -> Standing:
    row = connection.execute(STANDINGS.where(Team.id == team_id)).one()
    return Standing(TeamState(row.state), row.approved_until, row.suspended_at)
