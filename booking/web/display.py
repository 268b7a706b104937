"""How pages are shown to this reader: light or dark, and in whose time."""

from flask import Blueprint, render_template, request

from booking.domain.timezones import known_timezones
from booking.http.display import SCHEMES, remember
from booking.web.answers import back

bp = Blueprint("display", __name__, url_prefix="/display")


@bp.get("")
def index():
    """Every choice that there is, for who runs no scripts or wants another zone than their own."""
    return render_template("display/index.html", zones=sorted(known_timezones()))


@bp.post("/scheme")
def choose_scheme():
    """Show pages light, dark, or as the reader's system does."""
    chosen = request.form.get("scheme", "")
    answer = back("display.index")
    remember(answer, "scheme", chosen if chosen in SCHEMES else "")
    return answer


@bp.post("/zone")
def choose_zone():
    """Show instants in one zone everywhere, or each in the zone of its place."""
    chosen = request.form.get("zone", "")
    answer = back("display.index")
    remember(answer, "zone", chosen if chosen in known_timezones() else "")
    return answer
