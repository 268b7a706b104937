"""Rates: what a charged hour of a resource costs, over time."""

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Invalid
from booking.domain.settlements import rate_at
from booking.forms.rates import RateForm
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries.settlements import rates_of
from booking.services import settlements
from booking.web.answers import see
from booking.web.owned import owned

bp = Blueprint("rates", __name__, url_prefix="/operate")


@bp.route("/resources/<slug>/rates", methods=["GET", "POST"])
def index(slug):
    """Every rate of a resource, and a form for the next."""
    now, listing = clock.now(), owned(slug)
    form = RateForm(zone=listing.timezone)
    if not form.validate_on_submit():
        return _page(listing, form, now)
    try:
        settlements.set_rate(slug, form.asked(now), actor=current_actor(), now=now)
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return _page(listing, form, now)
    flash(_("The rate is set."), "success")
    return see(".index", slug=slug)


def _page(listing, form, now):
    rates = rates_of(reading().connection(), listing.id)
    page = render_template(
        "rates/index.html", listing=listing, form=form, rates=rates, present=rate_at(rates, now), now=now
    )
    return (page, 422) if form.errors or form.reasons else page
