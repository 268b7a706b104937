"""Use cases of feeds: make one, end one."""

import secrets
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.db import transaction
from booking.domain.errors import Conflict, Invalid, NotFound
from booking.domain.permissions import Actor, may_own
from booking.models.feeds import Feed as FeedRow
from booking.models.resources import Resource
from booking.models.teams import Team
from booking.queries.feeds import Feed, living_feed

MOST_FEEDS = 50


def create_feed(*, team: str = "", resource: str = "", actor: Actor, now: datetime) -> Feed:
    """A calendar of a team that one is in, or of a pool or dataset that one can see; NotFound for others."""
    if bool(team) == bool(resource):
        raise Invalid("team", "A calendar is of one thing: a team, or a pool or dataset.")
    with transaction() as session:
        subject = _team(session, team, actor) if team else _resource(session, resource, actor)
        standing = select(func.count()).where(FeedRow.user_id == actor.user_id, FeedRow.revoked_at.is_(None))
        if (session.scalar(standing) or 0) >= MOST_FEEDS:
            raise Conflict("There can be at most %(most)s calendars. End one first.", {"most": MOST_FEEDS})
        feed = FeedRow(user_id=actor.user_id, key=secrets.token_hex(16), created_at=now, **subject)
        session.add(feed)
        session.flush()
        return living_feed(session, feed.id, now)[0]


def revoke_feed(feed_id: int, *, actor: Actor, now: datetime) -> None:
    """End the address of one's own calendar at once; another person's is not found."""
    with transaction() as session:
        feed = session.get(FeedRow, feed_id, with_for_update=True)
        if feed is None or feed.user_id != actor.user_id:
            raise NotFound("calendar")
        feed.revoked_at = feed.revoked_at or now


def _team(session: Session, slug: str, actor: Actor) -> dict[str, int]:
    team_id = session.scalar(select(Team.id).where(Team.slug == slug))
    if team_id is None or team_id not in actor.teams:
        raise NotFound("team")
    return {"team_id": team_id}


def _resource(session: Session, slug: str, actor: Actor) -> dict[str, int]:
    columns = Resource.id, Resource.state, Resource.organisation_id, Resource.kind
    row = session.execute(select(*columns).where(Resource.slug == slug)).one_or_none()
    if row is None or (row.state == "draft" and not may_own(actor, row.organisation_id, row.kind)):
        raise NotFound("resource")
    return {"resource_id": row.id}
