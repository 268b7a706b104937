"""Refunds: an owner gives back some of what a booking cost."""

from flask import Blueprint, flash
from flask_babel import gettext as _

from booking import clock
from booking.domain.bookings import Booking
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.permissions import Actor, may_decide, may_see_booking
from booking.forms.grants import RefundForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import hours
from booking.queries.balances import charged_by
from booking.queries.bookings import find_booking
from booking.services.refunds import refund_booking
from booking.web.answers import form_page, see

bp = Blueprint("refunds", __name__)


@bp.route("/bookings/<booking_id>/refund", methods=["GET", "POST"])
def new(booking_id):
    """Give back some of what a booking was charged, with the reason that its team reads."""
    actor = current_actor()
    booking = _to_give_back(parse_id(booking_id, "booking"), actor)
    charged = charged_by(reading().connection(), booking.id)
    claims = [
        (claim, sum(line.unit_seconds for line in charged.get(claim.resource_id, ())))
        for claim in booking.claims
        if may_decide(actor, claim.organisation_id, claim.kind)
    ]
    form = RefundForm()
    form.offer((claim.resource, f"{claim.resource}: {hours(total, claim.kind)}") for claim, total in claims)
    page = {"booking": booking, "total": sum(total for _claim, total in claims)}
    if not form.validate_on_submit():
        return form_page("refunds/new.html", form, **page)

    try:
        refund_booking(
            booking.id,
            form.unit_hours.unit_seconds,
            resource=form.resource.data,
            actor=actor,
            now=clock.now(),
            reason=form.reason.data or "",
        )
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return form_page("refunds/new.html", form, **page)
    flash(_("The refund stands in the ledger of the team."), "success")
    return see("bookings.show", booking_id=booking.id)


def _to_give_back(booking_id: int, actor: Actor) -> Booking:
    """A booking that claims something the actor looks after."""
    booking = find_booking(reading().connection(), booking_id)
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")
    if not any(may_decide(actor, claim.organisation_id, claim.kind) for claim in booking.claims):
        raise Forbidden("Only who looks after a claimed resource can give back what it cost.")
    return booking
