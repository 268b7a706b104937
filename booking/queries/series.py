"""Questions about series: one whole, with its bookings."""

from datetime import date

from sqlalchemy import Connection, bindparam, select

from booking.domain.errors import NotFound
from booking.domain.orders import Claim
from booking.domain.recurrence import read_rule
from booking.domain.series import LocalTimes, Plan, Series
from booking.models.bookings import Booking
from booking.models.resources import Resource
from booking.models.series import Series as SeriesRow
from booking.models.series import SeriesClaim
from booking.models.teams import Team
from booking.queries.bookings import bookings_by_ids

SERIES = (
    select(SeriesRow, Team.slug.label("team"))
    .join(Team, Team.id == SeriesRow.team_id)
    .where(SeriesRow.id == bindparam("id"))
)
LOCK = select(SeriesRow.id).where(SeriesRow.id == bindparam("id")).with_for_update()
CLAIMS = (
    select(SeriesClaim.resource_id, SeriesClaim.units, Resource.slug)
    .join(Resource, Resource.id == SeriesClaim.resource_id)
    .where(SeriesClaim.series_id == bindparam("id"))
    .order_by(SeriesClaim.resource_id)
)
BOOKINGS = select(Booking.id).where(Booking.series_id == bindparam("id")).order_by(Booking.occurrence)


def find_series(connection: Connection, series_id: int, *, history: bool = False) -> Series:
    """A series with its bookings, by their dates; NotFound where there is none."""
    row = connection.execute(SERIES, {"id": series_id}).mappings().one_or_none()
    if row is None:
        raise NotFound("series")
    claims = connection.execute(CLAIMS, {"id": series_id}).all()
    ids = list(connection.scalars(BOOKINGS, {"id": series_id}))
    return Series(
        id=row["id"],
        team=row["team"],
        plan=Plan(
            team_id=row["team_id"],
            rule=read_rule(row["rule"]),
            times=LocalTimes(row["timezone"], row["first_on"], row["local_start"], row["local_end"]),
            claims=tuple(Claim(claim.resource_id, claim.units) for claim in claims),
            purpose=row["purpose"],
            exceptions=_days(row["exceptions"]),
            additions=_days(row["additions"]),
        ),
        version=row["version"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        slugs={claim.resource_id: claim.slug for claim in claims},
        bookings=tuple(bookings_by_ids(connection, ids, history=history)),
    )


def lock_series(connection: Connection, series_id: int) -> Series:
    """The same under a lock, always the last one after those of its bookings."""
    connection.execute(LOCK, {"id": series_id})
    return find_series(connection, series_id)


def _days(texts: list[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in texts)
