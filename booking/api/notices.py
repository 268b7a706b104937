"""Calls on notices: what one was told, and how one wants to be told."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, listed, show
from booking.domain.digests import Preferences
from booking.domain.wording import TELLS
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries.received import Received, preferences_of, received
from booking.schemas.notices import (
    NewPreferences,
    NoticeFilter,
    NoticeShape,
    PreferencesShape,
    ReadNotices,
    UnreadShape,
)
from booking.services import received as services

bp = Blueprint("notices", __name__)


@bp.get("/notices")
@call(query=NoticeFilter, lists=NoticeShape)
def index(query: NoticeFilter) -> Response:
    """What one was told, the newest first."""
    after = query.after(int)
    found = received(
        reading(),
        current_actor().user_id,
        unread=query.unread,
        before=after[0] if after else None,
        limit=query.limit + 1,
    )
    return listed(found, query, shape=_shape, key=lambda one: [one.id])


@bp.post("/notices/read")
@call(body=ReadNotices, body_optional=True, gives={200: UnreadShape})
def read(body: ReadNotices) -> Response:
    """Have read some of one's notices, or all."""
    numbers = None if body.notices is None else [int(one) for one in body.notices]
    return show(UnreadShape(unread=services.read_notices(numbers, actor=current_actor(), now=clock.now())))


@bp.get("/notices/preferences")
@call(gives={200: PreferencesShape})
def preferences() -> Response:
    """How one is told of what, and when the summary of a day comes."""
    return show(_preferences(preferences_of(reading(), current_actor().user_id)))


@bp.patch("/notices/preferences")
@call(body=NewPreferences, gives={200: PreferencesShape})
def choose(body: NewPreferences) -> Response:
    """Choose how to be told of some events: by mail at once, in the summary of the day, or only in the page."""
    actor = current_actor()
    wanted = body.asked(preferences_of(reading(), actor.user_id))
    return show(_preferences(services.choose_ways(wanted, actor=actor)))


def _shape(one: Received) -> NoticeShape:
    notice = one.part.notice
    return NoticeShape(
        id=str(one.id),
        event=notice.event,
        about=notice.about,
        at=one.at,
        read_at=one.read_at,
        way=one.way,
        said=notice.as_mapping(),
    )


def _preferences(standing: Preferences) -> PreferencesShape:
    ways = {event: standing.way(event) for event in TELLS}
    return PreferencesShape(hour=standing.hour, timezone=standing.timezone, ways=ways)
