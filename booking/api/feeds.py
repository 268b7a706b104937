"""Calls on feeds: one's own calendars, their addresses, and their end."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, listed, show
from booking.domain.errors import NotFound
from booking.http.actor import current_actor
from booking.http.feeds import address_of
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.feeds import Feed, feeds_of
from booking.schemas.base import Page
from booking.schemas.feeds import FeedShape, NewFeed
from booking.services.feeds import create_feed, revoke_feed

bp = Blueprint("feeds", __name__)


@bp.post("/feeds")
@call(body=NewFeed, gives={201: FeedShape}, fails=(404, 409))
def create(body: NewFeed) -> Response:
    """Make a calendar of a team, a pool or a dataset."""
    feed = create_feed(team=body.team or "", resource=body.resource or "", actor=current_actor(), now=clock.now())
    return created(_shape(feed), "api.feeds.read", feed_id=str(feed.id))


@bp.get("/feeds")
@call(query=Page, lists=FeedShape)
def index(query: Page) -> Response:
    """One's own calendars, the newest first."""
    after = query.after(int)
    found = [one for one in feeds_of(reading(), current_actor()) if after is None or one.id < after[0]]
    return listed(found[: query.limit + 1], query, shape=_shape, key=lambda one: [one.id])


@bp.get("/feeds/<feed_id>")
@call(gives={200: FeedShape}, fails=(404,))
def read(feed_id: str) -> Response:
    """One of one's own calendars."""
    return show(_shape(_own(feed_id)))


@bp.post("/feeds/<feed_id>/revoke")
@call(gives={200: FeedShape}, fails=(404,))
def revoke(feed_id: str) -> Response:
    """End the address of a calendar at once."""
    feed = _own(feed_id)
    revoke_feed(feed.id, actor=current_actor(), now=clock.now())
    return show(_shape(feed))


def _own(feed_id: str) -> Feed:
    number = parse_id(feed_id, "calendar")
    found = next((one for one in feeds_of(reading(), current_actor()) if one.id == number), None)
    if found is None:
        raise NotFound("calendar")
    return found


def _shape(feed: Feed) -> FeedShape:
    return FeedShape(
        id=str(feed.id), kind=feed.kind, slug=feed.slug, address=address_of(feed), created_at=feed.created_at
    )
