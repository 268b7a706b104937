"""Calls on activities."""

from flask import Blueprint, Response

from booking.api.calls import call, listed, show
from booking.http.reading import reading
from booking.queries.activities import activities, find_activity
from booking.schemas.activities import ActivityShape
from booking.schemas.listings import ActivityFilter

bp = Blueprint("activities", __name__)


@bp.get("/activities")
@call(query=ActivityFilter, lists=ActivityShape, public=True)
def index(query: ActivityFilter) -> Response:
    """The announced activities, by slug."""
    after = query.after(str)
    found = activities(reading(), query.filters, after=after[0] if after else None, limit=query.limit + 1)
    return listed(found, query, shape=ActivityShape.of, key=lambda activity: [activity.slug])


@bp.get("/activities/<activity_id>")
@call(gives={200: ActivityShape}, fails=(404,), public=True)
def read(activity_id: str) -> Response:
    """One activity."""
    return show(ActivityShape.of(find_activity(reading(), activity_id)))
