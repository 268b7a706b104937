"""Regions: what each has to show of supply, demand, utilisation, lists and cases."""

from flask import Blueprint, render_template

from booking import clock
from booking.http.reading import reading
from booking.http.words import read_in
from booking.queries import regions

MOST_POOLS = 40
"""The page of a region shows so many; the catalogue has them all."""

bp = Blueprint("regions", __name__, url_prefix="/regions")


@bp.get("")
def index():
    """Every region, with how much of each it has."""
    return render_template("regions/index.html", regions=regions.regions(reading(), clock.now()))


@bp.get("/<slug>")
def show(slug):
    """One region."""
    found = regions.highlights(reading(), slug, clock.now(), most_pools=MOST_POOLS + 1)
    if found.pools:
        read_in(found.pools[0].timezone)
    return render_template("regions/show.html", found=found, region=found.region, most=MOST_POOLS)
