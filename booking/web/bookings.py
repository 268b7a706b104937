"""Bookings: those of one's teams, one by itself, asking for one, changing one, and everything people do with one."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking import clock
from booking.domain.bookings import Booking
from booking.domain.errors import Conflict, Invalid, NotFound, Problem, Stale
from booking.domain.lifecycle import OPEN, State
from booking.domain.orders import Order
from booking.domain.permissions import may_decide_any, may_see_booking
from booking.domain.refusals import Code, Refused
from booking.forms.bookings import ReasonForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries import agendas
from booking.queries.bookings import find_booking
from booking.services import booking_moves, searches
from booking.services.booking_edits import change_booking, preview_change
from booking.services.bookings import Key, preview_booking, request_booking
from booking.web import previews
from booking.web.answers import form_page, see
from booking.web.booking_pages import agenda, price_of, whole_booking
from booking.web.docking_forms import demand_values
from booking.web.fits import fits_of
from booking.web.live import is_live, reasons_of, still_missing
from booking.web.order_forms import (
    booking_form,
    change_form,
    claims_of,
    menu_of,
    new_word,
    order_of,
    team_said,
    teams_of,
)
from booking.web.paging import asked_page
from booking.web.reasons import in_names, remedies_of

OVER = frozenset(State) - OPEN


class Verb(NamedTuple):
    """What a button does, and what is said when it is done."""

    move: Callable[..., Booking]
    done: LazyString


VERBS = {
    "accept": Verb(booking_moves.accept_booking, _l("You have taken the offer.")),
    "decline": Verb(booking_moves.decline_booking, _l("The booking has been declined.")),
    "cancel": Verb(booking_moves.cancel_booking, _l("The booking has been cancelled.")),
    "check-in": Verb(booking_moves.check_in, _l("You are checked in.")),
    "finish": Verb(booking_moves.finish_booking, _l("The booking is finished; what it did not use is free again.")),
    "revoke": Verb(booking_moves.revoke_booking, _l("The booking has been revoked.")),
}

bp = Blueprint("bookings", __name__)


@bp.get("/bookings")
def index():
    """The bookings of one's teams: what is now, what waits, what comes next; or what is over; or one state."""
    actor, page = current_actor(), asked_page()
    over = request.args.get("show") == "over"
    state = request.args.get("state", "")
    states = {State(state)} if state in set(State) else OVER if over else OPEN
    found = agendas.bookings_of_teams(
        reading().connection(),
        actor.teams,
        states,
        latest_first=states <= OVER,
        limit=page.limit,
        offset=page.offset,
    )
    shown = page.of(found)
    return render_template(
        "bookings/index.html",
        page=shown,
        agenda=agenda(reading(), shown.items, clock.now()),
        show="over" if states <= OVER else "open",
        state=state,
        shown_states=[each for each in State if each in (OVER if states <= OVER else OPEN)],
    )


@bp.get("/bookings/<booking_id>")
def show(booking_id):
    """One booking: what it claims, what can be done with it, and what became of it."""
    return _show_page(_visible(booking_id))


@bp.route("/bookings/new", methods=["GET", "POST"])
def new():
    """Ask for a window: check what would become of it, or book it."""
    actor, now, session = current_actor(), clock.now(), reading()
    menu = menu_of(session)
    form = booking_form(menu, teams_of(session, actor), actor, now)
    page = {"for_others": may_decide_any(actor)}
    team_id = team_said(session, form) if form.validate_on_submit() else None
    if team_id is None and is_live():
        return render_template("bookings/new.html", form=form, missing=still_missing(form), **page)
    if team_id is None:
        return form_page("bookings/new.html", form, **page)

    if form.is_repeated:
        return redirect(url_for("series.new"), code=307)  # the browser sends the form there
    order = order_of(form, menu, team_id)
    page["held"] = previews.seats_held(session, menu, order, now)
    try:
        if form.book.data:
            return _book(form, order, actor, now)
        decision = preview_booking(order, actor=actor, now=now, reason=form.reason.data or "")
        if decision.refusals:
            raise Refused(decision.refusals)
    except (Refused, Invalid) as refused:
        page["remedies"] = remedies_of(refused)
        page["alternatives"] = _instead(refused, menu, order, form.team_said, now)
        page["waiting"] = previews.wait_address(menu, order, form.team_said, refused)
        page["looking"] = demand_values(menu, order, form.team_said, refused)
        named = in_names(refused, menu.names)
        form.refuse(named)
        form.once.data = new_word()
        page["fits"] = fits_of(session.connection(), menu, order)
        return form_page("bookings/new.html", form, refusals=reasons_of(form, named), **page)
    page["preview"] = previews.preview_of(session, menu, order, decision, actor)
    page["fits"] = fits_of(session.connection(), menu, order)
    return render_template("bookings/new.html", form=form, **page)


@bp.route("/bookings/<booking_id>/edit", methods=["GET", "POST"])
def edit(booking_id):
    """Move, extend or shrink a booking, or change its units: what it would cost is said before."""
    booking, now = _visible(booking_id), clock.now()
    menu = menu_of(reading(), booking.resource_ids)
    form = change_form(menu, booking)
    page = {"booking": booking, "places": agendas.places(reading().connection(), booking.resource_ids)}
    if not form.validate_on_submit():
        if is_live():
            return render_template("bookings/edit.html", form=form, missing=still_missing(form), **page)
        return form_page("bookings/edit.html", form, **page)

    version = int(form.version.data) if (form.version.data or "").isdigit() else 0
    wanted = {"window": form.window, "claims": claims_of(form, menu), "actor": current_actor(), "now": now}
    try:
        if form.save.data:
            changed = change_booking(booking.id, **wanted, version=version)
            flash(_changed(changed), "success")
            return see("bookings.show", booking_id=booking.id)
        change = preview_change(booking.id, **wanted, version=version)
        if change.decision.refusals:
            raise Refused(change.decision.refusals)
    except (Refused, Problem) as problem:
        if isinstance(problem, Stale):
            form.version.data = problem.version
            return render_template(
                "bookings/edit.html", form=form, is_stale=True, typed=_typed(form, menu), **page
            ), 412
        page["alternatives"] = _changes_instead(problem, form, menu, booking, now)
        named = in_names(problem, menu.names)
        form.refuse(named)
        page["fits"] = _fits_instead(form, menu, booking)
        return form_page("bookings/edit.html", form, refusals=reasons_of(form, named), **page)
    page["fits"] = _fits_instead(form, menu, booking)
    preview = previews.change_preview(reading(), menu, change)
    return render_template("bookings/edit.html", form=form, preview=preview, typed=_typed(form, menu), **page)


@bp.post("/bookings/<booking_id>/<any('accept', 'check-in', 'finish', 'cancel', 'decline'):verb>")
def act(booking_id, verb):
    """Do what a button of the booking's page says."""
    return _move(booking_id, verb)


@bp.post("/bookings/<booking_id>/revoke")
def revoke(booking_id):
    """Take a booking back, as its resource's owner, with the reason that its team reads."""
    booking, form = _visible(booking_id), ReasonForm()
    if not form.validate_on_submit() or not form.reason.data:
        form.refuse(Invalid("reason", "Say why; the team reads it."))
        return _show_page(booking, form), 422
    return _move(booking_id, "revoke", form.reason.data)


def _move(booking_id: str, verb: str, reason: str = ""):
    """One move of a booking; what stands in its way is said on its page."""
    actor, now = current_actor(), clock.now()
    booking = _visible(booking_id)
    if verb == "cancel" and _costs_more_than_said(booking, now):
        flash(_("Time has passed, and this costs more now than the page said. Decide once more."), "warning")
        return see("bookings.show", booking_id=booking.id)
    try:
        VERBS[verb].move(booking.id, actor=actor, now=now, reason=reason)
    except (Conflict, Refused) as problem:
        return _show_page(_visible(booking_id), problem=problem), 409
    flash(VERBS[verb].done, "success")
    return see("bookings.show", booking_id=booking.id)


def _costs_more_than_said(booking: Booking, now: datetime) -> bool:
    """Whether a cut-off has passed since the page said the price; once it runs, every second costs a little more."""
    said = request.form.get("price", "")
    if not said.isdigit() or booking.window.start <= now:
        return False
    return sum(price_of(booking, State.CANCELLED, now).values()) > int(said)


def _visible(booking_id: str) -> Booking:
    """The booking, where the asker may see it."""
    actor = current_actor()
    booking = find_booking(reading().connection(), parse_id(booking_id, "booking"))
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")
    return booking


def _show_page(booking: Booking, form: ReasonForm | None = None, problem: Exception | None = None) -> str:
    return render_template(
        "bookings/show.html",
        booking=booking,
        form=form or ReasonForm(formdata=None),
        problem=problem,
        **whole_booking(reading(), booking, current_actor(), clock.now()),
    )


def _book(form, order, actor, now):
    booking = request_booking(order, actor=actor, now=now, key=key_of(form), reason=form.reason.data or "")
    flash(_booked(booking), "success")
    return see("bookings.show", booking_id=booking.id)


def _instead(refused, menu, order, team: str, now):
    """What is possible instead, where it is the window that was refused and not the asker."""
    if not isinstance(refused, Refused) or any(each.code is Code.NOT_A_MEMBER for each in refused.refusals):
        return []
    return previews.alternatives(menu, order, team, searches.suggest(order, now=now, by=current_actor().user_id))


def key_of(form) -> Key | None:
    """What makes one booking of a button that is pressed twice: the form's own word, and what was typed."""
    if not form.once.data:
        return None
    typed = [(name, value) for name, value in sorted(request.form.items(multi=True)) if name != "csrf_token"]
    return Key(f"form-{form.once.data[:80]}", sha256(repr(typed).encode()).hexdigest())


def _fits_instead(form, menu, booking: Booking):
    """How what was typed lies in what is offered, where the booking gives up what it has."""
    return fits_of(reading().connection(), menu, _typed_order(form, menu, booking), booking.own_blocks)


def _changes_instead(problem, form, menu, booking: Booking, now):
    """What the booking can become instead of what was refused."""
    if not isinstance(problem, Refused):
        return []
    order = _typed_order(form, menu, booking)
    offers = searches.suggest(order, now=now, by=current_actor().user_id, standing=booking)
    return previews.other_changes(menu, order, booking.id, offers)


def _typed_order(form, menu, booking: Booking) -> Order:
    return Order(booking.team_id, form.window, claims_of(form, menu), booking.purpose)


def _typed(form, menu):
    """What was typed, beside the booking as it is: the window, and name, kind, units and price of each claim."""
    claims = claims_of(form, menu)
    costs = previews.costs_of(menu, form.window, claims)
    return form.window, [(cost, claim.units) for cost, claim in zip(costs, claims, strict=True)]


def _changed(booking: Booking) -> str:
    if booking.change_request is not None:
        return _("The owner is asked for what this adds. The booking stays as it is until then.")
    return _("The booking has been changed.")


def _booked(booking: Booking) -> str:
    if booking.state is State.CONFIRMED:
        return _("Your booking is confirmed.")
    return _("Your booking is waiting for approval.")
