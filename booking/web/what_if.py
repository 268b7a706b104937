"""What if: a rule of quota, tried on the bookings that were made."""

from datetime import timedelta

from flask import Blueprint, render_template, request

from booking import clock
from booking.domain.errors import Forbidden, Invalid
from booking.domain.permissions import may_decide_any
from booking.domain.what_if import Would, what_if
from booking.forms.what_if import WhatIfForm
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries.facilities import timezones
from booking.queries.past_claims import past_claims

bp = Blueprint("what_if", __name__, url_prefix="/what-if")

BEGINS = {"days": 90, "kind": "pool", "per": "week"}


@bp.get("")
def index():
    """How many of the last bookings a cap, or a largest number of units, would have refused."""
    actor, now = current_actor(), clock.now()
    if not may_decide_any(actor):
        raise Forbidden("Only operators and stewards look after what is booked here.")
    asked = "days" in request.args
    form = WhatIfForm(formdata=request.args if asked else None, data=BEGINS)
    found = _found(form, actor, now) if asked and form.validate() else None
    page = {"found": found, "total": sum((found or {}).values(), Would())}
    return render_template("what_if/index.html", form=form, **page), 422 if asked and found is None else 200


def _found(form, actor, now):
    """By team what would have been refused; None where the rule says nothing."""
    try:
        rule = form.rule(timezones(reading())[0]).checked()
    except Invalid as invalid:
        form.refuse(invalid)
        return None
    since = now - timedelta(days=form.days.data)
    return what_if(rule, past_claims(reading().connection(), actor, form.kind.data, since))
