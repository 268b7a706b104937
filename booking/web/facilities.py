"""Operating: everything that one looks after, and the forms of facilities."""

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.facilities import NewFacility
from booking.domain.permissions import (
    Actor,
    Role,
    may_administer,
    may_decide_any,
    may_operate,
    may_operate_any,
)
from booking.domain.timezones import known_timezones
from booking.forms.facilities import FacilityForm, NewFacilityForm
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries.availability import levels_at
from booking.queries.displacements import open_counts
from booking.queries.facilities import facilities_of, find_facility
from booking.queries.listings import listings_of
from booking.queries.organisations import operated
from booking.queries.resources import read_resources
from booking.queries.waitlist import counts_waiting
from booking.services.facilities import change_facility, create_facility
from booking.web.answers import form_page, see
from booking.web.lists import asked_words
from booking.web.paging import Shown, asked_page

MOST_OF_EACH = 40

bp = Blueprint("facilities", __name__, url_prefix="/operate")


@bp.get("")
def index():
    """The facilities, pools and datasets that one looks after, what is free of them now, and who waits."""
    actor, now, session = current_actor(), clock.now(), reading()
    if not may_decide_any(actor):
        raise Forbidden("Only operators and stewards look after what is booked here.")
    words = asked_words("q")
    facilities = facilities_of(session, _operated_ids(actor)) if may_operate_any(actor) else []
    listings = [one for one in listings_of(session, actor) if _is_called(one, words)]
    pools = _page([one for one in listings if one.kind == "pool"])
    datasets = _page([one for one in listings if one.kind == "dataset"])
    ids = [one.id for one in (*pools.items, *datasets.items)]
    return render_template(
        "facilities/index.html",
        q=words,
        facilities=_page([one for one in facilities if _is_called(one, words)]),
        pools=pools,
        datasets=datasets,
        levels=levels_at(session.connection(), read_resources(session.connection(), ids), now),
        waiting=open_counts(session, ids),
        queued=counts_waiting(session.connection(), ids),
        may_open=may_operate_any(actor),
        may_publish=may_administer(actor) or bool(actor.organisations(Role.STEWARD)),
    )


@bp.route("/facilities/new", methods=["GET", "POST"])
def new():
    """Open a facility."""
    actor = current_actor()
    if not may_operate_any(actor):
        raise Forbidden("Only operators open facilities.")
    form = NewFacilityForm()
    form.offer(operated(reading(), _operated_ids(actor)))
    if not form.validate_on_submit():
        return _form_page("facilities/new.html", form)

    asked = NewFacility(form.slug.data, form.organisation.data, form.words())
    try:
        facility = create_facility(asked, actor=actor, now=clock.now())
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return _form_page("facilities/new.html", form)
    flash(_("%(name)s is open. Add pools to it.", name=facility.name), "success")
    return see(".index")


@bp.route("/facilities/<slug>/edit", methods=["GET", "POST"])
def edit(slug):
    """Say other words of a facility."""
    actor, facility = current_actor(), find_facility(reading(), slug)
    if not may_operate(actor, facility.organisation_id):
        raise Forbidden("Only operators of %(organisation)s change its facilities.",
                        numbers={"organisation": facility.organisation_name})  # fmt: skip
    form = FacilityForm(obj=facility)
    if not form.validate_on_submit():
        return _form_page("facilities/edit.html", form, facility=facility)

    try:
        change_facility(slug, form.words(), actor=actor, now=clock.now())
    except Invalid as invalid:
        form.refuse(invalid)
        return _form_page("facilities/edit.html", form, facility=facility)
    flash(_("%(name)s is changed.", name=form.name.data), "success")
    return see(".index")


def _is_called(thing, words: str) -> bool:
    return words.casefold() in f"{thing.name} {thing.slug}".casefold()


def _page(found: list) -> Shown:
    """The part of each list that the address asks for; all three are turned together."""
    asked = asked_page(MOST_OF_EACH)
    return asked.of(found[asked.offset : asked.offset + asked.limit])


def _operated_ids(actor: Actor) -> frozenset[int] | None:
    """The organisations whose facilities the actor looks after; None for all."""
    return None if may_administer(actor) else actor.organisations(Role.OPERATOR)


def _form_page(template: str, form: FacilityForm, **context):
    return form_page(template, form, zones=sorted(known_timezones()), **context)
