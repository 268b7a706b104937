"""Feeds in words: what a calendar says of bookings, to those who may know whose they are and to others."""

import hmac
from datetime import datetime
from hashlib import sha256

from flask import current_app, request, url_for
from flask_babel import force_locale, gettext

from booking.domain.bookings import BookedClaim, Booking
from booking.domain.calendars import Event, calendar, feed_token
from booking.domain.capacity_changes import PublishedChange
from booking.domain.lifecycle import State
from booking.domain.permissions import Actor, may_see_booking
from booking.http.reading import reading
from booking.http.states import state_name
from booking.http.words import LANGUAGES, said, units
from booking.queries.agendas import Place, places, team_names
from booking.queries.feeds import Feed, feed_bookings, feed_changes

GONE = frozenset({State.CANCELLED, State.DECLINED, State.EXPIRED, State.NO_SHOW, State.REVOKED})


def address_of(feed: Feed) -> str:
    """Where a feed is found; whoever knows it can read it."""
    token = feed_token(feed.id, feed.key, current_app.config["SECRET_KEY"])
    return url_for("feeds.read", token=token, _external=True)


def feed_text(feed: Feed, owner: Actor, now: datetime) -> str:
    """The calendar in its owner's language."""
    session = reading()
    found = feed_bookings(session, feed, now)
    connection = session.connection()
    named = places(connection, {each for booking, _ in found for each in booking.resource_ids})
    teams = team_names(connection, {booking.team_id for booking, _ in found})
    language = owner.language if owner.language in LANGUAGES else current_app.config["DEFAULT_LANGUAGE"]
    with force_locale(language):
        events = [
            _known(booking, moved, teams[booking.team_id], named)
            if may_see_booking(owner, booking.team_id, booking.owners)
            else _anonymous(booking, moved, feed)
            for booking, moved in found
            if booking.team_id == feed.team_id or booking.holds or booking.state in GONE
        ]
        return calendar(feed.name, [*events, *(_outage(one, feed) for one in feed_changes(session, feed, now))])


def _known(booking: Booking, moved: datetime, team: str, named: dict[int, Place]) -> Event:
    claims = ", ".join(
        str(
            gettext(
                "%(units)s of %(resource)s", units=units(each.units, each.kind), resource=named[each.resource_id].name
            )
        )
        for each in booking.claims
    )
    return Event(
        uid=f"booking-{booking.id}@{_host()}",
        sequence=booking.version,
        window=booking.window,
        summary=f"{team}: {claims} ({state_name(booking.state)})",
        changed_at=moved,
        description=booking.purpose,
        address=url_for("bookings.show", booking_id=booking.id, _external=True),
        cancelled=booking.state in GONE,
    )


def _claim(claim: BookedClaim, resource: str) -> str:
    return str(gettext("%(units)s of %(resource)s", units=units(claim.units, claim.kind), resource=resource))


def _anonymous(booking: Booking, moved: datetime, feed: Feed) -> Event:
    """That something is taken, and nothing of whose it is; its identity tells of no other calendar's."""
    count = sum(each.units for each in booking.claims if each.resource_id == feed.resource_id)
    mark = hmac.new(feed.key.encode(), str(booking.id).encode(), sha256).hexdigest()[:24]
    return Event(
        uid=f"taken-{mark}@{_host()}",
        sequence=booking.version,
        window=booking.window,
        summary=str(gettext("%(units)s taken", units=units(count, feed.kind))),
        changed_at=moved,
        cancelled=booking.state in GONE,
    )


def _outage(change: PublishedChange, feed: Feed) -> Event:
    assert change.window is not None  # only those that end are asked for
    what = (
        gettext("closed") if change.units is None else gettext("%(units)s fewer", units=units(change.units, feed.kind))
    )
    return Event(
        uid=f"capacity-{change.id}@{_host()}",
        sequence=0,
        window=change.window,
        summary=f"{feed.name}: {what}",
        changed_at=change.created_at,
        description=said(change.reason),
    )


def _host() -> str:
    return request.host.partition(":")[0]
