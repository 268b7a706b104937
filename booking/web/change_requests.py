"""Change requests: what owners say to a growth that waits, and how a team takes it back."""

from flask import Blueprint, flash
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Invalid
from booking.domain.refusals import Refused
from booking.forms.bookings import ReasonForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.services import change_requests
from booking.web.answers import back, see
from booking.web.approvals import Answered, inbox

bp = Blueprint("change_requests", __name__)


@bp.post("/change-requests/<request_id>/approve")
def approve(request_id):
    """Say yes for what one looks after."""
    number = parse_id(request_id, "change request")
    try:
        change_requests.approve_request(number, actor=current_actor(), now=clock.now())
    except (Conflict, Refused) as problem:
        return inbox(Answered(request_id=number, problem=problem)), 409
    flash(_("Approved."), "success")
    return back("approvals.index")


@bp.post("/change-requests/<request_id>/decline")
def decline(request_id):
    """Say no, with the reason that the team reads."""
    number, form = parse_id(request_id, "change request"), ReasonForm()
    if not form.validate_on_submit() or not form.reason.data:
        form.refuse(Invalid("reason", "Say why; the team reads it."))
        return inbox(Answered(request_id=number, form=form)), 422
    try:
        change_requests.decline_request(number, actor=current_actor(), now=clock.now(), reason=form.reason.data)
    except Conflict as problem:
        return inbox(Answered(request_id=number, problem=problem)), 409
    flash(_("Declined."), "success")
    return back("approvals.index")


@bp.post("/change-requests/<request_id>/withdraw")
def withdraw(request_id):
    """Ask for it no longer; the booking stays as it is."""
    number = parse_id(request_id, "change request")
    ended = change_requests.withdraw_request(number, actor=current_actor(), now=clock.now())
    flash(_("It is withdrawn; the booking stays as it is."), "success")
    return see("bookings.show", booking_id=ended.booking_id)
