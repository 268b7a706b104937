"""Displaced bookings: all that wait, and what an owner or the team itself can do about each with one click."""

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _

from booking import clock
from booking.domain.displacements import OWNERS_CHOICE, TEAMS_CHOICE, Resolution
from booking.domain.errors import Conflict, Invalid, NotFound
from booking.domain.permissions import may_decide, may_edit, may_see_booking
from booking.domain.refusals import Refused
from booking.forms.capacity import TO, decision
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import read_in, say
from booking.queries.bookings import find_booking
from booking.queries.displacements import all_waiting, one_waiting, waiting_of_booking
from booking.services.displacements import resolve_displacement, ways_of
from booking.web.answers import see
from booking.web.paging import asked_page

bp = Blueprint("displacements", __name__)


@bp.get("/displacements")
def index():
    """Every booking that has lost its place and waits: of what one looks after, and of one's teams."""
    page = asked_page()
    found = all_waiting(reading(), current_actor(), limit=page.limit, offset=page.offset)
    return render_template("displacements/index.html", page=page.of(found))


@bp.get("/bookings/<booking_id>/displaced")
def of_booking(booking_id):
    """What can be done with one booking that has lost its place; a link in a letter says what its reader chose."""
    actor, now = current_actor(), clock.now()
    booking = find_booking(reading().connection(), parse_id(booking_id, "booking"))
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")
    waiting = list(waiting_of_booking(reading(), booking.id))
    if waiting:
        read_in(waiting[0].timezone)
    owned = {claim.resource for claim in booking.claims if may_decide(actor, claim.organisation_id, claim.kind)}
    return render_template(
        "displacements/of_booking.html",
        booking=booking,
        waiting=waiting,
        ways={one.id: ways_of(one.id, actor=actor, now=now) for one in waiting},
        owned=owned,
        is_mine=may_edit(actor, booking.team_id, booking.created_by),
        chosen=_chosen(),
        to=TO,
    )


@bp.post("/displacements/<displacement_id>/resolve")
def resolve(displacement_id):
    """Do what a button says."""
    decided = decision(request.form.get("resolution", ""), {*OWNERS_CHOICE, *TEAMS_CHOICE} - {Resolution.LATER})
    if decided is None:
        abort(422)
    number = parse_id(displacement_id, "displacement")
    booking_id = one_waiting(reading(), number).booking_id
    try:
        booking = resolve_displacement(number, decided, actor=current_actor(), now=clock.now())
    except (Conflict, Invalid, Refused) as problem:
        for reason in problem.refusals if isinstance(problem, Refused) else [problem]:
            flash(say(reason), "danger")
        return see(".of_booking", booking_id=booking_id)
    flash(_("It is done."), "success")
    return see("bookings.show", booking_id=booking.id)


def _chosen() -> str:
    """The value of the button that a letter's link stands for."""
    if "move" in request.args:
        return TO + request.args["move"]
    return next((verb for verb in ("reduce", "cancel") if verb in request.args), "")
