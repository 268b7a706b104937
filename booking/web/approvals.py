"""The approval inbox: what waits for an owner's answer, and what the evaluator says to it now."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import format_timedelta
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Invalid
from booking.domain.orders import Claim
from booking.domain.permissions import may_decide, may_decide_any
from booking.domain.refusals import Refused
from booking.forms.base import BaseForm
from booking.forms.bookings import ReasonForm
from booking.forms.numbers import MOST_DIGITS
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries import agendas
from booking.services import booking_moves
from booking.services.approvals import answers_now, shut_out_by
from booking.web.answers import back
from booking.web.booking_pages import agenda
from booking.web.paging import asked_page
from booking.web.reasons import in_names, refusal_in_names

MOST_REQUESTS = 50
FEWER = "units-"

bp = Blueprint("approvals", __name__)


@dataclass(frozen=True)
class Answered:
    """What somebody has just said to one booking or one change request, and what stood in the way."""

    booking_id: int = 0
    request_id: int = 0
    form: BaseForm | None = None
    problem: Exception | None = None


@bp.get("/approvals")
def index():
    """Everything that waits for the asker's answer, the earliest deadline first."""
    return inbox()


@bp.post("/approvals/<booking_id>/approve")
def approve(booking_id):
    """Say yes for what one looks after, to all of it or to the fewer units that were typed."""
    number = parse_id(booking_id, "booking")
    try:
        booking_moves.approve_booking(number, actor=current_actor(), now=clock.now(), claims=_fewer())
    except Invalid as problem:
        return inbox(Answered(number, problem=problem)), 422
    except (Conflict, Refused) as problem:
        return inbox(Answered(number, problem=problem)), 409
    flash(_("Approved."), "success")
    return back("approvals.index")


@bp.post("/approvals/<booking_id>/decline")
def decline(booking_id):
    """Say no, with the reason that the team reads."""
    number, form = parse_id(booking_id, "booking"), ReasonForm()
    if not form.validate_on_submit() or not form.reason.data:
        form.refuse(Invalid("reason", "Say why; the team reads it."))
        return inbox(Answered(number, form=form)), 422
    try:
        booking_moves.decline_booking(number, actor=current_actor(), now=clock.now(), reason=form.reason.data)
    except Conflict as problem:
        return inbox(Answered(number, problem=problem)), 409
    flash(_("Declined."), "success")
    return back("approvals.index")


def _fewer() -> list[Claim]:
    """The units that were typed for claims of which fewer would do."""
    claims = []
    for name, typed in request.form.items():
        if not name.startswith(FEWER):
            continue
        resource_id, value = name.removeprefix(FEWER), typed.strip()
        if not (resource_id.isascii() and resource_id.isdecimal() and value.isascii() and value.isdecimal()):
            raise Invalid("units", "Say how many units, as a whole number.")
        if len(value) > MOST_DIGITS or len(resource_id) > MOST_DIGITS or int(value) < 1:
            raise Invalid("units", "Say how many units, at least 1.")
        claims.append(Claim(int(resource_id), int(value)))
    return claims


def inbox(answered: Answered = Answered()) -> str:
    """The page; what was typed for the one that was answered, and what stood in the way, are shown with it."""
    actor, now, page = current_actor(), clock.now(), asked_page(20)
    if not may_decide_any(actor):
        abort(404)
    connection = reading().connection()
    shown = page.of(agendas.bookings_waiting_for(connection, actor, limit=page.limit, offset=page.offset))
    asking = agendas.bookings_asking(connection, actor, limit=MOST_REQUESTS) if page.offset == 0 else []
    everything = [*asking, *shown.items]
    shown_agenda = agenda(reading(), everything, now)
    names = {place.slug: place.name for place in shown_agenda.places.values()}
    answers = answers_now(everything, now=now)
    return render_template(
        "approvals/index.html",
        page=shown,
        asking=asking,
        agenda=shown_agenda,
        refusals={number: [refusal_in_names(one, names) for one in told.refusals] for number, told in answers.items()},
        fewer={one.id: _may_be_fewer(one, actor) for one in shown.items},
        shut_out={
            number: [(one.booking_id, [refusal_in_names(each, names) for each in one.refusals]) for one in found]
            for number, found in shut_out_by(shown.items, now=now).items()
        },
        answered=answered,
        problem=in_names(answered.problem, names) if answered.problem else None,
        ages={one.id: format_timedelta(now - one.created_at, threshold=1) for one in shown.items},
        request_ages={one.id: format_timedelta(now - one.change_request.created_at, threshold=1) for one in asking},
    )


def _may_be_fewer(booking, actor):
    """The claims that wait for the actor and of which the team would take fewer."""
    return [
        claim
        for claim in booking.claims
        if claim.least_units and claim.approval == "waiting" and may_decide(actor, claim.organisation_id, claim.kind)
    ]
