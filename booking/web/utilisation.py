"""Utilisation: what was published and what became of it, by place and time; refusals and unmet demand; for everybody.

Teams are named to themselves, and to who looks after what they used.
"""

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _

from booking import clock
from booking.domain.errors import Forbidden
from booking.domain.permissions import may_see_shares
from booking.domain.refused_wishes import by_code, unmet
from booking.domain.utilisation import A_DAY
from booking.http.actor import asking
from booking.http.reading import reading
from booking.http.regions import region_name
from booking.queries import utilisation as questions
from booking.queries.utilisation import By, Sight
from booking.web.lists import asked_by, asked_utilisation
from booking.web.paging import asked_page

bp = Blueprint("utilisation", __name__)

NAMES = {
    By.FACILITY: _("facility"),
    By.RESOURCE: _("pool or dataset"),
    By.REGION: _("region"),
    By.DAY: _("day"),
    By.WEEK: _("week"),
    By.MONTH: _("month"),
    By.TEAM: _("team"),
}
WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
KINDS = {"pool": _("GPU pools"), "dataset": _("datasets")}


@bp.get("/utilisation")
def index():
    """What was published of pools or datasets, and what became of it."""
    now, connection = clock.now(), reading().connection()
    wanted, by = asked_utilisation(now), asked_by()
    found = questions.find(connection, wanted, now)
    lines = lines_by(connection, found, wanted, by)
    asked = asked_page()
    wishes = questions.refused_wishes(connection, wanted)
    facilities, regions, models = questions.choices(connection)
    return render_template(
        "utilisation/index.html",
        wanted=wanted,
        through=wanted.until - A_DAY,
        by=by,
        by_names={one: name for one, name in NAMES.items() if one is not By.TEAM or may_see_shares(asking())},
        page=asked.of(lines[asked.offset : asked.offset + asked.limit]),
        total=questions.total(lines),
        hours=questions.hours(connection, found, wanted),
        weekdays=WEEKDAYS,
        clock_hours=[f"{hour:02}" for hour in range(24)],
        refusals=by_code(wishes),
        unmet=unmet(wishes),
        kinds=KINDS,
        facilities=facilities,
        regions=[(region, region_name(region)) for region in regions],
        models=models,
        csv=_addresses(),
    )


def lines_by(connection, found, wanted, by):
    """The sums by what is asked; Forbidden for who may name no team."""
    if by is not By.TEAM:
        return questions.lines(connection, found, wanted, by)
    if not may_see_shares(asking()):
        raise Forbidden("Only teams, and those who look after what they use, see the shares of teams.")
    return questions.team_lines(connection, found, wanted, Sight.of(asking()))


def _addresses():
    """Where the same numbers are taken away as CSV."""
    said = {name: value for name, value in request.args.items() if name != "page"}
    return {name: url_for(f"exports.{name}", **said) for name in ("utilisation", "hours", "refusals", "unmet")}
