"""Counter-offers: an owner answers a waiting booking with another window or quantity."""

from flask import Blueprint, flash
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import NotFound, Problem
from booking.domain.permissions import may_decide, may_see_booking
from booking.domain.refusals import Refused
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries import agendas
from booking.queries.bookings import find_booking
from booking.services.counter_offers import counter_offer
from booking.web.answers import form_page, see
from booking.web.order_forms import claims_of, counter_offer_form, menu_of
from booking.web.reasons import in_names

bp = Blueprint("counter_offers", __name__)


@bp.route("/bookings/<booking_id>/counter-offer", methods=["GET", "POST"])
def new(booking_id):
    """Offer another window or quantity instead of what waits; its team accepts or declines."""
    booking = _answered_by_reader(booking_id)
    menu = menu_of(reading(), booking.resource_ids)
    form = counter_offer_form(menu, booking)
    page = {"booking": booking, "places": agendas.places(reading().connection(), booking.resource_ids)}
    if not form.validate_on_submit():
        return form_page("counter_offers/new.html", form, **page)

    hold_until = form.answer_by()
    if form.hold_until.errors:
        return form_page("counter_offers/new.html", form, **page)
    try:
        offered = counter_offer(
            booking.id,
            window=form.window,
            claims=claims_of(form, menu),
            hold_until=hold_until,
            actor=current_actor(),
            now=clock.now(),
            reason=form.reason.data,
        )
    except (Refused, Problem) as problem:
        form.refuse(in_names(problem, menu.names))
        return form_page("counter_offers/new.html", form, **page)
    flash(_("The team is offered this instead, and told until when to answer."), "success")
    return see("bookings.show", booking_id=offered.id)


def _answered_by_reader(booking_id: str):
    """A booking that claims something the reader looks after."""
    actor = current_actor()
    booking = find_booking(reading().connection(), parse_id(booking_id, "booking"))
    is_seen = may_see_booking(actor, booking.team_id, booking.owners)
    if not is_seen or not any(may_decide(actor, claim.organisation_id, claim.kind) for claim in booking.claims):
        raise NotFound("booking")
    return booking
