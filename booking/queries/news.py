"""Questions about what is new for everybody: what can be booked, what is taken away for a while, published cases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from booking.domain.outcomes import OutcomeState
from booking.models.capacity import CapacityChange
from booking.models.facilities import Facility
from booking.models.outcomes import Outcome
from booking.models.resources import Resource


@dataclass(frozen=True, slots=True)
class News:
    """One thing that is new: `what` is `opened`, `outage`, `closed` or `case`; `key` stands in the address of its page.

    `kind` is that of the resource; `words` are its description, the reason, or what came of a booking.
    """

    what: str
    at: datetime
    key: str
    name: str
    words: str
    kind: str = ""
    number: int = 0
    units: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    zone: str = "UTC"


def newest(connection: Connection, *, limit: int) -> list[News]:
    """The newest first."""
    found = [*_opened(connection, limit), *_taken_away(connection, limit), *_cases(connection, limit)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


def _opened(connection: Connection, limit: int) -> list[News]:
    chosen = (
        select(Resource.created_at, Resource.slug, Resource.name, Resource.description, Resource.kind)
        .where(Resource.state == "published")
        .order_by(Resource.created_at.desc(), Resource.id.desc())
        .limit(limit)
    )
    return [News("opened", *row) for row in connection.execute(chosen)]


def _taken_away(connection: Connection, limit: int) -> list[News]:
    zone = func.coalesce(Facility.timezone, "UTC")
    chosen = (
        select(
            CapacityChange.kind, CapacityChange.created_at, Resource.slug, Resource.name, CapacityChange.reason,
            Resource.kind.label("of"), CapacityChange.id, func.coalesce(CapacityChange.units, 0),
            CapacityChange.starts_at, CapacityChange.ends_at, zone,
        )
        .join(Resource, Resource.id == CapacityChange.resource_id)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .where(Resource.state == "published", CapacityChange.kind.in_(("outage", "closed")))
        .order_by(CapacityChange.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [News(*row) for row in connection.execute(chosen)]


def _cases(connection: Connection, limit: int) -> list[News]:
    chosen = (
        select(Outcome.decided_at, Outcome.id, Outcome.title, Outcome.results)
        .where(Outcome.state == OutcomeState.PUBLISHED.value)
        .order_by(Outcome.decided_at.desc())
        .limit(limit)
    )
    return [News("case", row.decided_at, str(row.id), row.title, row.results) for row in connection.execute(chosen)]
