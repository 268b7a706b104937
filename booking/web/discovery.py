"""What search engines ask for: which pages there are, and which are none of their business."""

from flask import Blueprint, Response, render_template, url_for

from booking import clock
from booking.http.reading import reading
from booking.queries import catalogue
from booking.queries.editions import editions

MOST_ADDRESSES = 50_000
"""A list of more is refused by those who read it."""

MOST_LISTS = 1_000

PUBLIC = ("pool", "dataset", "scenario", "activity")

bp = Blueprint("discovery", __name__)


@bp.get("/robots.txt")
def robots():
    """The catalogue may be read; forms, accounts and what teams see may not."""
    lines = ("User-agent: *", "Disallow: /api/", "Disallow: /bookings", "Disallow: /sign-in", "Disallow: /register",
             "Disallow: /timeline/", f"Sitemap: {url_for('.sitemap', _external=True)}")  # fmt: skip
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@bp.get("/sitemap.xml")
def sitemap():
    """The address of every public page."""
    lists = [url_for("catalogue.index", kind=kind if kind != "pool" else None, _external=True) for kind in PUBLIC]
    lists += [url_for("editions.index", _external=True)]
    lists += [
        url_for("editions.show", number=one.number, _external=True) for one in editions(reading(), limit=MOST_LISTS)
    ]
    pages = [
        url_for(f"catalogue.{kind}", slug=slug, _external=True)
        for kind, slug in catalogue.addresses(reading(), now=clock.now(), limit=MOST_ADDRESSES - len(lists))
    ]
    return Response(render_template("discovery/sitemap.xml", addresses=[*lists, *pages]), mimetype="application/xml")
