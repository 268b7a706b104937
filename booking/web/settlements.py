"""Settlements: what each month cost, who pays what of it, and closing a month by hand."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict
from booking.domain.permissions import may_close_months, may_see_settlements
from booking.domain.settlements import ZONE, by_party, month_named, month_of, name_of
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.http.words import read_in, say
from booking.queries import settlements as questions
from booking.services import settlements

bp = Blueprint("settlements", __name__, url_prefix="/settlements")


@bp.get("")
def index():
    """The lines of a month that the reader may see: closed as they were stored, open as they stand."""
    actor, now = current_actor(), clock.now()
    if not may_see_settlements(actor):
        abort(404)
    read_in(ZONE)
    month, lines = asked_settlement(actor, now)
    closed = questions.closed_months(reading().connection())
    names = dict.fromkeys([name_of(month_of(now)), name_of(month.window), *(name_of(one.window) for one in closed)])
    return render_template(
        "settlements/index.html",
        month=month,
        name=name_of(month.window),
        names=sorted(names, reverse=True),
        lines=lines,
        sums=_sums(lines),
        totals=by_party([(one.resource_kind, one.line) for one in lines]),
        may_close=may_close_months(actor) and month.closed_at is None and month.window.end <= now,
    )


@bp.post("/<month>/close")
def close(month):
    """Close a month, as an administrator."""
    window = month_named(month)
    try:
        settlements.close_month(window, actor=current_actor(), now=clock.now())
    except Conflict as problem:
        flash(say(problem), "danger")
    else:
        flash(_("The month is closed."), "success")
    return redirect(url_for(".index", month=month), code=303)


def asked_settlement(actor, now):
    """The month that the address names, the present one where it names none, and its lines that the actor may see."""
    connection, name = reading().connection(), request.args.get("month", "")
    window = month_named(name) if name else month_of(now)
    month, lines = questions.find_month(connection, window.start)
    return month, questions.visible(connection, lines, actor)


def _sums(lines):
    """The sums of each operator, funder and team: GPU-hours by themselves, access-hours by themselves."""
    return [
        (_("By operator"), by_party([((one.operator_name, one.resource_kind), one.line) for one in lines])),
        (
            _("By funder"),
            by_party([((one.funder_name, one.resource_kind), one.line) for one in lines if one.funder_name]),
        ),
        (_("By team"), by_party([((one.team_name, one.resource_kind), one.line) for one in lines])),
    ]
