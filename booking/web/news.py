"""News of the catalogue as Atom, for whoever looks out for capacity and data."""

from flask import Blueprint, Response, render_template, url_for

from booking import clock
from booking.http.reading import reading
from booking.queries.news import newest

MOST_IN_FEED = 50

bp = Blueprint("news", __name__)


@bp.get("/news.atom")
def feed():
    """What can be booked since lately, outages and closures with their reasons, and published cases."""
    found = newest(reading().connection(), limit=MOST_IN_FEED)
    updated = found[0].at if found else clock.now()
    here = url_for("news.feed", _external=True)
    text = render_template("news/feed.atom.xml", news=found, updated=updated, here=here)
    return Response(text, mimetype="application/atom+xml")
