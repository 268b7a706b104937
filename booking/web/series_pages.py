"""What the pages of series show: rules in words, the list of dates that a plan becomes, forms and prices."""

from dataclasses import dataclass
from datetime import date

from babel.dates import get_day_names
from flask import request
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from booking.domain.bookings import Booking
from booking.domain.lifecycle import State
from booking.domain.permissions import may_cancel, may_edit
from booking.domain.recurrence import Frequency, Rule
from booking.domain.refusals import Refusal
from booking.domain.series import CAN_CANCEL, CAN_CHANGE, Preview, Series
from booking.forms.base import SelectChoice
from booking.forms.series import SeriesCancelForm, SeriesChangeForm, SeriesForm
from booking.http.words import day as day_text
from booking.http.words import read_in
from booking.queries import agendas
from booking.services.series_edits import Wanted
from booking.web.booking_pages import price_of
from booking.web.order_forms import Menu, claims_of
from booking.web.previews import Cost, costs_of
from booking.web.reasons import refusal_in_names


@dataclass(frozen=True)
class Row:
    """One date of a list: its window, whether it is ticked, what it costs, or every reason why not."""

    day: date
    window: object
    chosen: bool
    state: State
    costs: list[Cost]
    reasons: list[Refusal]


def rows_of(menu: Menu, preview: Preview, left_out: set[str]) -> list[Row]:
    """The dates as a list with ticks; those that fit are ticked until somebody leaves them out."""
    rows = []
    for one in preview.judged:
        order, decision, day = one.occurrence.order, one.decision, one.occurrence.day
        fits = not decision.refusals
        reasons = [refusal_in_names(refusal, menu.names) for refusal in decision.refusals]
        ticked = fits and day.isoformat() not in left_out
        rows.append(Row(day, order.window, ticked, decision.state, costs_of(menu, order.window, order.claims), reasons))
    return rows


def left_out() -> set[str]:
    """The dates whose ticks somebody took away in the list before this one."""
    return set(request.form.getlist("listed")) - set(request.form.getlist("dates"))


def chosen_days(form: SeriesForm) -> list[date] | None:
    """The dates that were ticked; None before there was a list."""
    if not form.book_dates.data:
        return None
    found = []
    for text in request.form.getlist("dates"):
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            continue  # no list of ours says so
    return found


def rule_in_words(rule: Rule) -> str:
    """The rule as people say it."""
    return ", ".join(part for part in (_how_often(rule), _how_long(rule)) if part)


def _how_often(rule: Rule) -> str:
    if rule.frequency is Frequency.DAILY:
        return ngettext("every day", "every %(num)s days", rule.interval)
    names = get_day_names("wide", locale=get_locale())
    if rule.frequency is Frequency.WEEKLY:
        every = ngettext("every week", "every %(num)s weeks", rule.interval)
        return _("%(every)s on %(days)s", every=every, days=", ".join(names[each] for each in rule.weekdays))
    every = ngettext("every month", "every %(num)s months", rule.interval)
    if rule.nth is None:
        return _("%(every)s on day %(day)s", every=every, day=rule.month_day)
    weekday = names[rule.nth.weekday]
    if rule.nth.number < 0:
        return _("%(every)s on the last %(weekday)s", every=every, weekday=weekday)
    return _("%(every)s on %(weekday)s number %(number)s", every=every, weekday=weekday, number=rule.nth.number)


def _how_long(rule: Rule) -> str:
    if rule.until is not None:
        return _("until the end of %(day)s", day=rule.until.isoformat())
    return ngettext("%(num)s time", "%(num)s times", rule.count or 1)


def whole_series(session, series: Series, actor, now):
    """Everything that the page of one series shows beside it; it is read in the zone of the series."""
    connection = session.connection()
    resource_ids = {each for booking in series.bookings for each in booking.resource_ids}
    resource_ids |= {claim.resource_id for claim in series.plan.claims}
    read_in(series.plan.times.zone)
    cancellable = series.concerned(None, CAN_CANCEL, now)
    prices = {booking.id: price_of(booking, State.CANCELLED, now) for booking in cancellable}
    team, by = series.plan.team_id, series.created_by
    return {
        "places": agendas.places(connection, resource_ids),
        "team_name": agendas.team_names(connection, [team])[team],
        "words": rule_in_words(series.plan.rule),
        "prices": prices,
        "total_price": sum(cost for costs in prices.values() for cost in costs.values()),
        "can_change": bool(series.concerned(None, CAN_CHANGE, now)) and may_edit(actor, team, by),
        "can_cancel": bool(cancellable) and may_cancel(actor, team, by),
    }


def change_form(series: Series, menu: Menu, now) -> SeriesChangeForm:
    """The form for other times or claims, which begins with those of the series."""
    times = series.plan.times
    by_id = {claim.resource_id: claim.units for claim in series.plan.claims}
    begins = {
        "claims": menu.spread([(menu.by_id[found].slug, units) for found, units in by_id.items()]),
        "start": times.start.time(),
        "end": times.end.time(),
        "days": 0,
        "version": series.version,
    }
    form = SeriesChangeForm(data=begins if request.method == "GET" else None)
    anything = menu.choices()
    chosen = [menu.choices("pool"), menu.choices("dataset")] + [anything] * (len(form.claims.entries) - 2)
    form.offer_rows(chosen)
    form.since.choices = since_choices(series, CAN_CHANGE, now)
    read_in(times.zone)
    return form


def cancel_form(series: Series, now, formdata=True) -> SeriesCancelForm:
    """The form that gives dates up."""
    form = SeriesCancelForm() if formdata else SeriesCancelForm(formdata=None)
    form.since.choices = since_choices(series, CAN_CANCEL, now)
    return form


def since_choices(series: Series, states, now) -> list[SelectChoice]:
    """All that is to come, or each date of it and those after."""
    everything = SelectChoice("", _("all that are still to come"))
    return [everything, *(_since(booking) for booking in series.concerned(None, states, now)[1:])]


def _since(booking: Booking) -> SelectChoice:
    day = booking.occurrence.isoformat()
    return SelectChoice(day, _("%(day)s and those after it", day=f"{day} ({day_text(booking.window.start)})"))


def wanted_of(form: SeriesChangeForm, series: Series, menu: Menu) -> Wanted:
    """What was typed and is different; what was left as it was stays with each booking."""
    plan = series.plan
    start, end = form.times(series)
    back = plan.times.first - (form.day or plan.times.first)
    claims = claims_of(form, menu)
    return Wanted(
        since=form.day,
        start=None if start + back == plan.times.start else start,
        end=None if end + back == plan.times.end else end,
        claims=None if set(claims) == set(plan.claims) else claims,
    )


def day_of(form: SeriesCancelForm) -> date | None:
    """The date from which on dates are given up; None for all."""
    return date.fromisoformat(form.since.data) if form.since.data else None
