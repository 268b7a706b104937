"""Calendars of teams, pools and datasets that other programs subscribe to."""

from flask import Blueprint, Response, current_app, flash, render_template
from flask_babel import gettext as _

from booking import clock
from booking.domain.calendars import feed_id_of, is_token_of
from booking.domain.errors import Conflict, NotFound
from booking.forms.feeds import FeedForm
from booking.http.actor import current_actor
from booking.http.feeds import address_of, feed_text
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.feeds import feeds_of, living_feed
from booking.services.feeds import create_feed, revoke_feed
from booking.web.answers import see
from booking.web.order_forms import menu_of, teams_of

bp = Blueprint("feeds", __name__, url_prefix="/feeds")


@bp.route("", methods=["GET", "POST"])
def index():
    """One's own calendars with their addresses; make another."""
    actor = current_actor()
    form = FeedForm().offer(
        [(team.slug, team.name) for team in teams_of(reading(), actor) if team.id in actor.teams],
        [(row.slug, row.name) for row in menu_of(reading()).rows],
    )
    if not form.validate_on_submit():
        return _page(actor, form), 422 if form.is_submitted() else 200

    noun, _colon, slug = form.subject.data.partition(":")
    try:
        create_feed(**{noun: slug}, actor=actor, now=clock.now())
    except (Conflict, NotFound) as problem:
        form.refuse(problem)
        return _page(actor, form), 422
    flash(
        _("The calendar is made. Whoever knows its address can read it; end it if it got into wrong hands."), "success"
    )
    return see("feeds.index")


@bp.post("/<feed_id>/revoke")
def revoke(feed_id):
    """End an address."""
    revoke_feed(parse_id(feed_id, "calendar"), actor=current_actor(), now=clock.now())
    flash(_("The address of the calendar leads nowhere from now on."), "success")
    return see("feeds.index")


@bp.get("/<token>.ics")
def read(token):
    """The calendar, for whoever knows the address; it is dead once its owner may not see it any more."""
    now = clock.now()
    feed, owner = living_feed(reading(), feed_id_of(token), now)
    if not is_token_of(token, feed.id, feed.key, current_app.config["SECRET_KEY"]):
        raise NotFound("calendar")
    answer = Response(feed_text(feed, owner, now), content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


def _page(actor, form):
    feeds = feeds_of(reading(), actor)
    return render_template(
        "feeds/index.html", feeds=feeds, addresses={one.id: address_of(one) for one in feeds}, form=form
    )
