"""The approval inbox: what waits for an owner's answer, and what the evaluator says to it now."""

from flask import Blueprint, abort, flash, render_template
from flask_babel import format_timedelta
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Invalid
from booking.domain.permissions import may_decide_any
from booking.domain.refusals import Refused
from booking.forms.bookings import ReasonForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries import agendas
from booking.services import booking_moves
from booking.services.approvals import answers_now
from booking.web.answers import back
from booking.web.booking_pages import agenda
from booking.web.paging import asked_page
from booking.web.reasons import in_names, refusal_in_names

bp = Blueprint("approvals", __name__)


@bp.get("/approvals")
def index():
    """Everything that waits for the asker's answer, the earliest deadline first."""
    return _inbox()


@bp.post("/approvals/<booking_id>/approve")
def approve(booking_id):
    """Say yes for what one looks after."""
    number = parse_id(booking_id, "booking")
    try:
        booking_moves.approve_booking(number, actor=current_actor(), now=clock.now())
    except (Conflict, Refused) as problem:
        return _inbox(number, problem=problem), 409
    flash(_("Approved."), "success")
    return back("approvals.index")


@bp.post("/approvals/<booking_id>/decline")
def decline(booking_id):
    """Say no, with the reason that the team reads."""
    number, form = parse_id(booking_id, "booking"), ReasonForm()
    if not form.validate_on_submit() or not form.reason.data:
        form.refuse(Invalid("reason", "Say why; the team reads it."))
        return _inbox(number, form=form), 422
    try:
        booking_moves.decline_booking(number, actor=current_actor(), now=clock.now(), reason=form.reason.data)
    except Conflict as problem:
        return _inbox(number, problem=problem), 409
    flash(_("Declined."), "success")
    return back("approvals.index")


def _inbox(answered: int = 0, *, form: ReasonForm | None = None, problem: Exception | None = None) -> str:
    """The page; what was typed for the booking `answered`, and what stood in the way, are shown with it."""
    actor, now, page = current_actor(), clock.now(), asked_page(20)
    if not may_decide_any(actor):
        abort(404)
    found = agendas.bookings_waiting_for(reading().connection(), actor, limit=page.limit, offset=page.offset)
    shown = page.of(found)
    shown_agenda = agenda(reading(), shown.items, now)
    names = {place.slug: place.name for place in shown_agenda.places.values()}
    answers = answers_now(shown.items, now=now)
    return render_template(
        "approvals/index.html",
        page=shown,
        agenda=shown_agenda,
        refusals={number: [refusal_in_names(one, names) for one in told.refusals] for number, told in answers.items()},
        answered=answered,
        form=form,
        problem=in_names(problem, names) if problem else None,
        ages={one.id: format_timedelta(now - one.created_at, threshold=1) for one in shown.items},
    )
