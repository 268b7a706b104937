"""Operators' forms of pools."""

from flask import Blueprint, flash
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.permissions import may_own
from booking.domain.policies import Policy
from booking.forms.resources import NewPoolForm, PoolForm, filled, policy_shown
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries.facilities import find_facility
from booking.services import resources
from booking.services.pools import create_pool
from booking.web.answers import form_page, see
from booking.web.owned import owned

bp = Blueprint("pools", __name__, url_prefix="/operate")


@bp.route("/facilities/<facility>/pools/new", methods=["GET", "POST"])
def new(facility):
    """Add a pool to a facility."""
    actor, place = current_actor(), find_facility(reading(), facility)
    if not may_own(actor, place.organisation_id, "pool"):
        raise Forbidden("Only operators of %(organisation)s add pools here.",
                        numbers={"organisation": place.organisation_name})  # fmt: skip
    form = NewPoolForm(data={"policy": policy_shown(Policy())})
    if not form.validate_on_submit():
        return form_page("pools/new.html", form, facility=place)

    try:
        pool = create_pool(form.asked(facility), actor=actor, now=clock.now())
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return form_page("pools/new.html", form, facility=place)
    flash(_("%(name)s is added. Now say what it offers.", name=pool.name), "success")
    return see("capacity.index", slug=pool.slug)


@bp.route("/pools/<slug>/edit", methods=["GET", "POST"])
def edit(slug):
    """Say other words of a pool, or set other rules."""
    pool = owned(slug, "pool")
    form = PoolForm(data=filled(pool))
    if not form.validate_on_submit():
        return form_page("pools/edit.html", form, pool=pool)

    try:
        resources.change_resource(slug, form.given(), actor=current_actor(), now=clock.now())
    except Invalid as invalid:
        form.refuse(invalid)
        return form_page("pools/edit.html", form, pool=pool)
    flash(_("%(name)s is changed.", name=form.name.data), "success")
    return see("facilities.index")
