"""Series: a list of dates to choose from, booking them together, and changing or cancelling what is still to come."""

from dataclasses import dataclass, field

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock
from booking.domain.errors import Conflict, Invalid, NotFound, Problem, Stale
from booking.domain.permissions import may_decide_any
from booking.domain.refusals import Refusal, Refused
from booking.domain.series import Series
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.series import find_series
from booking.services.series import preview_series, request_series
from booking.services.series_edits import cancel_series, change_series, preview_series_change
from booking.web import series_pages
from booking.web.answers import form_page, see
from booking.web.bookings import key_of
from booking.web.live import is_live, reasons_of, still_missing
from booking.web.order_forms import booking_form, claims_of, menu_of, new_word, team_said, teams_of
from booking.web.reasons import in_names, refusal_in_names

bp = Blueprint("series", __name__)


@bp.post("/series/new")
def new():
    """Show what would become of each date of what is repeated, or book the dates that are ticked."""
    actor, now, session = current_actor(), clock.now(), reading()
    menu = menu_of(session)
    form = booking_form(menu, teams_of(session, actor), actor, now)
    page = {"for_others": may_decide_any(actor)}
    team_id = team_said(session, form) if form.validate_on_submit() else None
    if team_id is None and is_live():
        return render_template("series/new.html", form=form, missing=still_missing(form), **page)
    if team_id is None:
        return form_page("series/new.html", form, **page)

    days = series_pages.chosen_days(form)
    said = {"actor": actor, "now": now, "reason": form.reason.data or ""}
    try:
        plan = form.plan(team_id, claims_of(form, menu))
        if days is not None:
            return _book(form, plan, days, said)
        preview = preview_series(plan, **said)
    except Invalid as invalid:
        form.refuse(invalid)
        if is_live():
            return render_template("series/new.html", form=form, missing=still_missing(form), **page)
        return form_page("series/new.html", form, **page)
    except Refused as refused:
        if not any(reason.field.startswith("dates.") for reason in refused.refusals):
            named = in_names(refused, menu.names)
            form.refuse(named)
            return form_page("series/new.html", form, refusals=reasons_of(form, named), **page)
        form.refuse(Conflict("Some of these dates fit no more, and nothing was booked. Look at the list again."))
        form.once.data = new_word()
        preview = preview_series(plan, **said)
    page |= {
        "rows": series_pages.rows_of(menu, preview, series_pages.left_out()),
        "skipped": preview.skipped,
        "words": series_pages.rule_in_words(plan.rule.from_first(plan.times.first)),
    }
    return render_template("series/new.html", form=form, **page), 200 if days is None else 409


@bp.get("/series/<series_id>")
def show(series_id):
    """One series: its dates, and what can be done with those that are still to come."""
    return _show_page(_visible(series_id))


@bp.route("/series/<series_id>/edit", methods=["GET", "POST"])
def edit(series_id):
    """Change the times or the claims of what is still to come, or of the dates from one on."""
    series, now, session = _visible(series_id), clock.now(), reading()
    menu = menu_of(session, [claim.resource_id for claim in series.plan.claims])
    form = series_pages.change_form(series, menu, now)
    page = {"series": series, **series_pages.whole_series(session, series, current_actor(), now)}
    if not form.validate_on_submit():
        if is_live():
            return render_template("series/edit.html", form=form, missing=still_missing(form), **page)
        return form_page("series/edit.html", form, **page)

    version = int(form.version.data) if (form.version.data or "").isdigit() else 0
    wanted = series_pages.wanted_of(form, series, menu)
    asked = {"actor": current_actor(), "now": now, "version": version}
    try:
        if form.save.data:
            change_series(series.id, wanted, **asked)
            flash(_("The bookings have been changed."), "success")
            return see("series.show", series_id=series.id)
        page["changed"] = preview_series_change(series.id, wanted, **asked)
    except Refused as refused:
        page["refusals"] = _by_date(refused, menu)
        form.refuse(Conflict("Not every date would fit, and nothing was changed. The reasons stand beside the dates."))
        return form_page("series/edit.html", form, **page)
    except Problem as problem:
        form.refuse(problem)
        if isinstance(problem, Stale):
            form.version.data = problem.version
        return form_page("series/edit.html", form, reasons=reasons_of(form, problem), **page)
    return render_template("series/edit.html", form=form, **page)


@bp.post("/series/<series_id>/cancel")
def cancel(series_id):
    """Give up what is still to come, or the dates from one on."""
    series, now, actor = _visible(series_id), clock.now(), current_actor()
    form = series_pages.cancel_form(series, now)
    if not form.validate_on_submit():
        return _show_page(series, form), 422
    said = form.price.data or ""
    if said.isdigit() and series_pages.whole_series(reading(), series, actor, now)["total_price"] > int(said):
        flash(_("Time has passed, and this costs more now than the page said. Decide once more."), "warning")
        return see("series.show", series_id=series.id)
    since = series_pages.day_of(form)
    try:
        cancel_series(series.id, since=since, actor=actor, now=now, reason=form.reason.data or "")
    except Conflict as conflict:
        form.refuse(conflict)
        return _show_page(_visible(series_id), form), 409
    flash(_("The bookings have been cancelled."), "success")
    return see("series.show", series_id=series.id)


@dataclass
class OfDate:
    """What is refused of one date."""

    day: str
    reasons: list[Refusal] = field(default_factory=list)


def _by_date(refused: Refused, menu) -> list[OfDate]:
    """Refusals by their dates, in order of time."""
    found: dict[str, OfDate] = {}
    for refusal in refused.refusals:
        day = refusal.numbers["date"]
        found.setdefault(day, OfDate(day)).reasons.append(refusal_in_names(refusal, menu.names))
    return list(found.values())


def _book(form, plan, days, said):
    series = request_series(plan, days=days, key=key_of(form), **said)
    number = len(series.bookings)
    flash(ngettext("%(num)s booking was made.", "%(num)s bookings were made.", number), "success")
    return see("series.show", series_id=series.id)


def _visible(series_id: str) -> Series:
    """The series as far as the asker may see it."""
    series = find_series(reading().connection(), parse_id(series_id, "series")).seen_by(current_actor())
    if not series.bookings:
        raise NotFound("series")
    return series


def _show_page(series: Series, form=None) -> str:
    now = clock.now()
    return render_template(
        "series/show.html",
        series=series,
        form=form or series_pages.cancel_form(series, now, formdata=False),
        **series_pages.whole_series(reading(), series, current_actor(), now),
    )
