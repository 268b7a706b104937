"""Feeds as the API takes and gives them."""

from datetime import datetime

from booking.schemas.base import Body, Reference, Shape


class NewFeed(Body):
    """What a calendar is of: a team that one is in, or a pool or dataset."""

    team: Reference | None = None
    resource: Reference | None = None


class FeedShape(Shape):
    """A calendar; whoever knows its address can read it."""

    id: str
    kind: str
    slug: str
    address: str
    created_at: datetime
