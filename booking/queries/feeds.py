"""Questions about feeds: whose they are, whether they live, and what stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from booking.domain.bookings import Booking
from booking.domain.capacity_changes import PublishedChange
from booking.domain.errors import NotFound
from booking.domain.permissions import Actor, may_own
from booking.models.bookings import Booking as BookingRow
from booking.models.bookings import Claim, History
from booking.models.feeds import Feed as FeedRow
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.models.users import User
from booking.queries.bookings import bookings_by_ids
from booking.queries.capacity_changes import changes_of
from booking.queries.users import actor_by_email

LOOK_BACK = timedelta(days=90)
MOST = 1_000

FEEDS = (
    select(
        FeedRow.id,
        FeedRow.user_id,
        FeedRow.team_id,
        FeedRow.resource_id,
        FeedRow.key,
        FeedRow.created_at,
        FeedRow.revoked_at,
        User.email,
        Team.slug.label("team"),
        Team.name.label("team_name"),
        Resource.slug.label("resource"),
        Resource.name.label("resource_name"),
        Resource.kind,
        Resource.state,
        Resource.organisation_id,
    )
    .join(User, User.id == FeedRow.user_id)
    .outerjoin(Team, Team.id == FeedRow.team_id)
    .outerjoin(Resource, Resource.id == FeedRow.resource_id)
)


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar of a team or of a resource; the slug and the name are those of either."""

    id: int
    key: str
    team_id: int | None
    resource_id: int | None
    kind: str
    slug: str
    name: str
    created_at: datetime


def feeds_of(session: Session, actor: Actor) -> Sequence[Feed]:
    """The feeds of a person that have an address, the newest first; those of teams that were left have none."""
    chosen = FEEDS.where(FeedRow.user_id == actor.user_id, FeedRow.revoked_at.is_(None)).order_by(FeedRow.id.desc())
    return [_feed(row) for row in session.execute(chosen) if _lives(row, actor)]


def living_feed(session: Session, feed_id: int, now: datetime) -> tuple[Feed, Actor]:
    """A feed and its owner; NotFound where it was revoked, its owner's account is closed, or they left the team."""
    row = session.execute(FEEDS.where(FeedRow.id == feed_id)).one_or_none()
    owner = actor_by_email(session, row.email, now) if row is not None else None
    if row is None or owner is None or row.revoked_at is not None or not _lives(row, owner):
        raise NotFound("calendar")
    return _feed(row), owner


def feed_bookings(session: Session, feed: Feed, now: datetime) -> list[tuple[Booking, datetime]]:
    """What a feed shows, each with the instant of its last move: of a team all, of a resource what claims it.

    What ended is there for a while, so that programs which come back hear of it.
    """
    connection = session.connection()
    ids = list(connection.scalars(_ids(feed, now)))
    moved = select(History.booking_id, func.max(History.at).label("at")).where(History.booking_id.in_(ids))
    last = {row.booking_id: row.at for row in connection.execute(moved.group_by(History.booking_id))}
    found = bookings_by_ids(connection, ids, history=False)
    return [(booking, last.get(booking.id, booking.created_at)) for booking in found]


def feed_changes(session: Session, feed: Feed, now: datetime) -> list[PublishedChange]:
    """Outages and closures of a feed's resource that are not long over."""
    if feed.resource_id is None:
        return []
    changes = changes_of(session, feed.resource_id)
    return [
        one
        for one in changes
        if one.kind != "supply" and (one.ends_at is None or one.ends_at > now - LOOK_BACK) and one.window is not None
    ]


def _ids(feed: Feed, now: datetime) -> Select[int]:
    chosen = select(BookingRow.id).where(BookingRow.ends_at > now - LOOK_BACK)
    if feed.team_id is not None:
        chosen = chosen.where(BookingRow.team_id == feed.team_id)
    else:
        claims = select(Claim.booking_id).where(
            Claim.booking_id == BookingRow.id, Claim.resource_id == feed.resource_id
        )
        chosen = chosen.where(claims.exists())
    return chosen.order_by(BookingRow.starts_at.desc(), BookingRow.id).limit(MOST)


def _lives(row: AnyRow, owner: Actor) -> bool:
    if row.team_id is not None:
        return row.team_id in owner.teams
    return bool(row.state != "draft" or may_own(owner, row.organisation_id, row.kind))


def _feed(row: AnyRow) -> Feed:
    words: dict[str, Any] = {
        "kind": "team" if row.team_id is not None else row.kind,
        "slug": row.team or row.resource,
        "name": row.team_name or row.resource_name,
    }
    return Feed(row.id, row.key, row.team_id, row.resource_id, created_at=row.created_at, **words)
