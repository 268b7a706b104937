"""Questions about many bookings: those that someone may see, the newest first, and how to use what they claim."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, false, select

from booking.domain.bookings import Booking
from booking.domain.change_requests import RequestState
from booking.domain.lifecycle import State
from booking.models.bookings import Booking as BookingRow
from booking.models.bookings import Claim
from booking.models.change_requests import ChangeRequest, ChangeRequestClaim
from booking.models.resources import Resource
from booking.models.teams import Team
from booking.queries.bookings import bookings_by_ids


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose bookings are seen: those of some teams, and those that claim what some organisations own; or all."""

    teams: Collection[int] = ()
    owners: Collection[int] = ()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of them are asked for; empty means any. A window is `since` to `until`, both may be open."""

    team: str = ""
    resource: str = ""
    states: Collection[State] = ()
    since: datetime | None = None
    until: datetime | None = None


def bookings_listed(
    connection: Connection, sight: Sight, wanted: Wanted, *, before: int | None = None, limit: int
) -> list[Booking]:
    """Bookings that are seen and wanted, the newest first, from the one before `before` on."""
    ids = select(BookingRow.id).order_by(BookingRow.id.desc()).limit(limit)
    ids = ids.where(*seen(sight), *_wanted(wanted))
    if before is not None:
        ids = ids.where(BookingRow.id < before)
    return bookings_by_ids(connection, list(connection.scalars(ids)))


def how_to_use(connection: Connection, resource_ids: Collection[int]) -> dict[str, str]:
    """By slug, what the owners of resources have written on how to use them."""
    texts = select(Resource.slug, Resource.how_to_use).where(Resource.id.in_(resource_ids)).order_by(Resource.id)
    return {row.slug: row.how_to_use for row in connection.execute(texts) if row.how_to_use}


def seen(sight: Sight) -> Sequence[ColumnElement[bool]]:
    """The conditions on bookings that are seen; owners see those too that only ask for what is theirs."""
    if sight.everything:
        return ()
    found: ColumnElement[bool] = BookingRow.team_id.in_(sight.teams) if sight.teams else false()
    if sight.owners:
        owned = Resource.organisation_id.in_(sight.owners)
        found |= _claims(owned) | _asks(owned)
    return (found,)


def _wanted(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.team:
        conditions.append(BookingRow.team_id == select(Team.id).where(Team.slug == wanted.team).scalar_subquery())
    if wanted.resource:
        conditions.append(_claims(Resource.slug == wanted.resource))
    if wanted.states:
        conditions.append(BookingRow.state.in_([state.value for state in wanted.states]))
    if wanted.since is not None:
        conditions.append(BookingRow.ends_at > wanted.since)
    if wanted.until is not None:
        conditions.append(BookingRow.starts_at < wanted.until)
    return conditions


def _claims(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    claimed = select(Claim.booking_id).join(Resource, Resource.id == Claim.resource_id)
    return claimed.where(Claim.booking_id == BookingRow.id, condition).exists()


def _asks(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    asked = (
        select(ChangeRequest.booking_id)
        .join(ChangeRequestClaim, ChangeRequestClaim.change_request_id == ChangeRequest.id)
        .join(Resource, Resource.id == ChangeRequestClaim.resource_id)
    )
    is_open = ChangeRequest.state == RequestState.OPEN
    return asked.where(ChangeRequest.booking_id == BookingRow.id, is_open, condition).exists()
